import { RATE_MODES, type RateMode } from './rate.js';

/** A rate that legacy keys are slowed to. */
export interface SunsetStep {
  /** From this instant on, until a later step. */
  from: Date;
  requestsPerMinute: number;
  /** A shadow step counts and reports whom it would refuse, and slows nobody. */
  mode: RateMode;
}

/** A window in which keys are refused, as a rehearsal of the end: from inclusive, until exclusive. */
export interface Brownout {
  from: Date;
  until: Date;
}

/**
 * How API keys are retired: announced, slowed in steps, rehearsed away in brownouts, refused. One plan for all, and for an app
 * that needs one a plan of its own; an absent date never comes. Dates are data: nothing in the code knows one.
 */
export interface SunsetPlan {
  readonly announcedAt: Date | null;
  readonly steps: readonly SunsetStep[];
  readonly brownouts: readonly Brownout[];
  readonly refusedAt: Date | null;
}

/** More time for one app: until then the plan stands still at its notice for that app, whatever its dates say. */
export interface SunsetExtension {
  until: Date;
  reason: string;
}

/** A stage; one in which keys work names the rate that is only tried meanwhile, while a shadow step stands. */
export type SunsetStage =
  | { stage: 'open' }
  | { stage: 'announced'; triedPerMinute?: number }
  | { stage: 'slowed'; requestsPerMinute: number; triedPerMinute?: number }
  | { stage: 'brownout'; until: Date }
  | { stage: 'refused' };

/** A plan that retires nothing. */
export const NO_SUNSET: SunsetPlan = { announcedAt: null, steps: [], brownouts: [], refusedAt: null };

/** The plan as stages that follow upon each other: each from an instant, in epoch milliseconds, until the next one's. */
type Timeline = readonly { from: number; stage: SunsetStage }[];

/** Plans live as long as they are in force: each is laid out once, however many ask it how late it is. */
const timelines = new WeakMap<SunsetPlan, Timeline>();

/**
 * The stage an app's keys are in at an instant. Boundaries are inclusive at the start of a stage and exclusive at the end
 * of a brownout. A brownout wins over a step; refusal wins over all and is terminal. Brownouts that touch are one.
 */
export function sunsetStage(plan: SunsetPlan, extension: SunsetExtension | null, now: Date): SunsetStage {
  if (extension && now < extension.until) return announcedOrOpen(plan, now);
  const timeline = timelineOf(plan);
  return timeline[indexAt(timeline, now.getTime())]?.stage ?? OPEN;
}

const OPEN: SunsetStage = { stage: 'open' };
const ANNOUNCED: SunsetStage = { stage: 'announced' };
const REFUSED: SunsetStage = { stage: 'refused' };

function announcedOrOpen(plan: SunsetPlan, now: Date): SunsetStage {
  return plan.announcedAt && now >= plan.announcedAt ? ANNOUNCED : OPEN;
}

/** The next stage that an app's keys come into after an instant, and when; null when nothing more comes. */
export function nextStage(
  plan: SunsetPlan,
  extension: SunsetExtension | null,
  now: Date,
): { at: Date; stage: SunsetStage } | null {
  const stands = sunsetStage(plan, extension, now);
  const timeline = timelineOf(plan);
  const isHeld = extension !== null && now < extension.until;
  if (isHeld) {
    for (const at of [plan.announcedAt, extension.until]) {
      if (!at || at <= now || at > extension.until) continue;
      const stage = sunsetStage(plan, extension, at);
      if (!isSameStage(stage, stands)) return { at, stage };
    }
  }
  const from = isHeld ? extension.until : now;
  for (const { from: at, stage } of timeline.slice(indexAt(timeline, from.getTime()) + 1))
    if (!isSameStage(stage, stands)) return { at: new Date(at), stage };
  return null;
}

/** What differs from one stage to the next, as one text. */
function wordOf(stage: SunsetStage): string {
  switch (stage.stage) {
    case 'slowed':
      return `slowed ${stage.requestsPerMinute} ${stage.triedPerMinute}`;
    case 'announced':
      return `announced ${stage.triedPerMinute}`;
    case 'brownout':
      return `brownout ${stage.until.getTime()}`;
    case 'open':
    case 'refused':
      return stage.stage;
  }
}

function isSameStage(a: SunsetStage, b: SunsetStage): boolean {
  return wordOf(a) === wordOf(b);
}

/** The last entry that has begun; -1 before the first. */
function indexAt(timeline: Timeline, now: number): number {
  let [low, high] = [0, timeline.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timeline[middle] as { from: number }).from <= now) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function timelineOf(plan: SunsetPlan): Timeline {
  let known = timelines.get(plan);
  if (!known) timelines.set(plan, (known = layOut(plan)));
  return known;
}

