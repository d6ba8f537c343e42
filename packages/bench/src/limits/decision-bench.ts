import {
  DEFAULT_CONCURRENCY_POLICY,
  DEFAULT_RATE_POLICIES,
  LimitTable,
  newId,
  type AppId,
  type DistrictId,
  type LimitPolicy,
  type RateOverride,
} from '@hallpass/domain';
import { RateLimiter, rateLimitHeaders } from '@hallpass/service-kit';

const CALLS = 200_000;
/** So many apps are asked in turn, however many there are: what is measured is the look-up, and not the processor's cache. */
const ASKED = 10;

/** What one decision takes where so many apps, each with an override of its own, are known; in nanoseconds. */
export function timeOfDecision(apps: number): number {
  const policies = new Map<string, LimitPolicy>(
    [...DEFAULT_RATE_POLICIES, DEFAULT_CONCURRENCY_POLICY].map((each) => [each.name, each]),
  );
  const ids = Array.from({ length: apps }, () => [newId<AppId>(), newId<DistrictId>()] as const);
  const overrides = ids.map(([appId, districtId], i): RateOverride => ({
    policy: 'token',
    appId,
    districtId: i % 2 === 0 ? districtId : null,
    requestsMax: 10_000_000,
    windowSeconds: 60,
    mode: 'enforce',
    reason: 'bench',
    expiresAt: null,
  }));
  const table = new LimitTable(policies, overrides);
  const limiter = new RateLimiter();
  const decide = ([appId, districtId]: readonly [AppId, DistrictId]) => {
    const now = new Date();
    const { token } = table.reading(appId, districtId, now);
    const verdict = limiter.spend([{ policy: token, subjectId: appId, cost: 1 }], now);
    if (!(verdict instanceof Promise)) rateLimitHeaders(verdict, now);
  };
  // Every app has its counter.
  for (const each of ids) decide(each);
  const asked = ids.filter((_, i) => i % Math.ceil(apps / ASKED) === 0);
  const begun = performance.now();
  for (let i = 0; i < CALLS; i += 1) decide(asked[i % asked.length] as readonly [AppId, DistrictId]);
  const time = ((performance.now() - begun) * 1e6) / CALLS;
  limiter.onApplicationShutdown();
  return time;
}
