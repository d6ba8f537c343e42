import { describe, expect, it } from '@jest/globals';
import {
  decideAccess,
  REFUSAL_REASONS,
  limitSubjectOf,
  type AccessFacts,
  type AccessTokenCredential,
  type Credential,
  type KeyCredential,
  type RefusalReason,
  type TokenCredential,
} from './access.js';
import { allFields } from './field.js';
import type { Grant } from './grant.js';
import { newId, type AccessTokenId, type AppId, type DistrictId } from './id.js';
import { DEFAULT_CONCURRENCY_POLICY, type LimitPolicy, type RatePolicy } from './rate.js';
import { NO_SUNSET, type SunsetPlan } from './sunset.js';

const now = new Date('2026-11-01T00:00:00Z');
const earlier = new Date(now.getTime() - 1);
const later = new Date(now.getTime() + 1);
const appId = newId<AppId>();
const policy = (name: string, subject: RatePolicy['subject'] = 'token'): RatePolicy => ({
  name,
  subject,
  requestsMax: 10,
  windowSeconds: 60,
  mode: 'enforce',
});

const aGrant = (change: Partial<Grant> = {}): Grant => ({
  id: newId(),
  appId,
  districtId: newId(),
  status: 'active',
  rule: { selection: { type: 'everything' }, fields: allFields() },
  startsAt: null,
  endsAt: null,
  isNarrowing: false,
  ...change,
});
const grant = aGrant();
const token: TokenCredential = {
  type: 'token',
  id: newId(),
  grantId: grant.id,
  retiresAt: null,
  expiresAt: null,
  revokedAt: null,
};
const accessToken: AccessTokenCredential = {
  type: 'access-token',
  id: newId(),
  grantId: grant.id,
  issuedAt: earlier,
  expiresAt: later,
  revokedAt: null,
};
const key: KeyCredential = { type: 'api-key', id: newId(), appId, status: 'active' };
const facts: AccessFacts = {
  app: { id: appId, isEnabled: true, extension: null, plan: null },
  grants: [grant],
  plan: NO_SUNSET,
  policies: {
    token: policy('token'),
    apiKey: policy('api-key'),
    app: policy('app', 'app'),
    district: policy('district', 'district'),
    concurrency: DEFAULT_CONCURRENCY_POLICY,
  },
};
const { policies: reading } = facts;
const sunset = (change: Partial<SunsetPlan>): AccessFacts => ({
  ...facts,
  plan: { ...NO_SUNSET, announcedAt: earlier, ...change },
});
const withGrant = (change: Partial<Grant>): AccessFacts => ({ ...facts, grants: [{ ...grant, ...change }] });
const disabled: AccessFacts = { ...facts, app: { ...facts.app, isEnabled: false } };

const refusals: [RefusalReason, Credential, AccessFacts][] = [
  ['token-revoked', { ...token, revokedAt: now }, facts],
  ['token-rotated', { ...token, retiresAt: now }, facts],
  ['token-expired', { ...token, expiresAt: now }, facts],
  ['token-revoked', { ...accessToken, revokedAt: now }, facts],
  ['token-expired', { ...accessToken, expiresAt: now }, facts],
  ['grant-paused', accessToken, withGrant({ status: 'paused' })],
  ['grant-revoked', accessToken, { ...facts, grants: [] }],
  ['app-disabled', accessToken, disabled],
  ['grant-requested', token, withGrant({ status: 'requested' })],
  ['grant-paused', token, withGrant({ status: 'paused' })],
  ['grant-revoked', token, withGrant({ status: 'revoked' })],
  ['grant-revoked', token, { ...facts, grants: [] }],
  ['grant-revoked', token, { ...facts, grants: [aGrant()] }],
  ['grant-not-started', token, withGrant({ startsAt: later })],
  ['grant-ended', token, withGrant({ endsAt: now })],
  ['grant-narrowing', token, withGrant({ isNarrowing: true })],
  ['grant-narrowing', key, { ...facts, grants: [aGrant(), aGrant({ isNarrowing: true })] }],
  ['key-revoked', { ...key, status: 'revoked' }, facts],
  ['key-brownout', key, sunset({ brownouts: [{ from: now, until: later }] })],
  ['key-refused', key, sunset({ refusedAt: now })],
  ['app-disabled', token, disabled],
  ['app-disabled', key, disabled],
];

