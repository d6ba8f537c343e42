import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_CONCURRENCY_POLICY,
  DEFAULT_RATE_POLICIES,
  RATE_PRESETS,
  ROUTE_COSTS,
  addressSubject,
  burstOf,
  costUnder,
  leaseOf,
  ratePolicyFaults,
  shareOf,
  slowedKeyPolicy,
  spend,
  spendAll,
  type ConcurrencyPolicy,
  type RatePolicy,
  type RateState,
  type RouteClass,
  type Wanted,
} from './rate.js';

const start = Date.UTC(2026, 10, 1);
const at = (ms: number) => new Date(start + ms);
const policyOf = (requestsMax: number, windowSeconds = 60): RatePolicy => ({
  name: 'p',
  subject: 'token',
  requestsMax,
  windowSeconds,
  mode: 'enforce',
});

const anyPolicy = fc
  .record({
    requestsMax: fc.integer({ min: 1, max: 5000 }),
    windowSeconds: fc.integer({ min: 1, max: 3600 }),
    burst: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
  })
  .map(({ requestsMax, windowSeconds, burst }) => ({
    ...policyOf(requestsMax, windowSeconds),
    ...(burst === undefined ? {} : { burst }),
  }));
const concurrencyOf = (requestsMax: number, mode: ConcurrencyPolicy['mode'] = 'enforce') => ({
  ...DEFAULT_CONCURRENCY_POLICY,
  requestsMax,
  mode,
});

/** How many calls of cost 1 pass at one instant, up to a cap. */
function passing(policy: RatePolicy, state: RateState, now: Date, cap: number): number {
  let current = state;
  for (let passed = 0; passed < cap; passed += 1) {
    const decision = spend(policy, current, 1, now);
    if (!decision.allowed) return passed;
    current = decision.state;
  }
  return cap;
}

/** A counter after some calls at random times, the last of them at `now`. */
const usedCounter = fc
  .record({
    policy: anyPolicy,
    calls: fc.array(fc.record({ gapMs: fc.nat(20_000), cost: fc.integer({ min: 1, max: 50 }) }), {
      maxLength: 40,
    }),
  })
  .map(({ policy, calls }) => {
    let state: RateState;
    let ms = 0;
    for (const { gapMs, cost } of calls) {
      ms += gapMs;
      state = spend(policy, state, cost, at(ms)).state;
    }
    return { policy, state, now: at(ms) };
  });

describe('spend', () => {
  it('lets exactly the burst through at once, whatever the limit', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(passing(policy, undefined, at(0), burstOf(policy) + 10)).toBe(burstOf(policy));
      }),
    );
  });

  it('never lets more than burst + rate × T through in any stretch T', () => {
    const gaps = fc.array(fc.nat(3000), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 40 }),
        gaps,
        (max, window, burst, waits) => {
          const policy = { ...policyOf(max, window), burst };
          let state: RateState;
          let ms = 0;
          const passed: number[] = [];
          for (const wait of waits) {
            ms += wait;
            const decision = spend(policy, state, 1, at(ms));
            state = decision.state;
            if (decision.allowed) passed.push(ms);
          }
          for (const [i, from] of passed.entries()) {
            for (const [j, until] of passed.slice(i).entries())
              expect(j + 1).toBeLessThanOrEqual(burst + ((until - from) * max) / (window * 1000) + 1e-9);
          }
        },
      ),
    );
  });

  it('regains its rate: after a window at rest the whole burst is back', () => {
    const policy = policyOf(7);
    const { state } = spend(policy, undefined, 7, at(0));
    expect(passing(policy, state, at(0), 20)).toBe(0);
    expect(passing(policy, state, at(30_000), 20)).toBe(3);
    expect(passing(policy, state, at(60_001), 20)).toBe(7);
  });

  it('a refusal spends nothing', () => {
    fc.assert(
      fc.property(usedCounter, fc.integer({ min: 1, max: 10_000 }), ({ policy, state, now }, cost) => {
        const decision = spend(policy, state, cost, now);
        if (!decision.allowed) expect(decision.state).toBe(state);
      }),
    );
  });

  it('tells truly how many more calls pass now', () => {
    fc.assert(
      fc.property(usedCounter, ({ policy, state, now }) => {
        const decision = spend(policy, state, 1, now);
        expect(passing(policy, decision.state, now, burstOf(policy) + 1)).toBe(decision.remaining);
      }),
    );
  });

  it('tells in whole seconds, at least one, when the same call passes', () => {
    fc.assert(
      fc.property(usedCounter, fc.integer({ min: 1, max: 5000 }), ({ policy, state, now }, wanted) => {
        const cost = Math.min(wanted, burstOf(policy));
        const { allowed, retryAfterSeconds } = spend(policy, state, cost, now);
        if (allowed) return expect(retryAfterSeconds).toBe(0);
        expect(Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 1).toBe(true);
        const later = new Date(now.getTime() + retryAfterSeconds * 1000);
        expect(spend(policy, state, cost, later).allowed).toBe(true);
      }),
    );
  });

  it('names the instant at which the whole burst is back', () => {
    const policy = policyOf(1200);
    expect(spend(policy, undefined, 1, at(0)).resetAt).toEqual(at(50));
    expect(spend(policy, undefined, 1200, at(0)).resetAt).toEqual(at(60_000));
  });

  it('never passes a call that costs more than the burst', () => {
    expect(spend(policyOf(10), undefined, 11, at(0)).allowed).toBe(false);
  });

  it('takes a clock that steps back for standing still', () => {
    const policy = policyOf(2);
    const { state } = spend(policy, undefined, 2, at(0));
    expect(spend(policy, state, 1, at(-10_000)).allowed).toBe(false);
  });
});

