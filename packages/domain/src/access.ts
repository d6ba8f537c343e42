import type { Grant } from './grant.js';
import type { AccessTokenId, ApiKeyId, AppId, DistrictId, GrantId, TokenId } from './id.js';
import type { ReadingPolicies } from './rate-override.js';
import { slowedKeyPolicy, type LimitPolicy } from './rate.js';
import { secretState, type SecretLife } from './secret-life.js';
import type { SharingRule } from './sharing-rule.js';
import {
  sunsetNotice,
  sunsetStage,
  type SunsetExtension,
  type SunsetNotice,
  type SunsetPlan,
} from './sunset.js';

/** Whether an API key still stands; `revoked` ends it. */
export const KEY_STATUSES = ['active', 'revoked'] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** The bearer secret of one grant. It carries no permission: what it opens is read from the grant, now. */
export interface TokenCredential extends Pick<SecretLife, 'retiresAt' | 'expiresAt' | 'revokedAt'> {
  type: 'token';
  id: TokenId;
  grantId: GrantId;
}

/** A short-lived token of the same grant, given for the app's client credentials. It too opens what the grant opens now. */
export interface AccessTokenCredential {
  type: 'access-token';
  id: AccessTokenId;
  grantId: GrantId;
  issuedAt: Date;
  expiresAt: Date;
  /** Its own end, or that of the client secret or public key that it was given for. */
  revokedAt: Date | null;
}

/** The legacy credential, app-wide. */
export interface KeyCredential {
  type: 'api-key';
  id: ApiKeyId;
  appId: AppId;
  status: KeyStatus;
}

export type Credential = TokenCredential | AccessTokenCredential | KeyCredential;

