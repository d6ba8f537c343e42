/** Who is counted. */
export const RATE_SUBJECTS = ['token', 'api-key', 'app', 'district', 'address'] as const;
export type RateSubject = (typeof RATE_SUBJECTS)[number];
export const RATE_MODES = ['enforce', 'shadow'] as const;
export type RateMode = (typeof RATE_MODES)[number];

interface NamedLimit {
  name: string;
  subject: RateSubject;
  /** A shadow policy counts and reports but never refuses. */
  mode: RateMode;
}

/** A named limit on a rate: so many units of cost per window, of which a burst may come at once. */
export interface RatePolicy extends NamedLimit {
  requestsMax: number;
  windowSeconds: number;
  /** Units that may come at once; as many as requestsMax where it is left out. */
  burst?: number;
}

/** A named limit on the requests that are in flight at once: it has no window, and each request counts as one. */
export interface ConcurrencyPolicy extends NamedLimit {
  requestsMax: number;
  windowSeconds: null;
}

export type LimitPolicy = RatePolicy | ConcurrencyPolicy;

export function isRate(policy: LimitPolicy): policy is RatePolicy {
  return policy.windowSeconds !== null;
}

export function burstOf({ burst, requestsMax }: RatePolicy): number {
  return burst ?? requestsMax;
}

/**
 * What a request costs, by the class of its route: a page is one database statement and one request of a Clever client, which
 * has 1,200 a minute; an export reads a whole roster.
 */
export const ROUTE_COSTS = { record: 1, page: 1, export: 50 } as const;
export type RouteClass = keyof typeof ROUTE_COSTS;

/**
 * What a request takes of this policy. It is never more than the burst: where a policy is smaller than the route's cost, as a
 * slowed key's is, the request takes all of it, and is not refused for ever.
 */
export function costUnder(policy: LimitPolicy, route: RouteClass): number {
  return isRate(policy) ? Math.min(ROUTE_COSTS[route], burstOf(policy)) : 1;
}

const limit = (name: string, subject: RateSubject, requestsMax: number, windowSeconds = 60): RatePolicy => ({
  name,
  subject,
  requestsMax,
  windowSeconds,
  mode: 'enforce',
});

/**
 * Clever's published limit for a bearer token, and ours for what surrounds it, wide enough that an ordinary sync meets none of
 * them: an app that reads a hundred districts at once has its 1,200 in each. Operators change them by name.
 */
export const DEFAULT_RATE_POLICIES: readonly RatePolicy[] = [
  limit('token', 'token', 1200),
  limit('api-key', 'api-key', 1200),
  limit('app', 'app', 120_000),
  limit('district', 'district', 60_000),
  limit('failed-sign-in', 'address', 60),
  limit('client', 'app', 600),
  limit('token-endpoint', 'app', 6000),
  limit('portal', 'district', 600),
  limit('exposure-report', 'address', 60),
  limit('operator', 'address', 1200),
  limit('person', 'address', 600),
  // Of one account, from wherever: enough for a forgetful person, and a guess in years for anybody else.
  limit('failed-password', 'address', 20, 900),
];

/** Of one grant's tokens, or of one API key: 20 in flight are more than the parallel pulls of any client known to us. */
export const DEFAULT_CONCURRENCY_POLICY: ConcurrencyPolicy = {
  name: 'concurrency',
  subject: 'token',
  requestsMax: 20,
  windowSeconds: null,
  mode: 'enforce',
};

/** Sets of limits to begin with, by name. What a preset does not name stays as it is. */
export const RATE_PRESETS = {
  /** What is published of Clever's: 1,200 a minute for each bearer token. */
  clever: [limit('token', 'token', 1200), limit('api-key', 'api-key', 1200)],
  /** A machine of one or two cores in the weeks of back-to-school: each app is slower, and none is in another's way. */
  'small-server': [
    { ...limit('token', 'token', 600), burst: 120 },
    { ...limit('api-key', 'api-key', 600), burst: 120 },
    { ...limit('app', 'app', 6000), burst: 600 },
    { ...limit('district', 'district', 3000), burst: 600 },
    { ...DEFAULT_CONCURRENCY_POLICY, requestsMax: 5 },
  ],
  /** Partners that have outgrown 1,200 a minute, on hardware that carries it. */
  large: [
    limit('token', 'token', 12_000),
    limit('api-key', 'api-key', 12_000),
    limit('app', 'app', 1_200_000),
    limit('district', 'district', 600_000),
    { ...DEFAULT_CONCURRENCY_POLICY, requestsMax: 100 },
  ],
} as const satisfies Readonly<Record<string, readonly LimitPolicy[]>>;
export type RatePreset = keyof typeof RATE_PRESETS;

/** Rates are few, those that plans have named, and each is asked for at every request of a slowed key. */
const slowed = { enforce: new Map<number, RatePolicy>(), shadow: new Map<number, RatePolicy>() };

/** The policy that a slowed key is under: the plan's rate, in the place of the key's ordinary one. */
export function slowedKeyPolicy(requestsPerMinute: number, mode: RateMode): RatePolicy {
  let policy = slowed[mode].get(requestsPerMinute);
  if (!policy) {
    policy = {
      name: 'api-key-sunset',
      subject: 'api-key',
      requestsMax: requestsPerMinute,
      windowSeconds: 60,
      mode,
    };
    slowed[mode].set(requestsPerMinute, policy);
  }
  return policy;
}

/**
 * A counter's whole state under GCRA: the theoretical arrival time, in epoch milliseconds, at which the allowance would
 * be full again. Absent: nothing spent.
 */
export type RateState = number | undefined;

