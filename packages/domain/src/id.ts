import { hash, randomBytes } from 'node:crypto';

/** 24 lower-case hex characters, globally unique: the only shape an id has on the wire. */
export type Id<Kind extends string> = string & { readonly __id: Kind };
export type PartnerId = Id<'partner'>;
export type AppId = Id<'app'>;
export type DistrictId = Id<'district'>;
export type GrantId = Id<'grant'>;
export type TokenId = Id<'token'>;
export type AccessTokenId = Id<'access-token'>;
export type ClientSecretId = Id<'client-secret'>;
export type InvitationId = Id<'invitation'>;
export type ApiKeyId = Id<'api-key'>;
export type ImportId = Id<'import'>;
export type RecordId = Id<'record'>;
export type PlatformEventId = Id<'platform-event'>;
export type WebhookId = Id<'webhook'>;
export type DeliveryId = Id<'delivery'>;
export type OperatorId = Id<'operator'>;
export type ProposalId = Id<'proposal'>;
export type PreviewId = Id<'preview'>;
export type ErrandId = Id<'errand'>;

const HEX_24 = /^[0-9a-f]{24}$/;

/** True of 24 lower-case hex characters and of nothing else. */
export function isId(text: string): boolean {
  return HEX_24.test(text);
}

/** The text as an id, or undefined when it is not one; upper case is folded, for ids copied from elsewhere. */
export function parseId<T extends Id<string>>(text: string): T | undefined {
  const folded = text.toLowerCase();
  return isId(folded) ? (folded as T) : undefined;
}

/** A fresh id: 96 random bits. Ids order pages and nothing else, so they carry no time. */
export function newId<T extends Id<string>>(): T {
  return randomBytes(12).toString('hex') as T;
}

/**
 * The id of a roster record, for as long as its district stays: the first 96 bits of SHA-256 over a key of the
 * district, the kind and the source id (cut to 96 of 256 bits, it cannot be extended as a whole hash could). The same person imported again, after whatever absence, keeps the id without a table
 * of identities; the key keeps outsiders from confirming a guessed source id. Ids carried from elsewhere win over it.
 */
export function recordIdOf(districtKey: Buffer, kind: string, sourceId: string): RecordId {
  const digest = hash('sha256', `${districtKey.toString('hex')}\0${kind}\0${sourceId}`);
  return digest.slice(0, 24) as RecordId;
}
