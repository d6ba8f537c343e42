/** Who is counted. */
export const RATE_SUBJECTS = ['token', 'api-key', 'app', 'district', 'address'] as const;
export type RateSubject = (typeof RATE_SUBJECTS)[number];
export const RATE_MODES = ['enforce', 'shadow'] as const;
export type RateMode = (typeof RATE_MODES)[number];

/** A named limit: at most this many requests per window, which is also the burst that may come at once. */
export interface RatePolicy {
  name: string;
  subject: RateSubject;
  requestsMax: number;
  windowSeconds: number;
  /** A shadow policy counts and reports but never refuses. */
  mode: RateMode;
}

/** Clever's published limit for a bearer token, and ours for what surrounds it. Operators change them by name. */
export const DEFAULT_RATE_POLICIES: readonly RatePolicy[] = [
  { name: 'token', subject: 'token', requestsMax: 1200, windowSeconds: 60, mode: 'enforce' },
  { name: 'api-key', subject: 'api-key', requestsMax: 1200, windowSeconds: 60, mode: 'enforce' },
  { name: 'failed-sign-in', subject: 'address', requestsMax: 60, windowSeconds: 60, mode: 'enforce' },
  { name: 'client', subject: 'app', requestsMax: 600, windowSeconds: 60, mode: 'enforce' },
  { name: 'token-endpoint', subject: 'app', requestsMax: 6000, windowSeconds: 60, mode: 'enforce' },
  { name: 'portal', subject: 'district', requestsMax: 600, windowSeconds: 60, mode: 'enforce' },
  { name: 'exposure-report', subject: 'address', requestsMax: 60, windowSeconds: 60, mode: 'enforce' },
  { name: 'operator', subject: 'address', requestsMax: 1200, windowSeconds: 60, mode: 'enforce' },
];

/** The policy that a slowed key is under: the plan's rate, in the place of the key's ordinary one. */
export function slowedKeyPolicy(requestsPerMinute: number, mode: RateMode): RatePolicy {
  return {
    name: 'api-key-sunset',
    subject: 'api-key',
    requestsMax: requestsPerMinute,
    windowSeconds: 60,
    mode,
  };
}

/**
 * A counter's whole state under GCRA: the theoretical arrival time, in epoch milliseconds, at which the allowance would
 * be full again. Absent: nothing spent.
 */
export type RateState = number | undefined;

export interface RateDecision {
  policy: RatePolicy;
  allowed: boolean;
  /** Whole requests of cost 1 that would still pass now. */
  remaining: number;
  /** When the full burst is available again. */
  resetAt: Date;
  /** Whole seconds, at least 1, after which this cost would pass; 0 when it passed. */
  retryAfterSeconds: number;
  /** The counter after the decision; a refusal leaves it as it was. */
  state: RateState;
}

/** Times are kept in steps of 1/1024 ms: sums of them are exact in a double until the year 2248. */
const STEPS_PER_MS = 1024;

/** What one request takes, rounded up: sums that rounded would now and then refuse the last request of a burst. */
function intervalOf({ requestsMax, windowSeconds }: RatePolicy): number {
  return Math.ceil((windowSeconds * 1000 * STEPS_PER_MS) / requestsMax) / STEPS_PER_MS;
}

/** One decision of the generic cell rate algorithm: no edge of a window lets twice the limit through. */
export function spend(policy: RatePolicy, state: RateState, cost: number, now: Date): RateDecision {
  const nowMs = now.getTime();
  const intervalMs = intervalOf(policy);
  const burstMs = policy.requestsMax * intervalMs;
  const before = Math.max(state ?? nowMs, nowMs);
  const after = before + cost * intervalMs;
  const allowed = after - nowMs <= burstMs;
  const standing = allowed ? after : before;
  const waitMs = allowed ? 0 : after - burstMs - nowMs;
  return {
    policy,
    allowed,
    remaining: Math.max(0, Math.floor((nowMs + burstMs - standing) / intervalMs)),
    resetAt: new Date(standing),
    retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil(waitMs / 1000)),
    state: allowed ? after : state,
  };
}

export interface RateVerdict {
  allowed: boolean;
  decisions: readonly RateDecision[];
}

/**
 * Several policies at once, all or nothing: when one that is enforced refuses, none of them is spent. The decisions keep
 * the order of the policies.
 */
export function spendAll(
  wanted: readonly { policy: RatePolicy; state: RateState; cost: number }[],
  now: Date,
): RateVerdict {
  const [only] = wanted;
  if (only && wanted.length === 1) {
    // Most requests: with one policy there is nothing that another's refusal gives back.
    const decision = spend(only.policy, only.state, only.cost, now);
    return { allowed: decision.allowed || only.policy.mode === 'shadow', decisions: [decision] };
  }
  const decisions = wanted.map(({ policy, state, cost }) => spend(policy, state, cost, now));
  const allowed = decisions.every((decision) => decision.allowed || decision.policy.mode === 'shadow');
  if (allowed) return { allowed, decisions };
  return { allowed, decisions: decisions.map((decision, i) => unspent(decision, wanted[i]?.state, now)) };
}

/** The decision where nothing was spent after all: what remains is what was there before. */
function unspent(decision: RateDecision, state: RateState, now: Date): RateDecision {
  if (!decision.allowed) return decision;
  return { ...spend(decision.policy, state, 0, now), state };
}

/** What is wrong with a policy; empty when it can be kept. */
export function ratePolicyFaults(policy: Pick<RatePolicy, 'requestsMax' | 'windowSeconds'>) {
  const faults: { field: string; message: string }[] = [];
  const whole = (n: number) => Number.isInteger(n) && n >= 1;
  if (!whole(policy.requestsMax) || policy.requestsMax > 10_000_000)
    faults.push({ field: 'requestsMax', message: 'a whole number from 1 to 10000000' });
  if (!whole(policy.windowSeconds) || policy.windowSeconds > 86_400)
    faults.push({ field: 'windowSeconds', message: 'a whole number of seconds from 1 to 86400' });
  return faults;
}
