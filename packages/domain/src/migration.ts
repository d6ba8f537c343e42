import type { AppId } from './id.js';
import { refusalOf, sunsetStage, type SunsetExtension, type SunsetPlan } from './sunset.js';

const DAY_MS = 86_400_000;

/** A credential that was used within so many days is in live use: a fortnight sees weekly jobs, and a holiday week. */
export const LIVE_USE_DAYS = 14;

/** Whether a credential that was last used then is in live use. */
export function isInLiveUse(lastUsedAt: Date | null, now: Date): boolean {
  return lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < LIVE_USE_DAYS * DAY_MS;
}

/** How far an app has come from its API key to tokens. */
export const READINESSES = ['not-started', 'moving', 'ready', 'idle', 'done'] as const;
/**
 * `not-started`: the key is in live use and no token is; `moving`: both are; `ready`: tokens alone are, and the key can be
 * revoked; `idle`: neither is; `done`: the app has no live key.
 */
export type Readiness = (typeof READINESSES)[number];

export function readinessOf(
  app: { hasLiveKey: boolean; keyUsedAt: Date | null; tokenUsedAt: Date | null },
  now: Date,
): Readiness {
  if (!app.hasLiveKey) return 'done';
  const usesToken = isInLiveUse(app.tokenUsedAt, now);
  if (isInLiveUse(app.keyUsedAt, now)) return usesToken ? 'moving' : 'not-started';
  return usesToken ? 'ready' : 'idle';
}

/** What part of an app's calls comes with tokens, from 0 to 1; null while there are none. */
export function shareMoved({
  keyCalls,
  tokenCalls,
}: {
  keyCalls: number;
  tokenCalls: number;
}): number | null {
  const calls = keyCalls + tokenCalls;
  return calls === 0 ? null : tokenCalls / calls;
}

/** Whole days until an instant, begun ones counted; 0 from then on, null when it never comes. */
export function daysLeft(until: Date | null, now: Date): number | null {
  return until && Math.max(0, Math.ceil((until.getTime() - now.getTime()) / DAY_MS));
}

/** What a sunset plan says to one app. */
export interface AppSunset {
  plan: SunsetPlan;
  extension: SunsetExtension | null;
}

/** A change of what the plan says: to all, to an app by a plan of its own (null: none any more), or by an extension. */
export type SunsetChange =
  | { type: 'plan'; plan: SunsetPlan }
  | { type: 'app-plan'; appId: AppId; plan: SunsetPlan | null; reason: string | null }
  | { type: 'extension'; appId: AppId; extension: SunsetExtension | null };

/** What a plan says to an app before and after a change; undefined when the change does not reach the app. */
export function sunsetAfter(
  change: SunsetChange,
  plan: SunsetPlan,
  app: { id: AppId; plan: SunsetPlan | null; extension: SunsetExtension | null },
): { before: AppSunset; after: AppSunset } | undefined {
  const before = { plan: app.plan ?? plan, extension: app.extension };
  switch (change.type) {
    case 'plan':
      return app.plan ? undefined : { before, after: { ...before, plan: change.plan } };
    case 'app-plan':
      return change.appId === app.id
        ? { before, after: { ...before, plan: change.plan ?? plan } }
        : undefined;
    case 'extension':
      return change.appId === app.id
        ? { before, after: { ...before, extension: change.extension } }
        : undefined;
  }
}

/**
 * Whether a change would end the keys of an app in live use sooner than before. Such a change needs a second person. An
 * extension that reaches beyond the plan's day, and was not shortened, is that person's word already.
 */
export function cutsSooner(
  app: { before: AppSunset; after: AppSunset; keyUsedAt: Date | null },
  now: Date,
): boolean {
  const { before, after, keyUsedAt } = app;
  const ends = refusalOf(after.plan, after.extension);
  if (!ends || !isInLiveUse(keyUsedAt, now) || isRefused(before, now)) return false;
  const ended = refusalOf(before.plan, before.extension);
  if (ended && ended <= ends) return false;
  const reach = after.extension?.until.getTime();
  const isCovered = reach === ends.getTime() && (before.extension?.until.getTime() ?? 0) <= reach;
  return !isCovered;
}

function isRefused({ plan, extension }: AppSunset, now: Date): boolean {
  return sunsetStage(plan, extension, now).stage === 'refused';
}

/** Days before the end of its keys at which an app that still uses them is told so. */
export const KEY_ENDING_DAYS = [90, 60, 30, 14, 7, 3, 1] as const;

/** The notice that is due now of the end of keys, as days; undefined when it is not near or that notice has been given. */
export function dueEndNotice(
  endsAt: Date | null,
  given: { days: number; endsAt: Date } | null,
  now: Date,
): number | undefined {
  if (!endsAt || endsAt <= now) return undefined;
  const leftMs = endsAt.getTime() - now.getTime();
  const due = KEY_ENDING_DAYS.findLast((days) => leftMs <= days * DAY_MS);
  // A day that has moved is told anew.
  const isGiven =
    given !== null && given.endsAt.getTime() === endsAt.getTime() && due !== undefined && given.days <= due;
  return isGiven ? undefined : due;
}

/** Digests of an app's migration come a week apart. */
export const DIGEST_DAYS = 7;

/** Whether the next digest is due. */
export function isDigestDue(lastAt: Date | null, now: Date): boolean {
  return lastAt === null || now.getTime() - lastAt.getTime() >= DIGEST_DAYS * DAY_MS;
}
