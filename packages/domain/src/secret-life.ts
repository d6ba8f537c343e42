import { DomainError } from './domain-error.js';

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

/** How long a replaced secret goes on beside its successor, where nobody says otherwise: a day. */
export const GRACE_SECONDS_DEFAULT = DAY_SECONDS;
/** The longest such time: 30 days. */
export const GRACE_SECONDS_MAX = 30 * DAY_SECONDS;
/** A holder has one secret, and during a rotation two. */
export const LIVE_SECRETS_MAX = 2;

/** The dates of a secret that its holder can rotate: a token of a grant, a client secret of an app. */
export interface SecretLife {
  issuedAt: Date;
  /** When it was first used; null: not yet. */
  confirmedAt: Date | null;
  /** From this instant on it is refused, because another took its place; null: none has, or that one waits for its first use. */
  retiresAt: Date | null;
  /** From this instant on it is refused, because it is too old; null: never. */
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export const SECRET_STATES = ['live', 'retired', 'expired', 'revoked'] as const;
export type SecretState = (typeof SECRET_STATES)[number];

/** What a secret is at an instant. Of several ends the gravest is named; none is ever undone. */
export function secretState(
  { retiresAt, expiresAt, revokedAt }: Pick<SecretLife, 'retiresAt' | 'expiresAt' | 'revokedAt'>,
  now: Date,
): SecretState {
  // Whatever the clocks say: who revoked it may be ahead of who is asked.
  if (revokedAt) return 'revoked';
  if (retiresAt && now >= retiresAt) return 'retired';
  if (expiresAt && now >= expiresAt) return 'expired';
  return 'live';
}

/** The secrets that are live at an instant, oldest first: at the end the one to use. */
export function liveSecrets<S extends SecretLife>(secrets: readonly S[], now: Date): S[] {
  return secrets
    .filter((each) => secretState(each, now) === 'live')
    .toSorted((a, b) => a.issuedAt.getTime() - b.issuedAt.getTime());
}

/** When the time beside each other begins: at once, or when the successor is first used. */
export const GRACE_STARTS = ['at-once', 'on-first-use'] as const;
export type GraceStart = (typeof GRACE_STARTS)[number];

export interface Rotation {
  /** Whole seconds from 0 to GRACE_SECONDS_MAX. */
  graceSeconds: number;
  start: GraceStart;
}

/**
 * When the one live secret retires that a rotation replaces; null: once its successor has been used. Throws
 * `rotation-running` while two are live, and `grace-invalid` for a time out of bounds. Without any live secret there is
 * nothing to retire: undefined.
 */
export function retirementOf<S extends SecretLife>(
  secrets: readonly S[],
  { graceSeconds, start }: Rotation,
  now: Date,
): { secret: S; retiresAt: Date | null } | undefined {
  requireGrace(graceSeconds);
  const live = liveSecrets(secrets, now);
  if (live.length >= LIVE_SECRETS_MAX)
    throw new DomainError(
      'rotation-running',
      'Two are live already. End the grace of the older one, or revoke one of them, and rotate then.',
    );
  const secret = live[0];
  if (!secret) return undefined;
  return { secret, retiresAt: start === 'at-once' ? later(now, graceSeconds) : null };
}

/** When the predecessor retires of a secret that has just been used for the first time. */
export function retirementOnFirstUse(graceSeconds: number, firstUse: Date): Date {
  return later(firstUse, graceSeconds);
}

/**
 * The older of two live secrets with a new end to its grace, counted from now; 0 ends it at once. Throws `rotation-not-running`
 * when it is not the older of two.
 */
export function changedGrace<S extends SecretLife>(
  secrets: readonly S[],
  secret: S,
  graceSeconds: number,
  now: Date,
): Date {
  requireGrace(graceSeconds);
  const live = liveSecrets(secrets, now);
  if (live.length < 2 || live[0] !== secret)
    throw new DomainError(
      'rotation-not-running',
      'There is no grace to change: it is the older of two live ones that has one.',
    );
  return later(now, graceSeconds);
}

function requireGrace(graceSeconds: number): void {
  if (Number.isInteger(graceSeconds) && graceSeconds >= 0 && graceSeconds <= GRACE_SECONDS_MAX) return;
  throw new DomainError('grace-invalid', 'The grace is out of bounds.', [
    { field: 'graceSeconds', message: `a whole number of seconds from 0 to ${GRACE_SECONDS_MAX} (30 days)` },
  ]);
}

/** Two that both end within this time make room for a third. */
const CLOSE_MS = 2 * 3_600_000;

/**
 * What a holder that must always have a live secret needs now: a successor, and, where two are live and both end within two
 * hours, the older one retired for it. Undefined when one of the live ones lasts: it neither retires nor expires within `leadMs`.
 */
export function successionOf<S extends SecretLife>(
  secrets: readonly S[],
  now: Date,
  leadMs = 0,
): { retires: S | undefined } | undefined {
  const live = liveSecrets(secrets, now);
  const isFull = live.length >= LIVE_SECRETS_MAX;
  const lead = isFull ? Math.min(leadMs, CLOSE_MS) : leadMs;
  const lasts = ({ retiresAt, expiresAt }: S) =>
    retiresAt === null && (!expiresAt || expiresAt.getTime() - now.getTime() > lead);
  if (live.some(lasts)) return undefined;
  return { retires: isFull ? live[0] : undefined };
}

/** The shorter of the ages, in days, that an app and a district allow a secret; null: neither sets one. */
export function maxAgeDays(...ages: readonly (number | null)[]): number | null {
  const set = ages.filter((age) => age !== null);
  return set.length === 0 ? null : Math.min(...set);
}

/** When a secret issued now expires under a policy; null without one. */
export function expiryOf(ageDays: number | null, issuedAt: Date): Date | null {
  return ageDays === null ? null : new Date(issuedAt.getTime() + ageDays * DAY_MS);
}

/** Days before the end at which its holder is told. */
export const EXPIRY_NOTICE_DAYS = [30, 7, 1] as const;

/** How long before an expiry the successor is issued: as long as the first notice, or half of a short life. */
export function successionLeadMs(ageDays: number | null): number {
  return Math.min(EXPIRY_NOTICE_DAYS[0] * DAY_MS, ((ageDays ?? Infinity) * DAY_MS) / 2);
}

/**
 * A secret's expiry after a policy is set: never later than before, and never sooner than 30 days from now, so that whoever
 * holds it has its notices.
 */
export function expiryUnderNewPolicy(
  { issuedAt, expiresAt }: Pick<SecretLife, 'issuedAt' | 'expiresAt'>,
  ageDays: number | null,
  now: Date,
): Date | null {
  if (ageDays === null) return expiresAt;
  const due = Math.max(
    issuedAt.getTime() + ageDays * DAY_MS,
    now.getTime() + Math.min(EXPIRY_NOTICE_DAYS[0], ageDays) * DAY_MS,
  );
  return expiresAt && expiresAt.getTime() <= due ? expiresAt : new Date(due);
}

/** The notice that is due now of an expiry, as days; undefined when it is not near or that notice has been given. */
export function dueExpiryNotice(expiresAt: Date, givenDays: number | null, now: Date): number | undefined {
  const leftMs = expiresAt.getTime() - now.getTime();
  if (leftMs <= 0) return undefined;
  const due = EXPIRY_NOTICE_DAYS.findLast((days) => leftMs <= days * DAY_MS);
  return due === undefined || (givenDays !== null && givenDays <= due) ? undefined : due;
}

/** Clocks of two machines may differ by so much: what ends at once ended this long ago. */
const CLOCK_SKEW_SECONDS = 5;

/** The end of a grace that begins at an instant; one of no length is over on every clock. */
function later(from: Date, graceSeconds: number): Date {
  const seconds = graceSeconds === 0 ? -CLOCK_SKEW_SECONDS : graceSeconds;
  return new Date(from.getTime() + seconds * 1000);
}
