import type { AppId, DistrictId } from './id.js';
import type { SunsetStage } from './sunset.js';

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
  'key.announced',
  'key.slowed',
  'key.brownout',
  'key.refused',
  'key.ending',
  'key.digest',
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

/** One about an app's API keys. */
export type KeyNotice = Pick<PlatformEvent, 'data'> & { type: Extract<PlatformEventType, `key.${string}`> };

/** True of the name of a type, and of nothing else. */
export function isPlatformEventType(text: string): text is PlatformEventType {
  return (PLATFORM_EVENT_TYPES as readonly string[]).includes(text);
}

/** A stage of the sunset plan by one word, which differs whenever what an app's keys may do differs. */
export function stageMark(stage: SunsetStage): string {
  if (stage.stage === 'slowed') return `slowed ${stage.requestsPerMinute}`;
  if (stage.stage === 'brownout') return `brownout ${stage.until.toISOString()}`;
  return stage.stage;
}

/**
 * What an app is told when its keys come into a stage from another; nothing when it takes nothing from them, but that they end
 * at all is told once.
 */
export function stageEvent(stage: SunsetStage, before: string | null): KeyNotice | null {
  switch (stage.stage) {
    case 'slowed':
      return { type: 'key.slowed', data: { requestsPerMinute: stage.requestsPerMinute } };
    case 'brownout':
      return { type: 'key.brownout', data: { until: stage.until.toISOString() } };
    case 'refused':
      return { type: 'key.refused', data: {} };
    case 'announced':
      return before === null || before === 'open' ? { type: 'key.announced', data: {} } : null;
    case 'open':
      return null;
  }
}