describe('spendAll', () => {
  const wide = policyOf(10);
  const spent = spend(policyOf(1), undefined, 1, at(0)).state;

  it('spends every policy when all of them pass', () => {
    const verdict = spendAll(
      [
        { policy: wide, state: undefined, cost: 1 },
        { policy: policyOf(1), state: undefined, cost: 1 },
      ],
      at(0),
    );
    expect(verdict.allowed).toBe(true);
    expect(verdict.decisions.map(({ remaining }) => remaining)).toEqual([9, 0]);
  });

  it('spends none of them when one refuses, and says so in what remains', () => {
    const verdict = spendAll(
      [
        { policy: wide, state: undefined, cost: 1 },
        { policy: policyOf(1), state: spent, cost: 1 },
      ],
      at(0),
    );
    expect(verdict.allowed).toBe(false);
    expect(verdict.decisions.map(({ state }) => state)).toEqual([undefined, spent]);
    expect(verdict.decisions.map(({ remaining }) => remaining)).toEqual([10, 0]);
    expect(verdict.decisions.map(({ allowed }) => allowed)).toEqual([true, false]);
    expect(verdict.decisions[0]?.resetAt).toEqual(at(0));
  });

  it('a shadow policy never refuses, however much is asked', () => {
    fc.assert(
      fc.property(usedCounter, fc.integer({ min: 1, max: 10_000 }), ({ policy, state, now }, cost) => {
        const shadow: RatePolicy = { ...policy, mode: 'shadow' };
        return spendAll([{ policy: shadow, state, cost }], now).allowed;
      }),
    );
  });

  it('a shadow policy that would refuse still says so', () => {
    const shadow: RatePolicy = { ...policyOf(1), mode: 'shadow' };
    const verdict = spendAll([{ policy: shadow, state: spent, cost: 1 }], at(0));
    expect(verdict.decisions[0]?.allowed).toBe(false);
  });
});

describe('requests in flight', () => {
  const verdictOf = (inFlight: RateState, policy = concurrencyOf(2)) =>
    spendAll([{ policy, state: inFlight, cost: 1 }], at(0));

  it('pass while there are fewer than the limit', () => {
    expect([undefined, 1, 2, 3].map((inFlight) => verdictOf(inFlight).allowed)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(verdictOf(undefined).decisions[0]).toMatchObject({ remaining: 1, state: 1, resetAt: null });
    expect(verdictOf(2).decisions[0]).toMatchObject({ remaining: 0, state: 2, retryAfterSeconds: 1 });
  });

  it('are counted in shadow as well, and pass', () => {
    const { allowed, decisions } = verdictOf(2, concurrencyOf(2, 'shadow'));
    expect([allowed, decisions[0]?.allowed, decisions[0]?.state]).toEqual([true, false, 3]);
  });
});

describe('rates and requests in flight together', () => {
  const wanted = fc.oneof(
    usedCounter.chain(({ policy, state }) =>
      fc
        .record({ cost: fc.integer({ min: 1, max: 60 }), isShadow: fc.boolean() })
        .map(({ cost, isShadow }): Wanted => ({
          policy: { ...policy, mode: isShadow ? 'shadow' : 'enforce' },
          state,
          cost,
        })),
    ),
    fc
      .record({ max: fc.integer({ min: 1, max: 5 }), inFlight: fc.nat(6), isShadow: fc.boolean() })
      .map(({ max, inFlight, isShadow }): Wanted => ({
        policy: concurrencyOf(max, isShadow ? 'shadow' : 'enforce'),
        state: inFlight,
        cost: 1,
      })),
  );

  it('are all spent, or none of them is', () => {
    fc.assert(
      fc.property(fc.array(wanted, { minLength: 1, maxLength: 5 }), (all) => {
        const { allowed, decisions } = spendAll(all, at(0));
        const refusing = decisions.filter((each) => !each.allowed && each.policy.mode === 'enforce');
        expect(allowed).toBe(refusing.length === 0);
        decisions.forEach((decision, i) => {
          const before = all[i]?.state;
          if (!allowed) return expect(decision.state).toBe(before);
          if (decision.allowed) expect(decision.state).not.toBe(before);
        });
      }),
    );
  });
});

describe('the cost of a route', () => {
  const classes = Object.keys(ROUTE_COSTS) as RouteClass[];

  it('is more for an export than for a page, and one of a request in flight', () => {
    const [token] = DEFAULT_RATE_POLICIES as [RatePolicy];
    expect(costUnder(token, 'export')).toBeGreaterThan(costUnder(token, 'page'));
    expect(costUnder(DEFAULT_CONCURRENCY_POLICY, 'export')).toBe(1);
  });

  it('can always be paid once the counter is full again', () => {
    fc.assert(
      fc.property(anyPolicy, fc.constantFrom(...classes), (policy, route) => {
        expect(spend(policy, undefined, costUnder(policy, route), at(0)).allowed).toBe(true);
      }),
    );
  });
});

describe('the share of a policy', () => {
  it('is never more than the whole when all shares are put together, but for one unit each', () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 1, max: 50 }), (policy, sharers) => {
        const share = shareOf(policy, sharers);
        expect(ratePolicyFaults({ ...share, name: 'p' })).toEqual([]);
        expect(share.requestsMax * sharers).toBeLessThanOrEqual(Math.max(policy.requestsMax, sharers));
        expect(burstOf(share) * sharers).toBeLessThanOrEqual(Math.max(burstOf(policy), sharers));
      }),
    );
  });
});

