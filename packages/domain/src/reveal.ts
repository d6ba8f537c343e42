/** What `GET /oauth/tokens` shows of a token: the secret at every call; until it was fetched once; or its mask alone. */
export const REVEAL_MODES = ['always', 'once', 'never'] as const;
export type RevealMode = (typeof REVEAL_MODES)[number];

/** Fewer secrets than this, read within an hour, are never unusual. */
export const REVEALS_USUAL_MIN = 20;
/** So many times the busiest hour of the week before. */
const UNUSUAL_FACTOR = 2;

/**
 * Whether an app has read so many secrets within an hour that somebody should know: more than twice the number of its busiest
 * hour in the week before, and more than REVEALS_USUAL_MIN. Counts are of secrets shown, not of calls.
 */
export function isUnusualReveal(shownThisHour: number, shownInBusiestHour: number): boolean {
  return shownThisHour > Math.max(REVEALS_USUAL_MIN, UNUSUAL_FACTOR * shownInBusiestHour);
}

/** What happens when a token turns up in strange hands: it is revoked and its successor issued, or the district is told. */
export const EXPOSURE_POLICIES = ['rotate', 'notify'] as const;
export type ExposurePolicy = (typeof EXPOSURE_POLICIES)[number];
