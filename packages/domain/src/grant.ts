import type { AppId, DistrictId, GrantId } from './id.js';
import type { SharingRule } from './sharing-rule.js';

/** The life of a grant. `revoked` ends it; a new approval is a new grant. */
export const GRANT_STATUSES = ['requested', 'active', 'paused', 'revoked'] as const;
export type GrantStatus = (typeof GRANT_STATUSES)[number];

/** One district's authorisation of one app. */
export interface Grant {
  id: GrantId;
  appId: AppId;
  districtId: DistrictId;
  status: GrantStatus;
  rule: SharingRule;
  /** Not before this instant; null: at once. */
  startsAt: Date | null;
  /** From this instant on no longer; null: until revoked. */
  endsAt: Date | null;
  /** Narrowing is under way: until the new visible set is published the grant fails closed. */
  isNarrowing: boolean;
}

export const GRANT_ACTIONS = ['approve', 'narrow', 'pause', 'resume', 'revoke'] as const;
export type GrantAction = (typeof GRANT_ACTIONS)[number];

const TRANSITIONS: Readonly<Record<GrantStatus, Partial<Record<GrantAction, GrantStatus>>>> = {
  requested: { approve: 'active', revoke: 'revoked' },
  active: { narrow: 'active', pause: 'paused', revoke: 'revoked' },
  paused: { narrow: 'paused', resume: 'active', revoke: 'revoked' },
  revoked: {},
};

/** The status after an action, or undefined when that action is not open to a grant of this status. */
export function afterAction(status: GrantStatus, action: GrantAction): GrantStatus | undefined {
  return TRANSITIONS[status][action];
}

/** The actions open to a grant of this status, for an error that says what can be done. */
export function openActions(status: GrantStatus): GrantAction[] {
  return Object.keys(TRANSITIONS[status]) as GrantAction[];
}
