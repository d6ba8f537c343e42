import {
  DomainError,
  changedGrace,
  expiryOf,
  maskSecret,
  maxAgeDays,
  newId,
  newSecret,
  openSecret,
  retirementOf,
  sealSecret,
  secretState,
  successionOf,
  type AppId,
  type DistrictId,
  type PlatformEventType,
  type Rotation,
  type SecretLife,
  type TokenId,
} from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
import { dataKey, unwrapDataKey, type WrappedKey } from '../data-keys.js';
import { Grants, Tokens, type GrantRow, type TokenRow } from '../entities.js';
import { lookupOf, type InstallationKeys } from '../keys.js';
import { recordPlatformEvent } from '../platform-events.js';
import { firstRow, rows, type Sql } from '../sql.js';

/** What a token is sealed to: opened anywhere else, it does not. */
interface TokenPlace {
  districtId: DistrictId;
  appId: AppId;
  tokenId: TokenId;
}

function sealContext({ districtId, appId, tokenId }: TokenPlace): string {
  return `${tokenId}|${appId}|${districtId}`;
}

export interface IssuedToken {
  tokenId: TokenId;
  /** The secret. It goes to whoever asked and is kept nowhere but under seal. */
  token: string;
}

/** A token that takes another's place. */
interface Succession {
  replaces?: TokenId | null;
  graceSeconds?: number | null;
  issuedAt?: Date;
}

type GrantPlace = Pick<GrantRow, 'id' | 'districtId' | 'appId'>;