describe('a lease', () => {
  it.each([
    ['20 a second come back one in 50 ms', { ...policyOf(1200) }, 1],
    ['2,000 a second come back a hundred in 50 ms', policyOf(120_000), 100],
    ['5 % of a small burst', { ...policyOf(120_000), burst: 100 }, 5],
    ['one at the least', policyOf(1, 86_400), 1],
  ])('%s', (_, policy, units) => {
    expect(leaseOf(policy)).toBe(units);
  });
});

describe('the address that is counted', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is counted as %s', (address, subject) => {
    expect(addressSubject(address)).toBe(subject);
  });

  it('is the same for all of a /64, and another for the next', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const halves = fc.tuple(group, group, group, group);
    const text = (...groups: number[]) => groups.map((each) => each.toString(16)).join(':');
    fc.assert(
      fc.property(halves, halves, halves, (network, one, other) => {
        const subject = addressSubject(text(...network, ...one));
        expect(addressSubject(text(...network, ...other))).toBe(subject);
        const next = [...network.slice(0, 3), (network[3] ^ 1) & 0xffff];
        expect(addressSubject(text(...next, ...one))).not.toBe(subject);
      }),
    );
  });
});

describe('rate policies', () => {
  it('the default ones, the presets and the slowed ones can be kept', () => {
    const presets = Object.values(RATE_PRESETS).flat();
    for (const policy of [
      ...DEFAULT_RATE_POLICIES,
      DEFAULT_CONCURRENCY_POLICY,
      ...presets,
      slowedKeyPolicy(1, 'enforce'),
    ])
      expect(ratePolicyFaults(policy)).toEqual([]);
  });

  it('a preset names policies that there are, as what they are', () => {
    const known = new Map(
      [...DEFAULT_RATE_POLICIES, DEFAULT_CONCURRENCY_POLICY].map((each) => [each.name, each]),
    );
    for (const policy of Object.values(RATE_PRESETS).flat()) {
      const { subject, windowSeconds } = known.get(policy.name) as RatePolicy;
      expect([policy.subject, policy.windowSeconds === null]).toEqual([subject, windowSeconds === null]);
    }
  });

  it.each(['token', 'api-key', 'app', 'district'])(
    'the policy %s cannot be smaller than an export: it would be refused for ever',
    (name) => {
      const faults = (requestsMax: number, burst?: number) =>
        ratePolicyFaults({
          ...policyOf(requestsMax),
          name,
          ...(burst === undefined ? {} : { burst }),
        }).map(({ field }) => field);
      expect([faults(49), faults(50), faults(1000, 49), faults(1, 50)]).toEqual([
        ['requestsMax'],
        [],
        ['burst'],
        [],
      ]);
    },
  );

  it.each([0, 1.5, 10_000_001])('a burst of %s cannot be kept', (burst) => {
    expect(ratePolicyFaults({ ...policyOf(1), burst }).map(({ field }) => field)).toEqual(['burst']);
  });

  it.each([
    ['no requests', 0, 60, ['requestsMax']],
    ['a broken number', 1.5, 60, ['requestsMax']],
    ['too many', 10_000_001, 60, ['requestsMax']],
    ['no window', 1, 0, ['windowSeconds']],
    ['a window beyond a day', 1, 86_401, ['windowSeconds']],
    ['both', NaN, NaN, ['requestsMax', 'windowSeconds']],
  ])('%s', (_, requestsMax, windowSeconds, fields) => {
    expect(ratePolicyFaults(policyOf(requestsMax, windowSeconds)).map(({ field }) => field)).toEqual(fields);
  });
});
