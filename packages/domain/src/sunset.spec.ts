import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_SUNSET, sunsetNotice, sunsetPlanFaults, sunsetStage, type SunsetPlan } from './sunset.js';

const second = 1000;
const day = 86_400 * second;
const start = Date.UTC(2026, 0, 1);
const at = (days: number, seconds = 0) => new Date(start + days * day + seconds * second);

const plan: SunsetPlan = {
  announcedAt: at(0),
  steps: [
    { from: at(60), requestsPerMinute: 60 },
    { from: at(30), requestsPerMinute: 600 },
  ],
  brownouts: [{ from: at(70), until: at(71) }],
  refusedAt: at(90),
};

const open = { stage: 'open' };
const announced = { stage: 'announced' };
const slowed = (requestsPerMinute: number) => ({ stage: 'slowed', requestsPerMinute });
const brownout = { stage: 'brownout', until: at(71) };
const refused = { stage: 'refused' };

describe('sunsetStage', () => {
  it.each([
    ['the announcement', 0, open, announced],
    ['the first step, though listed last', 30, announced, slowed(600)],
    ['the second step', 60, slowed(600), slowed(60)],
    ['the beginning of a brownout', 70, slowed(60), brownout],
    ['the end of a brownout', 71, brownout, slowed(60)],
    ['the refusal', 90, slowed(60), refused],
  ])('%s: a second before, at it, a second after', (_, days, before, after) => {
    expect(sunsetStage(plan, null, at(days, -1))).toEqual(before);
    expect(sunsetStage(plan, null, at(days))).toEqual(after);
    expect(sunsetStage(plan, null, at(days, 1))).toEqual(after);
  });

  it('is open for ever without a plan', () => {
    expect(sunsetStage(NO_SUNSET, null, at(100_000))).toEqual(open);
  });

  it('a brownout that reaches the refusal gives way to it', () => {
    const rehearsed = { ...plan, brownouts: [{ from: at(89), until: at(91) }] };
    expect(sunsetStage(rehearsed, null, at(90))).toEqual(refused);
  });

  it.each([
    ['before the announcement', -1, open],
    ['in a step', 40, announced],
    ['in a brownout', 70.5, announced],
    ['after the refusal', 99, announced],
  ])('an extension holds the plan at its notice: %s', (_, days, expected) => {
    expect(sunsetStage(plan, { until: at(100), reason: 'r' }, at(days))).toEqual(expected);
  });

  it('an extension ends on its instant, and the plan is where it would be', () => {
    const extension = { until: at(100), reason: 'r' };
    expect(sunsetStage(plan, extension, at(100, -1))).toEqual(announced);
    expect(sunsetStage(plan, extension, at(100))).toEqual(refused);
    expect(sunsetStage(plan, { until: at(40), reason: 'r' }, at(40))).toEqual(slowed(600));
  });

  const instant = fc.integer({ min: -10, max: 130 }).map((days) => at(days));
  const optional = fc.option(instant);
  const anyPlan: fc.Arbitrary<SunsetPlan> = fc
    .record({
      announcedAt: optional,
      steps: fc.array(fc.record({ from: instant, requestsPerMinute: fc.integer({ min: 1, max: 5 }) }), {
        maxLength: 4,
      }),
      brownouts: fc.array(fc.record({ from: instant, until: instant }), { maxLength: 2 }),
      refusedAt: optional,
    })
    .filter((each) => sunsetPlanFaults(each).length === 0);

  /** How much a key may do: infinitely much until it is slowed. */
  const allowance = (each: SunsetPlan, now: Date) => {
    const stage = sunsetStage(each, null, now);
    if (stage.stage === 'refused') return 0;
    return stage.stage === 'slowed' ? stage.requestsPerMinute : Infinity;
  };

  it('brownouts and extensions aside, a later date never allows more', () => {
    fc.assert(
      fc.property(anyPlan, instant, instant, (each, a, b) => {
        const [earlier, later] = a <= b ? [a, b] : [b, a];
        const calm = { ...each, brownouts: [] };
        return allowance(calm, later) <= allowance(calm, earlier);
      }),
      { numRuns: 1000 },
    );
  });

  it('refused is terminal, whatever else the plan holds', () => {
    fc.assert(
      fc.property(anyPlan, instant, instant, (each, a, b) => {
        const [earlier, later] = a <= b ? [a, b] : [b, a];
        fc.pre(sunsetStage(each, null, earlier).stage === 'refused');
        return sunsetStage(each, null, later).stage === 'refused';
      }),
    );
  });

  it('an extension never makes an app worse off', () => {
    const rank = { open: 0, announced: 1, slowed: 2, brownout: 3, refused: 4 };
    fc.assert(
      fc.property(anyPlan, instant, instant, (each, until, now) => {
        const extended = sunsetStage(each, { until, reason: 'r' }, now);
        return rank[extended.stage] <= rank[sunsetStage(each, null, now).stage];
      }),
    );
  });
});

