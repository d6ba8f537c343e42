import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  cutsSooner,
  daysLeft,
  dueEndNotice,
  isDigestDue,
  isInLiveUse,
  KEY_ENDING_DAYS,
  readinessOf,
  shareMoved,
  type AppSunset,
} from './migration.js';
import { NO_SUNSET, refusalOf } from './sunset.js';

const start = Date.UTC(2026, 0, 1);
const at = (days: number) => new Date(start + days * 86_400_000);
const now = at(0);

describe('readinessOf', () => {
  it.each([
    ['done', false, -1, -1],
    ['not-started', true, -1, null],
    ['not-started', true, -1, -15],
    ['moving', true, -1, -1],
    ['ready', true, -14, -1],
    ['ready', true, null, -1],
    ['idle', true, null, null],
    ['idle', true, -20, -20],
  ] as const)('%s: live key %s, key used %s, token used %s', (readiness, hasLiveKey, key, token) => {
    const when = (days: number | null) => (days === null ? null : at(days));
    expect(readinessOf({ hasLiveKey, keyUsedAt: when(key), tokenUsedAt: when(token) }, now)).toBe(readiness);
  });

  it('live use ends after exactly a fortnight', () => {
    expect(isInLiveUse(new Date(at(-14).getTime() + 1), now)).toBe(true);
    expect(isInLiveUse(at(-14), now)).toBe(false);
    expect(isInLiveUse(null, now)).toBe(false);
  });
});

describe('shareMoved and daysLeft', () => {
  it('a share is of all calls, and of none there is no share', () => {
    expect(shareMoved({ keyCalls: 1, tokenCalls: 3 })).toBe(0.75);
    expect(shareMoved({ keyCalls: 0, tokenCalls: 0 })).toBeNull();
  });

  it.each([
    [null, null],
    [-3, 0],
    [0, 0],
    [0.01, 1],
    [30, 30],
  ])('until %s days from now: %s', (days, left) => {
    expect(daysLeft(days === null ? null : at(days), now)).toBe(left);
  });
});

describe('cutsSooner', () => {
  const plan = (refused: number | null) => ({
    ...NO_SUNSET,
    announcedAt: at(-100),
    refusedAt: refused === null ? null : at(refused),
  });
  const sunset = (refused: number | null, until: number | null = null): AppSunset => ({
    plan: plan(refused),
    extension: until === null ? null : { until: at(until), reason: 'r' },
  });

  it.each<[string, AppSunset, AppSunset, number | null, boolean]>([
    ['a first day of refusal', sunset(null), sunset(90), -1, true],
    ['an earlier day', sunset(90), sunset(60), -1, true],
    ['the same day', sunset(90), sunset(90), -1, false],
    ['a later day', sunset(60), sunset(90), -1, false],
    ['no day any more', sunset(60), sunset(null), -1, false],
    ['a key long unused', sunset(null), sunset(90), -20, false],
    ['a key never used', sunset(null), sunset(90), null, false],
    ['a day that an extension reaches beyond', sunset(null, 120), sunset(90, 120), -1, false],
    ['a day that an extension does not reach', sunset(null, 60), sunset(90, 60), -1, true],
    ['an extension taken back', sunset(90, 120), sunset(90), -1, true],
    ['an extension shortened', sunset(90, 120), sunset(90, 100), -1, true],
    ['an extension given', sunset(90), sunset(90, 120), -1, false],
    ['an extension of the keys of an app that were refused', sunset(-1), sunset(-1, 10), -1, false],
    ['an end that has come, moved further back', sunset(-1), sunset(-2), -1, false],
  ])('%s', (_, before, after, used, expected) => {
    expect(cutsSooner({ before, after, keyUsedAt: used === null ? null : at(used) }, now)).toBe(expected);
  });

  it('never of a change that ends no key sooner', () => {
    const day = fc.option(fc.integer({ min: -5, max: 100 }));
    const any = fc.record({ refused: day, until: day });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [before, after] = [sunset(a.refused, a.until), sunset(b.refused, b.until)];
        const end = (each: AppSunset) => refusalOf(each.plan, each.extension)?.getTime() ?? Infinity;
        fc.pre(cutsSooner({ before, after, keyUsedAt: at(-1) }, now));
        return end(after) < end(before);
      }),
    );
  });
});

describe('dueEndNotice', () => {
  it('gives each notice once, the latest when several have been missed', () => {
    const endsAt = at(100);
    let given: { days: number; endsAt: Date } | null = null;
    const notices: number[] = [];
    for (let day = 0; day <= 101; day += 1) {
      const days = dueEndNotice(endsAt, given, at(day));
      if (days === undefined) continue;
      notices.push(days);
      given = { days, endsAt };
    }
    expect(notices).toEqual([...KEY_ENDING_DAYS]);
    expect(dueEndNotice(endsAt, null, at(95))).toBe(7);
  });

  it('tells a day that has moved anew, and one that never comes not at all', () => {
    const given = { days: 7, endsAt: at(100) };
    expect(dueEndNotice(at(100), given, at(95))).toBeUndefined();
    expect(dueEndNotice(at(120), given, at(95))).toBe(30);
    expect(dueEndNotice(null, null, at(0))).toBeUndefined();
    expect(dueEndNotice(at(0), null, at(0))).toBeUndefined();
  });
});

it('a digest is due a week after the last', () => {
  expect([null, at(-7), at(-6.9)].map((last) => isDigestDue(last, now))).toEqual([true, true, false]);
});
