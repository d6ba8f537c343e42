import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RATE_MODES } from './rate.js';
import {
  NO_SUNSET,
  nextStage,
  sunsetNotice,
  sunsetPlanFaults,
  sunsetStage,
  type SunsetExtension,
  type SunsetPlan,
} from './sunset.js';

const second = 1000;
const day = 86_400 * second;
const start = Date.UTC(2026, 0, 1);
const at = (days: number, seconds = 0) => new Date(start + days * day + seconds * second);

const plan: SunsetPlan = {
  announcedAt: at(0),
  steps: [
    { from: at(60), requestsPerMinute: 60, mode: 'enforce' as const },
    { from: at(30), requestsPerMinute: 600, mode: 'enforce' as const },
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
      steps: fc.array(
        fc.record({
          from: instant,
          requestsPerMinute: fc.integer({ min: 1, max: 5 }),
          mode: fc.constantFrom(...RATE_MODES),
        }),
        { maxLength: 4 },
      ),
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

/** The rule as it is told: what holds is looked for anew among all that the plan says. */
function toldStage({ announcedAt, steps, brownouts, refusedAt }: SunsetPlan, now: Date) {
  if (refusedAt && now >= refusedAt) return 'refused';
  if (brownouts.some(({ from, until }) => from <= now && now < until)) return 'brownout';
  const begun = steps.filter(({ from }) => from <= now);
  const latest = (of: typeof begun) =>
    of.reduce<(typeof begun)[number] | undefined>((a, b) => (a && a.from > b.from ? a : b), undefined);
  const enforced = latest(begun.filter(({ mode }) => mode === 'enforce'));
  const last = latest(begun);
  const tried = last?.mode === 'shadow' ? `, tried ${last.requestsPerMinute}` : '';
  if (enforced) return `slowed ${enforced.requestsPerMinute}${tried}`;
  return announcedAt && now >= announcedAt ? `announced${tried}` : 'open';
}

const shownStage = (stage: ReturnType<typeof sunsetStage>) => {
  const rate = stage.stage === 'slowed' ? ` ${stage.requestsPerMinute}` : '';
  const tried = 'triedPerMinute' in stage ? `, tried ${stage.triedPerMinute}` : '';
  return `${stage.stage}${rate}${tried}`;
};

describe('a plan laid out', () => {
  const hour = fc.integer({ min: 0, max: 60 }).map((hours) => at(0, hours * 3600));
  const dense: fc.Arbitrary<SunsetPlan> = fc
    .record({
      announcedAt: fc.constant(at(0)),
      steps: fc.uniqueArray(
        fc.record({ from: hour, requestsPerMinute: fc.constant(5), mode: fc.constantFrom(...RATE_MODES) }),
        { maxLength: 5, selector: ({ from }) => from.getTime() },
      ),
      brownouts: fc.array(fc.record({ from: hour, until: hour }), { maxLength: 6 }),
      refusedAt: fc.option(hour),
    })
    .filter((each) => sunsetPlanFaults(each).length === 0);

  it('says at every second what the plan says, however its dates overlap', () => {
    fc.assert(
      fc.property(dense, (each) => {
        for (let hours = -1; hours < 62; hours += 1)
          for (const seconds of [-1, 0, 1]) {
            const now = at(0, hours * 3600 + seconds);
            expect(shownStage(sunsetStage(each, null, now))).toBe(toldStage(each, now));
          }
      }),
      { numRuns: 300 },
    );
  });

  it('names as the next stage exactly the first that differs', () => {
    const extension = fc.option(hour.map((until): SunsetExtension => ({ until, reason: 'r' })));
    fc.assert(
      fc.property(dense, extension, hour, (each, more, now) => {
        const next = nextStage(each, more, now);
        const stand = sunsetStage(each, more, now);
        if (!next) {
          for (let hours = 0; hours < 62; hours += 1) {
            const later = at(0, hours * 3600);
            if (later > now) expect(sunsetStage(each, more, later)).toEqual(stand);
          }
          return;
        }
        expect(next.at.getTime()).toBeGreaterThan(now.getTime());
        expect(next.stage).toEqual(sunsetStage(each, more, next.at));
        const before = new Date(next.at.getTime() - 1);
        expect(shownStage(sunsetStage(each, more, before))).toBe(shownStage(stand));
      }),
      { numRuns: 300 },
    );
  });

  it('a shadow step leaves the rate that is enforced as it is', () => {
    const steps = [
      { from: at(1), requestsPerMinute: 600, mode: 'enforce' as const },
      { from: at(2), requestsPerMinute: 60, mode: 'shadow' as const },
    ];
    const tried = { ...NO_SUNSET, announcedAt: at(0), steps };
    expect(sunsetStage(tried, null, at(3))).toEqual({
      stage: 'slowed',
      requestsPerMinute: 600,
      triedPerMinute: 60,
    });
  });

  it.each([
    ['clocks go forward in New York', '2026-03-08T01:59:59-05:00', '2026-03-08T03:00:00-04:00'],
    ['clocks go back in New York', '2026-11-01T01:59:59-04:00', '2026-11-01T01:00:00-05:00'],
    ['clocks go forward in Berlin', '2026-03-29T01:59:59+01:00', '2026-03-29T03:00:00+02:00'],
  ])('a brownout that begins as %s begins one second after the second before', (_, before, from) => {
    const window = { from: new Date(from), until: new Date(new Date(from).getTime() + 3600 * second) };
    const each = { ...NO_SUNSET, announcedAt: at(0), brownouts: [window] };
    expect(sunsetStage(each, null, new Date(before)).stage).toBe('announced');
    expect(sunsetStage(each, null, window.from).stage).toBe('brownout');
    expect(sunsetStage(each, null, new Date(window.until.getTime() - second)).stage).toBe('brownout');
    expect(sunsetStage(each, null, window.until).stage).toBe('announced');
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
    [
      'a step before the announcement',
      { steps: [{ from: at(-1), requestsPerMinute: 1, mode: 'enforce' as const }] },
      'steps[0].from',
    ],
    [
      'a rate of nothing',
      { steps: [{ from: at(1), requestsPerMinute: 0, mode: 'enforce' as const }] },
      'steps[0].requestsPerMinute',
    ],
    [
      'a broken rate',
      { steps: [{ from: at(1), requestsPerMinute: 1.5, mode: 'enforce' as const }] },
      'steps[0].requestsPerMinute',
    ],
    [
      'a later step that is faster',
      {
        steps: [
          { from: at(1), requestsPerMinute: 10, mode: 'enforce' as const },
          { from: at(2), requestsPerMinute: 11, mode: 'enforce' as const },
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

it('the example plan that is shipped is sound, and is the one of the story', async () => {
  const url = new URL('../../../docs/examples/sunset-plan.json', import.meta.url);
  const json = JSON.parse(await readFile(url, 'utf8')) as Record<keyof SunsetPlan, never>;
  const dated = JSON.parse(JSON.stringify(json), (key, value: unknown) =>
    typeof value === 'string' && key !== 'mode' ? new Date(value) : value,
  ) as SunsetPlan;
  expect(sunsetPlanFaults(dated)).toEqual([]);
  const stageOn = (date: string) => sunsetStage(dated, null, new Date(`${date}T00:00:00Z`)).stage;
  expect(['2027-01-31', '2027-02-01', '2027-06-30', '2027-07-01', '2028-03-16'].map(stageOn)).toEqual([
    'open',
    'announced',
    'announced',
    'slowed',
    'refused',
  ]);
});