describe('decideAccess', () => {
  it.each(refusals)('refuses with %s', (reason, credential, known) => {
    expect(decideAccess(credential, known, now)).toMatchObject({ allowed: false, reason });
  });

  it('has a case above for every reason', () => {
    expect(new Set(refusals.map(([reason]) => reason))).toEqual(new Set(REFUSAL_REASONS));
  });

  it('opens to a token its one district, whatever else the app holds', () => {
    const decision = decideAccess(token, { ...facts, grants: [aGrant(), grant, aGrant()] }, now);
    expect(decision).toEqual({
      allowed: true,
      scopes: [{ grantId: grant.id, districtId: grant.districtId, rule: grant.rule, endsAt: null }],
      policies: [reading.token, reading.app, reading.district, reading.concurrency],
      notice: null,
    });
  });

  it('takes the bounds of a grant and of a token as: from inclusive, to exclusive', () => {
    expect(decideAccess(token, withGrant({ startsAt: now, endsAt: later }), now).allowed).toBe(true);
    expect(decideAccess({ ...token, expiresAt: later }, facts, now).allowed).toBe(true);
  });

  it('the plan that retires keys never touches a token', () => {
    expect(decideAccess(token, sunset({ refusedAt: now }), now)).toMatchObject({
      allowed: true,
      notice: null,
    });
  });

  it('opens to a key the union of the usable grants, sorted by district', () => {
    const districts = ['c', 'a', 'b'].map((letter) => letter.repeat(24) as DistrictId);
    const usable = districts.map((districtId) => aGrant({ districtId }));
    const others = (['requested', 'paused', 'revoked'] as const).map((status) => aGrant({ status }));
    const decision = decideAccess(
      key,
      { ...facts, grants: [...usable, ...others, aGrant({ endsAt: now })] },
      now,
    );
    expect(decision.allowed && decision.scopes.map(({ districtId }) => districtId)).toEqual(districts.sort());
  });

  it('a key without a usable grant opens nothing, and is not refused', () => {
    expect(decideAccess(key, { ...facts, grants: [] }, now)).toMatchObject({ allowed: true, scopes: [] });
  });

  it('a narrowing grant that is paused does not hold up a key', () => {
    const paused = aGrant({ status: 'paused', isNarrowing: true });
    expect(decideAccess(key, { ...facts, grants: [grant, paused] }, now).allowed).toBe(true);
  });

  it('puts a slowed key under the plan’s rate in the place of its ordinary policy', () => {
    const decision = decideAccess(
      key,
      sunset({ steps: [{ from: now, requestsPerMinute: 3, mode: 'enforce' }] }),
      now,
    );
    expect(decision.allowed && decision.policies).toMatchObject([
      { name: 'api-key-sunset', requestsMax: 3 },
      reading.app,
      reading.concurrency,
    ]);
  });

  it('a rate that is only tried stands beside the policy in force, and refuses nobody', () => {
    const steps = [{ from: now, requestsPerMinute: 3, mode: 'shadow' as const }];
    const decision = decideAccess(key, sunset({ steps }), now);
    expect(decision.allowed && decision.policies).toMatchObject([
      { name: 'api-key', mode: 'enforce' },
      { name: 'api-key-sunset', requestsMax: 3, mode: 'shadow' },
      reading.app,
      reading.concurrency,
    ]);
  });

  it('an app with a plan of its own goes by that', () => {
    const general = sunset({ refusedAt: now });
    const own = { ...NO_SUNSET, announcedAt: earlier, refusedAt: later };
    const decision = decideAccess(key, { ...general, app: { ...general.app, plan: own } }, now);
    expect(decision).toMatchObject({ allowed: true, notice: { sunsetAt: later } });
  });

  it('gives notice with every answer to a key from the announcement on, refusals too', () => {
    expect(decideAccess(key, facts, now).notice).toBeNull();
    expect(decideAccess(key, sunset({ refusedAt: later }), now).notice).toEqual({
      deprecatedAt: earlier,
      sunsetAt: later,
    });
    expect(decideAccess(key, sunset({ refusedAt: now }), now).notice).toEqual({
      deprecatedAt: earlier,
      sunsetAt: now,
    });
  });

  it('lets an extended app read on after the refusal of all others', () => {
    const extended = sunset({ refusedAt: earlier });
    const extension = { until: later, reason: 'r' };
    const decision = decideAccess(key, { ...extended, app: { ...extended.app, extension } }, now);
    expect(decision).toMatchObject({
      allowed: true,
      policies: [reading.apiKey, reading.app, reading.concurrency],
    });
  });

  it('counts a key by itself, and all tokens of a grant together', () => {
    const otherToken = { ...accessToken, id: newId<AccessTokenId>() };
    const { districtId, rule } = grant;
    const scopes = [{ grantId: grant.id, districtId, rule, endsAt: null }];
    const of = (credential: Credential, each: LimitPolicy) => limitSubjectOf(each, credential, appId, scopes);
    for (const each of [reading.token, reading.concurrency]) {
      expect([of(token, each), of(otherToken, each)]).toEqual([grant.id, grant.id]);
      expect(of(key, each)).toBe(key.id);
    }
    expect(of(token, reading.app)).toBe(appId);
    expect(of(key, reading.app)).toBe(appId);
    expect(of(token, reading.district)).toBe(districtId);
  });
});