describe('sunsetNotice', () => {
  it('is given from the second of the announcement on', () => {
    expect(sunsetNotice(plan, null, at(0, -1))).toBeNull();
    expect(sunsetNotice(plan, null, at(0))).toEqual({ deprecatedAt: at(0), sunsetAt: at(90) });
  });

  it('is given for a plan without an end, with no sunset', () => {
    const noticed = { ...NO_SUNSET, announcedAt: at(0) };
    expect(sunsetNotice(noticed, null, at(1))).toEqual({ deprecatedAt: at(0), sunsetAt: null });
  });

  it.each([
    ['later than the refusal: the extension', 100, 100],
    ['earlier than the refusal: the refusal', 80, 90],
  ])('names the day this app’s keys stop, with an extension %s', (_, until, expected) => {
    const notice = sunsetNotice(plan, { until: at(until), reason: 'r' }, at(1));
    expect(notice?.sunsetAt).toEqual(at(expected));
  });

  it('names exactly the first instant at which the app is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), (until) => {
        const extension = { until: at(until), reason: 'r' };
        const sunsetAt = sunsetNotice(plan, extension, at(1))?.sunsetAt ?? at(0);
        const before = new Date(sunsetAt.getTime() - 1);
        expect(sunsetStage(plan, extension, sunsetAt).stage).toBe('refused');
        expect(sunsetStage(plan, extension, before).stage).not.toBe('refused');
      }),
    );
  });
});

describe('sunsetPlanFaults', () => {
  it('finds none in a sound plan, nor in none', () => {
    expect(sunsetPlanFaults(plan)).toEqual([]);
    expect(sunsetPlanFaults(NO_SUNSET)).toEqual([]);
  });

  it.each<[string, Partial<SunsetPlan>, string]>([
    ['no announcement', { announcedAt: null }, 'announcedAt'],
    ['a refusal before the announcement', { refusedAt: at(-1), steps: [], brownouts: [] }, 'refusedAt'],
    ['a step before the announcement', { steps: [{ from: at(-1), requestsPerMinute: 1 }] }, 'steps[0].from'],
    ['a rate of nothing', { steps: [{ from: at(1), requestsPerMinute: 0 }] }, 'steps[0].requestsPerMinute'],
    ['a broken rate', { steps: [{ from: at(1), requestsPerMinute: 1.5 }] }, 'steps[0].requestsPerMinute'],
    [
      'a later step that is faster',
      {
        steps: [
          { from: at(1), requestsPerMinute: 10 },
          { from: at(2), requestsPerMinute: 11 },
        ],
      },
      'steps[1].requestsPerMinute',
    ],
    [
      'a brownout that ends as it begins',
      { brownouts: [{ from: at(1), until: at(1) }] },
      'brownouts[0].until',
    ],
    [
      'a brownout before the announcement',
      { brownouts: [{ from: at(-2), until: at(1) }] },
      'brownouts[0].from',
    ],
  ])('%s', (_, change, field) => {
    expect(sunsetPlanFaults({ ...plan, ...change }).map((fault) => fault.field)).toEqual([field]);
  });
});
