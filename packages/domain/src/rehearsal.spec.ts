import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId, type ApiKeyId } from './id.js';
import { spend, slowedKeyPolicy, type RateState } from './rate.js';
import { momentsOf, refusedCalls, type KeyMinute } from './rehearsal.js';
import { NO_SUNSET, type SunsetPlan } from './sunset.js';

const start = Date.UTC(2026, 0, 5);
const at = (days: number, minutes = 0) => new Date(start + days * 86_400_000 + minutes * 60_000);
const now = at(0);
const recorded = { from: at(-30), until: now };
const keyId = newId<ApiKeyId>();
const plan: SunsetPlan = {
  announcedAt: at(-60),
  steps: [
    { from: at(-1), requestsPerMinute: 900, mode: 'enforce' },
    { from: at(10), requestsPerMinute: 10, mode: 'enforce' },
    { from: at(12), requestsPerMinute: 2, mode: 'shadow' },
  ],
  brownouts: [{ from: at(14, 600), until: at(14, 660) }],
  refusedAt: at(20),
};

describe('momentsOf', () => {
  it('names what is still ahead, each with the weeks on which it can be tried', () => {
    const moments = momentsOf(plan, recorded, now);
    expect(moments.map(({ stage, from, requestsPerMinute }) => [stage, from, requestsPerMinute])).toEqual([
      ['slowed', at(10), 10],
      ['tried', at(12), 2],
      ['brownout', at(14, 600), null],
      ['refused', at(20), null],
    ]);
    expect(moments.map(({ weeks }) => weeks.length)).toEqual([4, 5, 4, 5]);
    expect(moments[2]?.weeks[0]).toEqual({ from: at(-7, 600), until: at(-7, 660) });
  });

  it('a week is the same weekday at the same hour, within what is recorded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 1440 }), (days, minutes) => {
        const brownouts = [{ from: at(days, 7), until: at(days, 7 + minutes) }];
        const [moment] = momentsOf({ ...NO_SUNSET, announcedAt: at(-1), brownouts }, recorded, now);
        for (const week of moment?.weeks ?? []) {
          expect((brownouts[0]!.from.getTime() - week.from.getTime()) % (7 * 86_400_000)).toBe(0);
          expect(week.from >= recorded.from && week.until <= recorded.until).toBe(true);
        }
        expect(moment?.weeks.length).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  it('of a record shorter than a week the same hours of the last day stand in', () => {
    const noon = at(0, 720);
    const moments = momentsOf(plan, { from: at(0, 60), until: noon }, noon);
    expect(moments.map(({ stage, weeks }) => [stage, ...weeks])).toEqual([
      ['slowed', { from: at(0), until: at(1) }],
      ['tried', { from: at(0), until: at(1) }],
      ['brownout', { from: at(0, 600), until: at(0, 660) }],
      ['refused', { from: at(0), until: at(1) }],
    ]);
  });

  it('a brownout after the refusal is no moment', () => {
    const late = { ...plan, brownouts: [{ from: at(21), until: at(22) }] };
    expect(momentsOf(late, recorded, now).map(({ stage }) => stage)).not.toContain('brownout');
  });
});

const minute = (day: number, minutes: number, calls: number): KeyMinute => ({
  keyId,
  minute: at(day, minutes),
  calls,
});

describe('refusedCalls', () => {
  const moments = momentsOf(plan, recorded, now);
  const of = (stage: string) => moments.find((each) => each.stage === stage)!;
  const refusedOf = (stage: string, minutes: KeyMinute[], extension: Date | null = null) => {
    const moment = of(stage);
    return refusedCalls(
      plan,
      extension && { until: extension, reason: 'r' },
      moment,
      moment.weeks[0]!,
      minutes,
    );
  };

  it('a brownout and the refusal refuse every call in their hours', () => {
    expect(refusedOf('brownout', [minute(-7, 600, 5), minute(-7, 659, 7), minute(-7, 660, 100)])).toBe(12);
    expect(refusedOf('refused', [minute(-1, 0, 5), minute(-1, 700, 7)])).toBe(12);
  });

  it('a step refuses what is beyond its rate, after a burst of a minute’s worth', () => {
    expect(refusedOf('slowed', [minute(-4, 0, 20)])).toBe(0);
    expect(refusedOf('slowed', [minute(-4, 0, 25), minute(-4, 1, 25)])).toBe(5 + 15);
    expect(refusedOf('slowed', [minute(-4, 0, 25), minute(-4, 3, 25)])).toBe(5 + 5);
  });

  it('a step that is only tried says what it would refuse', () => {
    expect(refusedOf('tried', [minute(-2, 0, 9)])).toBe(5);
  });

  it('an extension that holds at the moment refuses nothing', () => {
    expect(refusedOf('refused', [minute(-1, 0, 5)], at(30))).toBe(0);
    expect(refusedOf('refused', [minute(-1, 0, 5), minute(-1, 700, 7)], at(20, 60))).toBe(7);
  });

  it('each key has an allowance of its own', () => {
    const other = newId<ApiKeyId>();
    expect(refusedOf('slowed', [minute(-4, 0, 20), { ...minute(-4, 0, 20), keyId: other }])).toBe(0);
  });

  it('agrees with the limiter itself within one call a minute, when calls come evenly', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (calls) => {
        const policy = slowedKeyPolicy(10, 'enforce');
        let state: RateState;
        let refused = 0;
        calls.forEach((count, i) => {
          for (let n = 0; n < count; n += 1) {
            const when = new Date(at(10, i).getTime() + (n * 60_000) / count);
            const decision = spend(policy, state, 1, when);
            state = decision.state;
            if (!decision.allowed) refused += 1;
          }
        });
        const told = refusedOf(
          'slowed',
          calls.map((each, i) => minute(-4, i, each)),
        );
        expect(Math.abs(told - refused)).toBeLessThanOrEqual(calls.length + 1);
      }),
    );
  });
});
