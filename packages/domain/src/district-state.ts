import type { GrantStatus } from './grant.js';
import { liveSecrets, type SecretLife } from './secret-life.js';

/** How a district fares for an app, the ones that need something of its people first. */
export const DISTRICT_STATES = [
  'requested',
  'none',
  'ending',
  'unused',
  'live',
  'upcoming',
  'ended',
  'paused',
  'revoked',
] as const;
export type DistrictState = (typeof DISTRICT_STATES)[number];

/** A token that ends within so many ms is one to look at. */
export const ENDS_SOON_MS = 14 * 86_400_000;

/** A token that came within so many ms was used lately. */
export const USED_LATELY_MS = 14 * 86_400_000;

export function isUsedLately(lastUsedAt: Date | null, now: Date): boolean {
  return lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < USED_LATELY_MS;
}

/** What is looked at: a grant, its tokens, and when one of them was last used. */
export interface DistrictFacts {
  status: GrantStatus;
  startsAt: Date | null;
  endsAt: Date | null;
  tokens: readonly SecretLife[];
  /** Null: never. */
  lastUsedAt: Date | null;
}

/**
 * The one word for a district: `requested` (waits for an answer), `none` (no live token), `ending` (the newest token ends within
 * ENDS_SOON_MS), `unused`, `live`; or that the grant has not begun, has ended, is paused or revoked.
 */
export function districtState(
  { status, startsAt, endsAt, tokens, lastUsedAt }: DistrictFacts,
  now: Date,
): DistrictState {
  if (status !== 'active') return status;
  if (endsAt && now >= endsAt) return 'ended';
  const newest = liveSecrets(tokens, now).at(-1);
  if (!newest) return 'none';
  if (startsAt && now < startsAt) return 'upcoming';
  const ends = [newest.expiresAt, newest.retiresAt, endsAt].flatMap((end) => (end ? [end.getTime()] : []));
  if (ends.length > 0 && Math.min(...ends) - now.getTime() < ENDS_SOON_MS) return 'ending';
  return lastUsedAt ? 'live' : 'unused';
}