/** Every reason for which a credential that was found opens nothing. Closed: each has one problem and one remedy. */
export const REFUSAL_REASONS = [
  'token-revoked',
  'token-rotated',
  'token-expired',
  'grant-requested',
  'grant-paused',
  'grant-revoked',
  'grant-not-started',
  'grant-ended',
  'grant-narrowing',
  'key-revoked',
  'key-brownout',
  'key-refused',
  'app-disabled',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What a credential opens in one district. */
export interface DistrictScope {
  grantId: GrantId;
  districtId: DistrictId;
  rule: SharingRule;
  /** From this instant on no longer; null: until revoked. */
  endsAt: Date | null;
}

export type AccessDecision =
  | {
      allowed: true;
      /** One district for a token; for a key the districts of the app's usable grants, by id. */
      scopes: readonly DistrictScope[];
      /** The limits that each use of this credential meets, in order. */
      policies: readonly LimitPolicy[];
      notice: SunsetNotice | null;
    }
  | { allowed: false; reason: RefusalReason; notice: SunsetNotice | null };

/** What the decision needs to know besides the credential. */
export interface AccessFacts {
  app: {
    id: AppId;
    isEnabled: boolean;
    extension: SunsetExtension | null;
    /** A sunset plan of its own; null: the one for all. */
    plan: SunsetPlan | null;
  };
  /** The token's own grant, or all grants of the key's app. */
  grants: readonly Grant[];
  /** The sunset plan for all. */
  plan: SunsetPlan;
  /** The policies in force for ordinary use, as this app and the token's district meet them. */
  policies: ReadingPolicies;
}

/** The decision that every service takes, for each request anew: whether this credential opens anything now, and what. */
export function decideAccess(credential: Credential, facts: AccessFacts, now: Date): AccessDecision {
  return credential.type === 'api-key'
    ? decideKey(credential, facts, now)
    : decideToken(credential, facts, now);
}

/**
 * Whose counter of a policy a credential draws on. All tokens of a grant count together, or an app that fetched more would be
 * served more.
 */
export function limitSubjectOf(
  policy: LimitPolicy,
  credential: Credential,
  appId: AppId,
  scopes: readonly DistrictScope[],
): string {
  if (policy.subject === 'app') return appId;
  if (policy.subject === 'district') return scopes[0]?.districtId ?? '';
  return credential.type === 'api-key' ? credential.id : credential.grantId;
}

function decideToken(
  token: TokenCredential | AccessTokenCredential,
  facts: AccessFacts,
  now: Date,
): AccessDecision {
  const refused = (reason: RefusalReason): AccessDecision => ({ allowed: false, reason, notice: null });
  const ended = tokenRefusal(token, now);
  if (ended) return refused(ended);
  if (!facts.app.isEnabled) return refused('app-disabled');
  const grant = facts.grants.find(({ id }) => id === token.grantId);
  if (!grant) return refused('grant-revoked');
  const reason = grantRefusal(grant, now);
  if (reason) return refused(reason);
  const { token: own, app, district, concurrency } = facts.policies;
  const policies = [own, app, district, concurrency];
  return { allowed: true, scopes: [scopeOf(grant)], policies, notice: null };
}

const REFUSAL_OF_STATE = {
  live: undefined,
  retired: 'token-rotated',
  expired: 'token-expired',
  revoked: 'token-revoked',
} as const;

function tokenRefusal(token: TokenCredential | AccessTokenCredential, now: Date): RefusalReason | undefined {
  if (token.type === 'token') return REFUSAL_OF_STATE[secretState(token, now)];
  return REFUSAL_OF_STATE[secretState({ ...token, retiresAt: null }, now)];
}

function decideKey(key: KeyCredential, facts: AccessFacts, now: Date): AccessDecision {
  const { app } = facts;
  const plan = app.plan ?? facts.plan;
  const notice = sunsetNotice(plan, app.extension, now);
  const refused = (reason: RefusalReason): AccessDecision => ({ allowed: false, reason, notice });
  if (key.status === 'revoked') return refused('key-revoked');
  if (!app.isEnabled) return refused('app-disabled');
  const stage = sunsetStage(plan, app.extension, now);
  switch (stage.stage) {
    case 'refused':
      return refused('key-refused');
    case 'brownout':
      return refused('key-brownout');
    case 'slowed':
      return allowedKey(
        keyPolicies(slowedKeyPolicy(stage.requestsPerMinute, 'enforce'), stage),
        facts,
        notice,
        now,
      );
    case 'announced':
      return allowedKey(keyPolicies(facts.policies.apiKey, stage), facts, notice, now);
    case 'open':
      return allowedKey([facts.policies.apiKey], facts, notice, now);
  }
}

/** The policy in force, and beside it the rate that the plan only tries. */
function keyPolicies(
  inForce: LimitPolicy,
  { triedPerMinute }: { triedPerMinute?: number },
): readonly LimitPolicy[] {
  return triedPerMinute === undefined ? [inForce] : [inForce, slowedKeyPolicy(triedPerMinute, 'shadow')];
}

function allowedKey(
  own: readonly LimitPolicy[],
  facts: AccessFacts,
  notice: SunsetNotice | null,
  now: Date,
): AccessDecision {
  // A union that left out one district for a moment would look like its deletion: it waits instead.
  if (facts.grants.some((grant) => grantRefusal(grant, now) === 'grant-narrowing'))
    return { allowed: false, reason: 'grant-narrowing', notice };
  const usable = facts.grants.filter((grant) => grantRefusal(grant, now) === undefined);
  const scopes = usable.map(scopeOf).sort((a, b) => (a.districtId < b.districtId ? -1 : 1));
  // It reads many districts at once, and draws on no single one's counter.
  const policies = [...own, facts.policies.app, facts.policies.concurrency];
  return { allowed: true, scopes, policies, notice };
}

/** Why a grant opens nothing now; undefined when it is in force. */
export function grantRefusal(grant: Grant, now: Date): RefusalReason | undefined {
  switch (grant.status) {
    case 'requested':
      return 'grant-requested';
    case 'paused':
      return 'grant-paused';
    case 'revoked':
      return 'grant-revoked';
    case 'active':
      if (grant.startsAt && now < grant.startsAt) return 'grant-not-started';
      if (grant.endsAt && now >= grant.endsAt) return 'grant-ended';
      return grant.isNarrowing ? 'grant-narrowing' : undefined;
  }
}

function scopeOf({ id, districtId, rule, endsAt }: Grant): DistrictScope {
  return { grantId: id, districtId, rule, endsAt };
}
