import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId, type AppId, type DistrictId } from './id.js';
import {
  LimitTable,
  numbersFaults,
  rateOverrideFaults,
  withNumbers,
  type RateOverride,
} from './rate-override.js';
import { DEFAULT_CONCURRENCY_POLICY, DEFAULT_RATE_POLICIES, type LimitPolicy } from './rate.js';

const now = new Date('2026-11-01T00:00:00Z');
const at = (ms: number) => new Date(now.getTime() + ms);
const policies = new Map<string, LimitPolicy>(
  [...DEFAULT_RATE_POLICIES, DEFAULT_CONCURRENCY_POLICY].map((each) => [each.name, each]),
);
const named = (name: string) => policies.get(name) as LimitPolicy;
const apps = Array.from({ length: 3 }, () => newId<AppId>()) as [AppId, AppId, AppId];
const districts = Array.from({ length: 3 }, () => newId<DistrictId>()) as [
  DistrictId,
  DistrictId,
  DistrictId,
];
const [app, otherApp] = apps;
const [district, otherDistrict] = districts;
const override = (
  appId: AppId | null,
  districtId: DistrictId | null,
  requestsMax: number,
  more: Partial<RateOverride> = {},
): RateOverride => ({
  policy: 'token',
  appId,
  districtId,
  requestsMax,
  windowSeconds: 60,
  mode: 'enforce',
  reason: 'a trial',
  expiresAt: null,
  ...more,
});

describe('overrides', () => {
  const both = override(app, district, 400);
  const ofApp = override(app, null, 300);
  const ofDistrict = override(null, district, 200);

  it.each([
    ['the app in the district', [both, ofApp, ofDistrict], 400],
    ['the app', [ofApp, ofDistrict], 300],
    ['the district', [ofDistrict], 200],
    ['the policy itself', [], 1200],
  ])('the most specific wins: %s', (_, overrides, requestsMax) => {
    for (const each of [overrides, overrides.toReversed()])
      expect(new LimitTable(policies, each).reading(app, district, now).token.requestsMax).toBe(requestsMax);
  });

  it('touch nobody else and no other policy', () => {
    const table = new LimitTable(policies, [both, ofApp, ofDistrict]);
    expect(table.reading(otherApp, otherDistrict, now).token).toBe(named('token'));
    expect(table.reading(app, otherDistrict, now).token.requestsMax).toBe(300);
    expect(table.reading(otherApp, district, now).token.requestsMax).toBe(200);
    expect(table.reading(app, undefined, now)).toMatchObject({
      apiKey: named('api-key'),
      app: named('app'),
      concurrency: named('concurrency'),
    });
  });

  it('end at the instant at which they expire, and what is less specific is in force again', () => {
    const table = new LimitTable(policies, [override(app, null, 300, { expiresAt: now }), ofDistrict]);
    const limitAt = (ms: number) => table.reading(app, district, at(ms)).token.requestsMax;
    expect([limitAt(-1), limitAt(0), limitAt(1)]).toEqual([300, 200, 200]);
  });

  it('may enforce what is in shadow, or the other way about, and give a burst', () => {
    const table = new LimitTable(policies, [override(app, null, 300, { mode: 'shadow', burst: 60 })]);
    expect(table.reading(app, undefined, now).token).toEqual({
      ...named('token'),
      requestsMax: 300,
      burst: 60,
      mode: 'shadow',
    });
  });

  it('of a policy that there is not are passed over', () => {
    const table = new LimitTable(policies, [override(app, null, 1, { policy: 'gone' })]);
    expect(table.reading(app, district, now).token).toBe(named('token'));
    expect(() => table.named('gone')).toThrow('gone');
  });

  it('are found as by looking through all of them, whatever they are', () => {
    const one = fc
      .record({
        policy: fc.constantFrom('token', 'app', 'district', 'concurrency', 'client', 'portal'),
        appId: fc.constantFrom(null, ...apps),
        districtId: fc.constantFrom(null, ...districts),
        requestsMax: fc.integer({ min: 1, max: 1_000_000 }),
        expiresAt: fc.constantFrom(null, at(-1), now, at(1)),
      })
      .map((each) =>
        override(each.appId, each.districtId, each.requestsMax, {
          ...each,
          windowSeconds: named(each.policy).windowSeconds,
        }),
      );
    const key = (each: RateOverride) => [each.policy, each.appId, each.districtId].join();
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: key, maxLength: 40 }),
        fc.constantFrom(undefined, ...apps),
        fc.constantFrom(undefined, ...districts),
        fc.constantFrom(...policies.keys()),
        (overrides, appId, districtId, name) => {
          const found = overrides
            .filter((each) => each.policy === name && (!each.expiresAt || now < each.expiresAt))
            .filter((each) => each.appId !== null || each.districtId !== null)
            .filter((each) => each.appId === null || each.appId === appId)
            .filter((each) => each.districtId === null || each.districtId === districtId)
            .sort((a, b) => rank(b) - rank(a));
          const wanted = found[0] ? withNumbers(named(name), found[0]) : named(name);
          const kept = overrides.filter((each) => each.appId !== null || each.districtId !== null);
          expect(new LimitTable(policies, kept).for(name, appId, districtId, now)).toEqual(wanted);
        },
      ),
    );
  });
  const rank = ({ appId, districtId }: RateOverride) =>
    (appId === null ? 0 : 2) + (districtId === null ? 0 : 1);
});

describe('an override can be kept', () => {
  const faults = (policy: string, each: RateOverride) =>
    rateOverrideFaults(named(policy), { ...each, policy }, now).map(({ field }) => field);

  it.each([
    ['token', override(app, district, 60), []],
    ['token', override(app, null, 60), []],
    ['token', override(null, district, 60), []],
    ['token', override(null, null, 60), ['appId']],
    ['api-key', override(app, null, 60), []],
    ['api-key', override(null, district, 60), ['districtId']],
    ['app', override(app, null, 60), []],
    ['app', override(app, district, 60), ['districtId']],
    ['district', override(null, district, 60), []],
    ['district', override(app, district, 60), ['appId']],
    ['client', override(app, null, 60), []],
    ['portal', override(null, district, 60), []],
    ['failed-sign-in', override(app, null, 60), ['appId']],
    ['concurrency', override(app, district, 60, { windowSeconds: null }), []],
    ['concurrency', override(app, null, 60), ['windowSeconds']],
    ['concurrency', override(app, null, 60, { windowSeconds: null, burst: 3 }), ['burst']],
    ['token', override(app, null, 60, { windowSeconds: null }), ['windowSeconds']],
    ['token', override(app, null, 49), ['requestsMax']],
    ['token', override(app, null, 60, { burst: 49 }), ['burst']],
    ['token', override(app, null, 60, { expiresAt: now }), ['expiresAt']],
    ['token', override(app, null, 60, { expiresAt: at(1) }), []],
  ])('%s %j', (policy, each, fields) => {
    expect(faults(policy, each)).toEqual(fields);
  });

  it('as the numbers of the policy itself can', () => {
    const numbers = { requestsMax: 5, windowSeconds: null, mode: 'enforce' } as const;
    expect(numbersFaults(named('concurrency'), numbers)).toEqual([]);
    expect(numbersFaults(named('token'), numbers)).toHaveLength(1);
  });
});
