/** A rate that legacy keys are slowed to. */
export interface SunsetStep {
  /** From this instant on, until a later step. */
  from: Date;
  requestsPerMinute: number;
}

/** A window in which keys are refused, as a rehearsal of the end: from inclusive, until exclusive. */
export interface Brownout {
  from: Date;
  until: Date;
}

/**
 * How API keys are retired: announced, slowed in steps, rehearsed away in brownouts, refused. One plan for all; an absent
 * date never comes. Dates are data: nothing in the code knows one.
 */
export interface SunsetPlan {
  announcedAt: Date | null;
  steps: readonly SunsetStep[];
  brownouts: readonly Brownout[];
  refusedAt: Date | null;
}

/** More time for one app: until then the plan stands still at its notice for that app, whatever its dates say. */
export interface SunsetExtension {
  until: Date;
  reason: string;
}

export type SunsetStage =
  | { stage: 'open' }
  | { stage: 'announced' }
  | { stage: 'slowed'; requestsPerMinute: number }
  | { stage: 'brownout'; until: Date }
  | { stage: 'refused' };

/** A plan that retires nothing. */
export const NO_SUNSET: SunsetPlan = { announcedAt: null, steps: [], brownouts: [], refusedAt: null };

/**
 * The stage an app's keys are in at an instant. Boundaries are inclusive at the start of a stage and exclusive at the end
 * of a brownout. A brownout wins over a step; refusal wins over all and is terminal.
 */
export function sunsetStage(plan: SunsetPlan, extension: SunsetExtension | null, now: Date): SunsetStage {
  if (extension && now < extension.until) return announcedOrOpen(plan, now);
  if (plan.refusedAt && now >= plan.refusedAt) return { stage: 'refused' };
  const brownout = plan.brownouts.find(({ from, until }) => from <= now && now < until);
  if (brownout) return { stage: 'brownout', until: brownout.until };
  const step = stepAt(plan.steps, now);
  if (step) return { stage: 'slowed', requestsPerMinute: step.requestsPerMinute };
  return announcedOrOpen(plan, now);
}

function announcedOrOpen(plan: SunsetPlan, now: Date): SunsetStage {
  return plan.announcedAt && now >= plan.announcedAt ? { stage: 'announced' } : { stage: 'open' };
}

function stepAt(steps: readonly SunsetStep[], now: Date): SunsetStep | undefined {
  let latest: SunsetStep | undefined;
  for (const step of steps) {
    if (step.from <= now && (!latest || step.from >= latest.from)) latest = step;
  }
  return latest;
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
  const { refusedAt } = plan;
  const sunsetAt = refusedAt && extension && extension.until > refusedAt ? extension.until : refusedAt;
  return { deprecatedAt: plan.announcedAt, sunsetAt };
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
    if (steps.some((other) => other.from < step.from && other.requestsPerMinute < step.requestsPerMinute))
      fault(`${field}.requestsPerMinute`, 'a later step cannot be faster than an earlier one');
  });
  brownouts.forEach((brownout, i) => {
    const field = `brownouts[${i}]`;
    if (brownout.until <= brownout.from) fault(`${field}.until`, 'a brownout ends after it begins');
    if (tooEarly(brownout.from)) fault(`${field}.from`, 'a brownout cannot begin before the announcement');
  });
  return faults;
}