function layOut({ announcedAt, steps, brownouts, refusedAt }: SunsetPlan): Timeline {
  const end = refusedAt?.getTime() ?? Infinity;
  const calm = calmStages(announcedAt, steps).filter(({ from }) => from < end);
  const timeline: { from: number; stage: SunsetStage }[] = [];
  const put = (from: number, stage: SunsetStage) => {
    // Of two that begin at once the later one counts.
    if (timeline.at(-1)?.from === from) timeline.pop();
    timeline.push({ from, stage });
  };
  let next = 0;
  let standing: SunsetStage = OPEN;
  const putCalmUntil = (until: number, isShown: boolean) => {
    for (let each = calm[next]; each && each.from < until; each = calm[(next += 1)]) {
      standing = each.stage;
      if (isShown) put(each.from, standing);
    }
  };
  for (const { from, until } of joined(brownouts)) {
    if (from >= end) break;
    putCalmUntil(from, true);
    put(from, { stage: 'brownout', until: new Date(until) });
    putCalmUntil(until, false);
    // A stage that begins as the brownout ends is put by itself.
    if (until < end && calm[next]?.from !== until) put(until, standing);
  }
  putCalmUntil(Infinity, true);
  if (refusedAt) put(end, REFUSED);
  return timeline;
}

/** The notice and the steps in order; a step that is enforced ends the trial of those before it. */
function calmStages(announcedAt: Date | null, steps: readonly SunsetStep[]): Timeline {
  const stages: { from: number; stage: SunsetStage }[] = [];
  if (announcedAt) stages.push({ from: announcedAt.getTime(), stage: ANNOUNCED });
  let enforced: number | undefined;
  for (const { from, requestsPerMinute, mode } of steps.toSorted(
    (a, b) => a.from.getTime() - b.from.getTime(),
  )) {
    const tried = mode === 'shadow' ? { triedPerMinute: requestsPerMinute } : {};
    if (mode === 'enforce') enforced = requestsPerMinute;
    const stage: SunsetStage =
      enforced === undefined
        ? { stage: 'announced', ...tried }
        : { stage: 'slowed', requestsPerMinute: enforced, ...tried };
    stages.push({ from: from.getTime(), stage });
  }
  return stages;
}

/** Windows in order, those that overlap or touch as one. */
function joined(brownouts: readonly Brownout[]): { from: number; until: number }[] {
  const sorted = brownouts
    .map(({ from, until }) => ({ from: from.getTime(), until: until.getTime() }))
    .filter(({ from, until }) => from < until)
    .sort((a, b) => a.from - b.from);
  const windows: { from: number; until: number }[] = [];
  for (const each of sorted) {
    const last = windows.at(-1);
    if (last && each.from <= last.until) last.until = Math.max(last.until, each.until);
    else windows.push(each);
  }
  return windows;
}

/** When an app's keys end for good: the plan's day, or that of an extension that reaches beyond it; null: never. */
export function refusalOf({ refusedAt }: SunsetPlan, extension: SunsetExtension | null): Date | null {
  return refusedAt && extension && extension.until > refusedAt ? extension.until : refusedAt;
}

/** What every answer to a key says from the day of notice on (RFC 9745 and RFC 8594). */
export interface SunsetNotice {
  deprecatedAt: Date;
  /** When this app's keys stop; absent while the plan names no such day. */
  sunsetAt: Date | null;
}

/** The notice due at an instant, or null before the announcement. The Sunset is never before the Deprecation. */
export function sunsetNotice(
  plan: SunsetPlan,
  extension: SunsetExtension | null,
  now: Date,
): SunsetNotice | null {
  if (!plan.announcedAt || now < plan.announcedAt) return null;
  return { deprecatedAt: plan.announcedAt, sunsetAt: refusalOf(plan, extension) };
}

/** What is wrong with a plan; empty when it can be kept. Steps and brownouts after the refusal are merely never seen. */
export function sunsetPlanFaults(plan: SunsetPlan): { field: string; message: string }[] {
  const faults: { field: string; message: string }[] = [];
  const fault = (field: string, message: string) => faults.push({ field, message });
  const { announcedAt, steps, brownouts, refusedAt } = plan;
  const acts = steps.length > 0 || brownouts.length > 0 || refusedAt;
  if (acts && !announcedAt)
    fault('announcedAt', 'a plan that slows or refuses keys has to be announced first');
  const tooEarly = (date: Date) => announcedAt !== null && date < announcedAt;
  if (refusedAt && tooEarly(refusedAt)) fault('refusedAt', 'refusal cannot come before the announcement');
  steps.forEach((step, i) => {
    const field = `steps[${i}]`;
    if (tooEarly(step.from)) fault(`${field}.from`, 'a step cannot begin before the announcement');
    if (!Number.isInteger(step.requestsPerMinute) || step.requestsPerMinute < 1)
      fault(
        `${field}.requestsPerMinute`,
        'a rate is a whole number of at least 1; use refusedAt to stop keys',
      );
    if (!RATE_MODES.includes(step.mode)) fault(`${field}.mode`, `one of ${RATE_MODES.join(', ')}`);
    const isFaster = (other: SunsetStep) =>
      other.mode === 'enforce' && other.from < step.from && other.requestsPerMinute < step.requestsPerMinute;
    if (step.mode === 'enforce' && steps.some(isFaster))
      fault(`${field}.requestsPerMinute`, 'a later step cannot be faster than an earlier one');
  });
  brownouts.forEach((brownout, i) => {
    const field = `brownouts[${i}]`;
    if (brownout.until <= brownout.from) fault(`${field}.until`, 'a brownout ends after it begins');
    if (tooEarly(brownout.from)) fault(`${field}.from`, 'a brownout cannot begin before the announcement');
  });
  return faults;
}