/** Issues a token of a grant, in the transaction that makes the grant good for one. It expires as app and district want it. */
export async function issueToken(
  tx: Sql,
  keys: InstallationKeys,
  grant: GrantPlace,
  { replaces = null, graceSeconds = null, issuedAt = new Date() }: Succession = {},
): Promise<IssuedToken> {
  const { districtId, appId } = grant;
  await lockAge(tx, appId);
  const tokenId = newId<TokenId>();
  const token = newSecret('token');
  const { lookup, pepperVersion } = lookupOf(keys, token);
  await tx.query(
    `insert into tokens (district_id, id, grant_id, app_id, lookup, pepper_version, masked, created_at, expires_at,
       replaces, grace_seconds)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      districtId,
      tokenId,
      grant.id,
      appId,
      lookup,
      pepperVersion,
      maskSecret(token),
      issuedAt,
      expiryOf(await ageDaysOf(tx, grant), issuedAt),
      replaces,
      graceSeconds,
    ],
  );
  const key = await dataKey(tx, keys, { type: 'district', id: districtId });
  await tx.query('insert into token_seals (district_id, token_id, sealed) values ($1, $2, $3)', [
    districtId,
    tokenId,
    sealSecret(key, token, sealContext({ districtId, appId, tokenId })),
  ]);
  return { tokenId, token };
}

/** Keeps an app's policy as it is while its tokens change; taken before any token, as who changes the policy does. */
export async function lockAge(tx: Sql, appId: AppId): Promise<void> {
  await tx.query('select from apps where id = $1 for share', [appId]);
}

/** The greatest age of a token of this grant, in days; null: none is set. */
export async function ageDaysOf(sql: Sql, { appId, districtId }: GrantPlace): Promise<number | null> {
  const row = await firstRow<{ app: number | null; district: number | null }>(
    sql,
    `select a.token_max_age_days app, d.token_max_age_days district from apps a, districts d
     where a.id = $1 and d.id = $2`,
    [appId, districtId],
  );
  return row ? maxAgeDays(row.app, row.district) : null;
}

/** Opens a token's seal, for the app that owns it; undefined when its district's key was destroyed. */
export function unsealToken(
  keys: InstallationKeys,
  place: TokenPlace,
  sealed: Buffer,
  wrapped: WrappedKey,
): string | undefined {
  const key = unwrapDataKey(keys, { type: 'district', id: place.districtId }, wrapped);
  return key && openSecret(key, sealed, sealContext(place));
}

/** Seals the tokens of a district anew, in the transaction that gives it another key. */
export async function resealTokens(tx: Sql, districtId: DistrictId, from: Buffer, to: Buffer): Promise<void> {
  const seals = await rows<TokenPlace & { sealed: Buffer }>(
    tx,
    `delete from token_seals s using tokens t
     where s.district_id = $1 and t.district_id = s.district_id and t.id = s.token_id
     returning s.district_id "districtId", s.token_id "tokenId", t.app_id "appId", s.sealed`,
    [districtId],
  );
  for (const { sealed, ...place } of seals) {
    const context = sealContext(place);
    await tx.query('insert into token_seals (district_id, token_id, sealed) values ($1, $2, $3)', [
      districtId,
      place.tokenId,
      sealSecret(to, openSecret(from, sealed, context), context),
    ]);
  }
}

export type TokenLife = TokenRow & SecretLife;

/** A token's row with the name that its life has in the domain. */
export function lifeOf<Row extends { createdAt: Date }>(row: Row): Row & { issuedAt: Date } {
  return { ...row, issuedAt: row.createdAt };
}

/** Whose token it has to be, for a caller who sees no others; absent for staff. */
export interface TokenOwner {
  appId?: AppId;
  districtId?: DistrictId;
}

interface Held {
  grant: GrantRow;
  /** All tokens of the grant, oldest first. */
  tokens: TokenLife[];
  token: TokenLife;
}

/** A token with its grant, which is locked: of two commands on one grant's tokens the second waits for the first. */
async function hold(tx: EntityManager, id: TokenId, owner: TokenOwner): Promise<Held> {
  const found = await tx.findOneBy(Tokens, { id, ...owner });
  if (!found) throw new DomainError('not-found', 'No token has this id.');
  const { grantId, districtId } = found;
  const grant = await lockGrant(tx, { id: grantId, districtId });
  await lockAge(tx, grant.appId);
  const tokens = await tokensOf(tx, grant);
  const token = tokens.find((each) => each.id === id);
  if (!token) throw new Error('a token of a grant is not among its tokens');
  return { grant, tokens, token };
}

/** The lock is of the key alone, so that a role which may not update every column may take it. */
export async function lockGrant(
  tx: EntityManager,
  { id, districtId }: Pick<GrantPlace, 'id' | 'districtId'>,
): Promise<GrantRow> {
  await tx.query('select from grants where district_id = $1 and id = $2 for no key update', [districtId, id]);
  return tx.findOneByOrFail(Grants, { districtId, id });
}

export async function tokensOf(tx: EntityManager, grant: GrantPlace): Promise<TokenLife[]> {
  const found = await tx.find(Tokens, {
    where: { districtId: grant.districtId, grantId: grant.id },
    order: { createdAt: 'ASC', id: 'ASC' },
  });
  return found.map(lifeOf);
}

function requireUsable(grant: GrantRow): void {
  if (grant.status === 'active' || grant.status === 'paused') return;
  throw new DomainError(
    'grant-action-closed',
    `The grant is ${grant.status}: only a grant that is active or paused has tokens to change.`,
  );
}

export interface RotatedToken extends IssuedToken {
  /** The one that is replaced, and when it retires: null once the new one has been used. */
  replaces: TokenId;
  retiresAt: Date | null;
}

/** Issues a token beside the present one, which goes on for the grace. */
export async function rotateToken(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { tokenId: TokenId; owner?: TokenOwner } & Rotation,
  actor: Actor,
): Promise<RotatedToken> {
  const now = new Date();
  return dataSource.transaction(async (tx) => {
    const { grant, tokens, token } = await hold(tx, command.tokenId, command.owner ?? {});
    requireUsable(grant);
    requireLive(token, now);
    const { secret, retiresAt } = retirementOf(tokens, command, now) ?? {};
    if (!secret) throw new Error('a live token was not found among its own');
    const waits = command.start === 'on-first-use';
    const issued = await issueToken(tx, keys, grant, {
      replaces: secret.id,
      graceSeconds: waits ? command.graceSeconds : null,
    });
    if (retiresAt) await retire(tx, secret, retiresAt);
    const data = { tokenId: issued.tokenId, replaces: secret.id, retiresAt: iso(retiresAt) };
    await tell(tx, actor, grant, 'token.rotated', issued.tokenId, data);
    return { ...issued, replaces: secret.id, retiresAt: retiresAt ?? null };
  });
}

/** Sets when the older of two live tokens retires, in seconds from now; 0 ends it at once. */
export async function changeTokenGrace(
  dataSource: DataSource,
  command: { tokenId: TokenId; owner?: TokenOwner; graceSeconds: number },
  actor: Actor,
): Promise<TokenRow> {
  const now = new Date();
  return dataSource.transaction(async (tx) => {
    const { grant, tokens, token } = await hold(tx, command.tokenId, command.owner ?? {});
    requireLive(token, now);
    const retiresAt = changedGrace(tokens, token, command.graceSeconds, now);
    await retire(tx, token, retiresAt);
    await recordAudit(tx, actor, {
      action: 'token.grace-changed',
      ...subjectOf(grant, token.id),
      before: { retiresAt: token.retiresAt },
      after: { retiresAt },
    });
    return { ...token, retiresAt };
  });
}

export type RevocationReason = 'asked' | 'exposed';

/**
 * Revokes a token at once. A grant that may be read is never left without a token that lasts: its successor is issued in the
 * same transaction, and given back.
 */
export async function revokeToken(
  dataSource: DataSource,
  keys: InstallationKeys,
  command: { tokenId: TokenId; owner?: TokenOwner; reason: RevocationReason },
  actor: Actor,
): Promise<{ token: TokenRow; successor: IssuedToken | null }> {
  const now = new Date();
  return dataSource.transaction(async (tx) => {
    const { grant, tokens, token } = await hold(tx, command.tokenId, command.owner ?? {});
    if (token.revokedAt) return { token, successor: null };
    await tx.query(
      'update tokens set revoked_at = $3, changed_at = clock_timestamp() where district_id = $1 and id = $2',
      [grant.districtId, token.id, now],
    );
    await recordAuthorityChange(tx, 'token', token.id);
    const type = command.reason === 'exposed' ? 'token.exposed' : 'token.revoked';
    await tell(tx, actor, grant, type, token.id, { tokenId: token.id });
    token.revokedAt = now;
    const successor = await succeed(tx, keys, grant, tokens, now, actor);
    return { token, successor };
  });
}

/** Issues the successor that a grant in use needs, if it needs one. */
export async function succeed(
  tx: EntityManager,
  keys: InstallationKeys,
  grant: GrantRow,
  tokens: readonly TokenLife[],
  now: Date,
  actor: Actor,
  leadMs = 0,
): Promise<IssuedToken | null> {
  if (grant.status !== 'active' && grant.status !== 'paused') return null;
  const needed = successionOf(tokens, now, leadMs);
  if (!needed) return null;
  if (needed.retires) await retire(tx, needed.retires, now);
  const issued = await issueToken(tx, keys, grant, { issuedAt: now });
  await tell(tx, actor, grant, 'token.issued', issued.tokenId, { tokenId: issued.tokenId });
  return issued;
}

function requireLive(token: TokenLife, now: Date): void {
  const state = secretState(token, now);
  if (state !== 'live') throw new DomainError('secret-ended', `The token is ${state}, and that is for good.`);
}

async function retire(tx: Sql, { districtId, id }: TokenRow, retiresAt: Date): Promise<void> {
  await tx.query(
    'update tokens set retires_at = $3, changed_at = clock_timestamp() where district_id = $1 and id = $2',
    [districtId, id, retiresAt],
  );
  await recordAuthorityChange(tx, 'token', id);
}

/** Writes down what became of a token, for staff and for its app. */
export async function tell(
  tx: Sql,
  actor: Actor,
  grant: GrantPlace,
  type: PlatformEventType,
  tokenId: TokenId,
  data: Record<string, string | number | null>,
): Promise<void> {
  await recordAudit(tx, actor, { action: type, ...subjectOf(grant, tokenId), after: data });
  const { appId, districtId, id: grantId } = grant;
  await recordPlatformEvent(tx, { type, appId, districtId, data: { grantId, ...data } });
}

function subjectOf({ districtId }: GrantPlace, tokenId: TokenId) {
  return { subjectType: 'token', subjectId: tokenId, districtId };
}

function iso(date: Date | null | undefined): string | null {
  return date?.toISOString() ?? null;
}
