import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_RATE_POLICIES,
  ratePolicyFaults,
  slowedKeyPolicy,
  spend,
  spendAll,
  type RatePolicy,
  type RateState,
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
  })
  .map(({ requestsMax, windowSeconds }) => policyOf(requestsMax, windowSeconds));

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
        expect(passing(policy, undefined, at(0), policy.requestsMax + 10)).toBe(policy.requestsMax);
      }),
    );
  });

  it('never lets more than burst + rate × T through in any stretch T', () => {
    const gaps = fc.array(fc.nat(3000), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 90 }),
        gaps,
        (max, window, waits) => {
          const policy = policyOf(max, window);
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
              expect(j + 1).toBeLessThanOrEqual(max + ((until - from) * max) / (window * 1000) + 1e-9);
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
        expect(passing(policy, decision.state, now, policy.requestsMax + 1)).toBe(decision.remaining);
      }),
    );
  });

  it('tells in whole seconds, at least one, when the same call passes', () => {
    fc.assert(
      fc.property(usedCounter, fc.integer({ min: 1, max: 5000 }), ({ policy, state, now }, wanted) => {
        const cost = Math.min(wanted, policy.requestsMax);
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

describe('rate policies', () => {
  it('the default and the slowed ones can be kept', () => {
    for (const policy of [...DEFAULT_RATE_POLICIES, slowedKeyPolicy(1, 'enforce')])
      expect(ratePolicyFaults(policy)).toEqual([]);
  });

  it.each([
    ['no requests', 0, 60, ['requestsMax']],
    ['a broken number', 1.5, 60, ['requestsMax']],
    ['too many', 10_000_001, 60, ['requestsMax']],
    ['no window', 1, 0, ['windowSeconds']],
    ['a window beyond a day', 1, 86_401, ['windowSeconds']],
    ['both', NaN, NaN, ['requestsMax', 'windowSeconds']],
  ])('%s', (_, requestsMax, windowSeconds, fields) => {
    expect(ratePolicyFaults({ requestsMax, windowSeconds }).map(({ field }) => field)).toEqual(fields);
  });
});