export interface LimitDecision {
  policy: LimitPolicy;
  allowed: boolean;
  /** Whole requests of cost 1 that would still pass now. */
  remaining: number;
  /** When the full burst is available again; null of requests in flight, which end when they end. */
  resetAt: Date | null;
  /** Whole seconds, at least 1, after which this cost would pass; 0 when it passed. */
  retryAfterSeconds: number;
  /** The counter after the decision; a refusal leaves it as it was. */
  state: RateState;
}

/** Times are kept in steps of 1/1024 ms: sums of them are exact in a double until the year 2248. */
const STEPS_PER_MS = 1024;

/** What one unit takes, rounded up: sums that rounded would now and then refuse the last request of a burst. */
export function intervalOf({ requestsMax, windowSeconds }: RatePolicy): number {
  return Math.ceil((windowSeconds * 1000 * STEPS_PER_MS) / requestsMax) / STEPS_PER_MS;
}

/** One decision of the generic cell rate algorithm: no edge of a window lets twice the limit through. */
export function spend(policy: RatePolicy, state: RateState, cost: number, now: Date): LimitDecision {
  const nowMs = now.getTime();
  const intervalMs = intervalOf(policy);
  const burstMs = burstOf(policy) * intervalMs;
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

/** One decision on requests in flight, of which the state is how many there are. */
export function enter(policy: ConcurrencyPolicy, inFlight: RateState, cost: number): LimitDecision {
  const before = inFlight ?? 0;
  const allowed = before + cost <= policy.requestsMax;
  // What a shadow policy would have refused is in flight all the same.
  const after = allowed || policy.mode === 'shadow' ? before + cost : before;
  return {
    policy,
    allowed,
    remaining: Math.max(0, policy.requestsMax - after),
    resetAt: null,
    retryAfterSeconds: allowed ? 0 : 1,
    state: after,
  };
}

export interface RateVerdict {
  allowed: boolean;
  decisions: readonly LimitDecision[];
}

/** A limit that a request meets, how its counter stands, and what the request takes of it. */
export interface Wanted {
  policy: LimitPolicy;
  state: RateState;
  cost: number;
}

/**
 * Several limits at once, all or nothing: when one that is enforced refuses, none of them is spent. The decisions keep the
 * order of the policies.
 */
export function spendAll(wanted: readonly Wanted[], now: Date): RateVerdict {
  const decisions = wanted.map((each) => decide(each, each.cost, now));
  const allowed = decisions.every((decision) => decision.allowed || decision.policy.mode === 'shadow');
  if (allowed) return { allowed, decisions };
  return { allowed, decisions: wanted.map((each, i) => unspent(decisions[i] as LimitDecision, each, now)) };
}

function decide({ policy, state }: Wanted, cost: number, now: Date): LimitDecision {
  return isRate(policy) ? spend(policy, state, cost, now) : enter(policy, state, cost);
}

/** The decision where nothing was spent after all: what remains is what was there before. */
function unspent(decision: LimitDecision, wanted: Wanted, now: Date): LimitDecision {
  const { allowed, retryAfterSeconds } = decision;
  return { ...decide(wanted, 0, now), allowed, retryAfterSeconds, state: wanted.state };
}

/** A policy as one of several that share it without knowing of each other: together they allow no more, but for rounding up to one. */
export function shareOf(policy: RatePolicy, sharers: number): RatePolicy {
  const part = (units: number) => Math.max(1, Math.floor(units / sharers));
  return { ...policy, requestsMax: part(policy.requestsMax), burst: part(burstOf(policy)) };
}

/** Below this part of the burst nothing is lent out: each unit is counted where all can see it. */
export const EXACT_BELOW = 0.1;

/** How many units a process may take of a shared counter ahead of use: 5 % of the burst, or what comes back within 50 ms. */
export function leaseOf(policy: RatePolicy): number {
  return Math.ceil(Math.min(0.05 * burstOf(policy), 50 / intervalOf(policy)));
}

/** What is wrong with a policy; empty when it can be kept. */
export function ratePolicyFaults(policy: LimitPolicy) {
  const faults: { field: string; message: string }[] = [];
  const whole = (n: number) => Number.isInteger(n) && n >= 1;
  const { requestsMax } = policy;
  if (!whole(requestsMax) || requestsMax > 10_000_000)
    faults.push({ field: 'requestsMax', message: 'a whole number from 1 to 10000000' });
  if (!isRate(policy)) return faults;
  const { windowSeconds, burst } = policy;
  if (!whole(windowSeconds) || windowSeconds > 86_400)
    faults.push({ field: 'windowSeconds', message: 'a whole number of seconds from 1 to 86400' });
  if (burst !== undefined && (!whole(burst) || burst > 10_000_000))
    faults.push({ field: 'burst', message: 'a whole number from 1 to 10000000' });
  const dearest = isReading(policy) ? Math.max(...Object.values(ROUTE_COSTS)) : 1;
  if (faults.length === 0 && burstOf(policy) < dearest)
    faults.push({
      field: burst === undefined ? 'requestsMax' : 'burst',
      message: `at least ${dearest}: an export takes as much at once`,
    });
  return faults;
}

/** Whether requests of every class of route draw on it. */
function isReading({ name }: RatePolicy): boolean {
  return ['token', 'api-key', 'app', 'district'].includes(name);
}

/** The network that an address is counted by: whoever has one IPv6 address has the other 2^64 of its /64 as well. */
export function addressSubject(address: string): string {
  if (!address.includes(':')) return address;
  const [text = ''] = address.toLowerCase().split('%');
  const mapped = /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after];
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
