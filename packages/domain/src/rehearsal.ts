import type { ApiKeyId } from './id.js';
import { sunsetStage, type SunsetExtension, type SunsetPlan, type SunsetStage } from './sunset.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const MINUTE_MS = 60_000;

/** How far back the use of keys is looked at when a plan is rehearsed, in days. */
export const REHEARSAL_DAYS = 30;

export interface TimeRange {
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  until: Date;
}

/**
 * Something that a plan does to keys, and the stretch of time that is rehearsed of it: a whole brownout, or the first day of a
 * step or of the refusal. `tried` is a step that refuses nobody yet: what it would refuse if it were enforced.
 */
export interface PlanMoment extends TimeRange {
  stage: 'tried' | 'slowed' | 'brownout' | 'refused';
  requestsPerMinute: number | null;
  /** The same weekdays and hours in the weeks whose use is known, the latest first. */
  weeks: readonly TimeRange[];
}

/** What a plan has yet to do to keys, in order, with the recorded weeks on which each moment can be tried. */
export function momentsOf(plan: SunsetPlan, recorded: TimeRange, now: Date): PlanMoment[] {
  const ahead = (from: Date, until: Date) => until > now && from < (plan.refusedAt ?? new Date(8.64e15));
  const dayOf = (from: Date) => new Date(from.getTime() + DAY_MS);
  const moment = (
    stage: PlanMoment['stage'],
    range: TimeRange,
    requestsPerMinute: number | null = null,
  ): PlanMoment => ({ stage, ...range, requestsPerMinute, weeks: weeksOf(range, recorded) });
  return [
    ...plan.steps
      .filter(({ from }) => ahead(from, dayOf(from)))
      .map(({ from, requestsPerMinute, mode }) =>
        moment(mode === 'shadow' ? 'tried' : 'slowed', { from, until: dayOf(from) }, requestsPerMinute),
      ),
    ...plan.brownouts
      .filter(({ from, until }) => ahead(from, until))
      .map(({ from, until }) => moment('brownout', { from, until })),
    ...(plan.refusedAt && dayOf(plan.refusedAt) > now
      ? [moment('refused', { from: plan.refusedAt, until: dayOf(plan.refusedAt) })]
      : []),
  ].sort((a, b) => a.from.getTime() - b.from.getTime());
}

/**
 * Whole weeks earlier, those that lie wholly within what is recorded; when none does, because little is, the same hours of the last
 * day that is.
 */
function weeksOf({ from, until }: TimeRange, recorded: TimeRange): TimeRange[] {
  const back = (ms: number): TimeRange => ({
    from: new Date(from.getTime() - ms),
    until: new Date(until.getTime() - ms),
  });
  const aheadMs = Math.max(0, until.getTime() - recorded.until.getTime());
  const ranges: TimeRange[] = [];
  for (let weeks = Math.ceil(aheadMs / WEEK_MS); back(weeks * WEEK_MS).from >= recorded.from; weeks += 1)
    ranges.push(back(weeks * WEEK_MS));
  return ranges.length > 0 ? ranges : [back(Math.floor(aheadMs / DAY_MS) * DAY_MS)];
}

/** Calls with one key in one minute, however each of them was answered. */
export interface KeyMinute {
  keyId: ApiKeyId;
  minute: Date;
  calls: number;
}

/**
 * How many calls a plan would have refused to one app if a week's use came at the moment. The minutes are those of that week,
 * sorted by key and time; the calls of a minute are taken to be spread over it evenly. What other stages refuse on the same
 * day is not counted.
 */
export function refusedCalls(
  plan: SunsetPlan,
  extension: SunsetExtension | null,
  moment: PlanMoment,
  week: TimeRange,
  minutes: readonly KeyMinute[],
): number {
  const shiftMs = moment.from.getTime() - week.from.getTime();
  let refused = 0;
  let bucket: SlowedMinutes | undefined;
  for (const { keyId, minute, calls } of minutes) {
    const at = new Date(minute.getTime() + shiftMs);
    const rate = refusingRate(sunsetStage(plan, extension, at), moment);
    if (rate === undefined) continue;
    if (bucket?.keyId !== keyId) bucket = new SlowedMinutes(keyId, moment.requestsPerMinute ?? 0);
    refused += rate === 0 ? calls : bucket.refused(at, calls);
  }
  return refused;
}

/** The rate at which a stage lets a moment's calls through; undefined when the moment has no part in that stage. */
function refusingRate(stage: SunsetStage, moment: PlanMoment): number | undefined {
  const rate = moment.requestsPerMinute;
  switch (stage.stage) {
    case 'refused':
    case 'brownout':
      return moment.stage === stage.stage ? 0 : undefined;
    case 'slowed':
      if (moment.stage === 'slowed')
        return stage.requestsPerMinute === rate ? stage.requestsPerMinute : undefined;
      return moment.stage === 'tried' && stage.triedPerMinute === rate ? stage.triedPerMinute : undefined;
    case 'announced':
      return moment.stage === 'tried' && stage.triedPerMinute === rate ? stage.triedPerMinute : undefined;
    case 'open':
      return undefined;
  }
}

/** The limit on a slowed key, minute by minute: a burst of as much as a minute gives, and what a minute gives. */
class SlowedMinutes {
  readonly keyId: ApiKeyId;
  readonly #perMinute: number;
  #left: number;
  #at = -Infinity;

  constructor(keyId: ApiKeyId, perMinute: number) {
    this.keyId = keyId;
    this.#perMinute = perMinute;
    this.#left = perMinute;
  }

  refused(minute: Date, calls: number): number {
    const passed = (minute.getTime() - this.#at) / MINUTE_MS - 1;
    if (passed > 0) this.#left = Math.min(this.#perMinute, this.#left + passed * this.#perMinute);
    this.#at = minute.getTime();
    const served = Math.min(calls, Math.floor(this.#left + this.#perMinute));
    this.#left = Math.min(this.#perMinute, this.#left + this.#perMinute - served);
    return calls - served;
  }
}
