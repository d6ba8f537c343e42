import type { AppId, DistrictId } from './id.js';
import { isRate, ratePolicyFaults, type LimitPolicy, type RateMode, type RateSubject } from './rate.js';

/** The numbers of a limit. */
export interface LimitNumbers {
  requestsMax: number;
  /** Null of a limit on requests in flight. */
  windowSeconds: number | null;
  burst?: number | undefined;
  mode: RateMode;
}

/** Other numbers in the place of a policy's, for an app, for a district, or for an app in a district. */
export interface RateOverride extends LimitNumbers {
  policy: string;
  appId: AppId | null;
  districtId: DistrictId | null;
  reason: string;
  /** From this instant on the policy itself is in force again; null: until the override is removed. */
  expiresAt: Date | null;
}

/** For whom a policy may be overridden: for those to whom its counter belongs. A district's counter is shared by all of its apps. */
const OVERRIDABLE: Readonly<Record<RateSubject, readonly ('appId' | 'districtId')[]>> = {
  token: ['appId', 'districtId'],
  'api-key': ['appId'],
  app: ['appId'],
  district: ['districtId'],
  address: [],
};

/** The policy with these numbers in the place of its own. */
export function withNumbers(policy: LimitPolicy, numbers: LimitNumbers): LimitPolicy {
  const { name, subject } = policy;
  const { requestsMax, windowSeconds, burst, mode } = numbers;
  if (windowSeconds === null) return { name, subject, requestsMax, windowSeconds, mode };
  return { name, subject, requestsMax, windowSeconds, mode, ...(burst === undefined ? {} : { burst }) };
}

/** What is wrong with such numbers for this policy; empty when they can be kept. */
export function numbersFaults(policy: LimitPolicy, numbers: LimitNumbers) {
  if (isRate(policy) !== (numbers.windowSeconds !== null))
    return [
      {
        field: 'windowSeconds',
        message: isRate(policy) ? 'a rate has a window' : 'a limit on requests in flight has no window',
      },
    ];
  if (numbers.windowSeconds === null && numbers.burst !== undefined)
    return [{ field: 'burst', message: 'a limit on requests in flight has no burst' }];
  return ratePolicyFaults(withNumbers(policy, numbers));
}

/** What is wrong with an override of this policy; empty when it can be kept. */
export function rateOverrideFaults(policy: LimitPolicy, override: RateOverride, now: Date) {
  const faults = numbersFaults(policy, override);
  const may = OVERRIDABLE[policy.subject];
  for (const field of ['appId', 'districtId'] as const)
    if (override[field] !== null && !may.includes(field))
      faults.push({ field, message: `the policy ${policy.name} cannot be overridden by it` });
  if (override.appId === null && override.districtId === null)
    faults.push({ field: 'appId', message: 'an app, a district, or both' });
  if (override.expiresAt && override.expiresAt <= now)
    faults.push({ field: 'expiresAt', message: 'an instant that is yet to come' });
  return faults;
}

/** The limits that a reader of rosters meets. */
export interface ReadingPolicies {
  token: LimitPolicy;
  apiKey: LimitPolicy;
  app: LimitPolicy;
  district: LimitPolicy;
  concurrency: LimitPolicy;
}

interface Entry {
  policy: LimitPolicy;
  endsAtMs: number;
}

/** The overrides of one place, an app, a district or the two, by the name of the policy. */
type Place = Map<string, Entry>;

/**
 * The policies with their overrides, kept so that a look-up costs the same whether there are ten overrides or ten thousand. The
 * most specific wins: an app in a district, then the app, then the district, then the policy itself. One that has expired is
 * as good as removed.
 */
export class LimitTable {
  readonly #policies: ReadonlyMap<string, LimitPolicy>;
  readonly #places = new Map<string, Place>();
  readonly #general: ReadingPolicies;

  constructor(policies: ReadonlyMap<string, LimitPolicy>, overrides: readonly RateOverride[] = []) {
    this.#policies = policies;
    for (const override of overrides) {
      const policy = policies.get(override.policy);
      if (!policy) continue;
      const key = placeOf(override.appId ?? undefined, override.districtId ?? undefined);
      const place: Place = this.#places.get(key) ?? new Map<string, Entry>();
      this.#places.set(key, place);
      const endsAtMs = override.expiresAt?.getTime() ?? Infinity;
      place.set(override.policy, { policy: withNumbers(policy, override), endsAtMs });
    }
    this.#general = reading((name) => this.named(name));
  }

  /** The policy of this name, whoever meets it. */
  named(name: string): LimitPolicy {
    const policy = this.#policies.get(name);
    if (!policy) throw new Error(`no rate policy is named ${name}`);
    return policy;
  }

  /** The policy of this name as this app, this district or this app in this district meets it. */
  for(name: string, appId: AppId | undefined, districtId: DistrictId | undefined, now: Date): LimitPolicy {
    return this.#find(name, this.#placesOf(appId, districtId), now);
  }

  /** All that a reader of rosters meets. */
  reading(appId: AppId, districtId: DistrictId | undefined, now: Date): ReadingPolicies {
    const places = this.#placesOf(appId, districtId);
    return places.length === 0 ? this.#general : reading((name) => this.#find(name, places, now));
  }

  /** The places that have overrides, the most specific first. */
  #placesOf(appId: AppId | undefined, districtId: DistrictId | undefined): Place[] {
    if (this.#places.size === 0) return NOWHERE;
    const both = appId && districtId ? this.#places.get(placeOf(appId, districtId)) : undefined;
    const app = appId ? this.#places.get(placeOf(appId, undefined)) : undefined;
    const district = districtId ? this.#places.get(placeOf(undefined, districtId)) : undefined;
    return [both, app, district].filter((place) => place !== undefined);
  }

  #find(name: string, places: readonly Place[], now: Date): LimitPolicy {
    for (const place of places) {
      const entry = place.get(name);
      if (entry && now.getTime() < entry.endsAtMs) return entry.policy;
    }
    return this.named(name);
  }
}

const NOWHERE: Place[] = [];

function placeOf(appId: AppId | undefined, districtId: DistrictId | undefined): string {
  return `${appId ?? ''}/${districtId ?? ''}`;
}

function reading(policy: (name: string) => LimitPolicy): ReadingPolicies {
  return {
    token: policy('token'),
    apiKey: policy('api-key'),
    app: policy('app'),
    district: policy('district'),
    concurrency: policy('concurrency'),
  };
}
