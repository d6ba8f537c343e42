import type { AppId, DistrictId } from './id.js';

/** What can happen to an app's grants, tokens, keys and rosters, and is told to it by webhook and in a list. */
export const PLATFORM_EVENT_TYPES = [
  'grant.requested',
  'grant.approved',
  'grant.narrowed',
  'grant.paused',
  'grant.resumed',
  'grant.revoked',
  'token.issued',
  'token.rotated',
  'token.expiring',
  'token.expired',
  'token.revoked',
  'token.exposed',
  'reveal.unusual',
  'key.slowed',
  'key.brownout',
  'key.refused',
  'roster.imported',
  'roster.held',
  'webhook.test',
] as const;
export type PlatformEventType = (typeof PLATFORM_EVENT_TYPES)[number];

/** One such happening. Thin: whoever wants to know more asks, by the ids that it names. */
export interface PlatformEvent {
  type: PlatformEventType;
  appId: AppId;
  districtId: DistrictId | null;
  /** Ids, dates and numbers alone: never a secret, nothing about a person. */
  data: Record<string, string | number | null>;
}

/** True of the name of a type, and of nothing else. */
export function isPlatformEventType(text: string): text is PlatformEventType {
  return (PLATFORM_EVENT_TYPES as readonly string[]).includes(text);
}
