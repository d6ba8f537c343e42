import {
  decideAccess,
  DEFAULT_CONCURRENCY_POLICY,
  DEFAULT_RATE_POLICIES,
  LimitTable,
  newId,
  type ApiKeyId,
  type AppId,
  type DistrictId,
  type LimitPolicy,
  type RateOverride,
  type SunsetPlan,
} from '@hallpass/domain';
import { RateLimiter, rateLimitHeaders } from '@hallpass/service-kit';

const CALLS = 200_000;
/** So many apps are asked in turn, however many there are: what is measured is the look-up, and not the processor's cache. */
const ASKED = 10;

/** A plan with so many brownouts ahead of and behind the present. */
function planOf(brownouts: number, now: Date): SunsetPlan {
  const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
  return {
    announcedAt: at(-2 * brownouts),
    steps: [{ from: at(-brownouts), requestsPerMinute: 10_000_000, mode: 'enforce' }],
    brownouts: Array.from({ length: brownouts }, (_, i) => {
      const hour = 2 * i - brownouts + 0.5;
      return { from: at(hour), until: at(hour + 0.25) };
    }),
    refusedAt: at(2 * brownouts),
  };
}

/**
 * What one decision on an API key takes, in nanoseconds: the stage of the sunset plan, its limits and the headers, where so many
 * apps are known, each with an override and more time of its own, and the plan has as many brownouts.
 */
export function timeOfDecision(apps: number): number {
  const named = new Map<string, LimitPolicy>(
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
  const table = new LimitTable(named, overrides);
  const plan = planOf(apps, new Date());
  // Those that have passed: they are looked at, and hold nothing still.
  const extensions = new Map(ids.map(([appId]) => [appId, { until: new Date(0), reason: 'bench' }]));
  const key = { type: 'api-key', id: newId<ApiKeyId>(), status: 'active' } as const;
  const limiter = new RateLimiter();
  const decide = ([appId, districtId]: readonly [AppId, DistrictId]) => {
    const now = new Date();
    const policies = table.reading(appId, districtId, now);
    const app = { id: appId, isEnabled: true, extension: extensions.get(appId) ?? null, plan: null };
    const decision = decideAccess({ ...key, appId }, { app, grants: [], plan, policies }, now);
    if (!decision.allowed) throw new Error(decision.reason);
    const [own] = decision.policies as [LimitPolicy];
    const verdict = limiter.spend([{ policy: own, subjectId: appId, cost: 1 }], now);
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
