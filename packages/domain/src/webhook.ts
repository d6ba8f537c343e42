import { randomBytes } from 'node:crypto';
import type { Fault } from './domain-error.js';
import { isPlatformEventType } from './platform-event.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How many webhooks an app may have. */
export const WEBHOOKS_MAX = 20;

/** How long platform events are kept, with what became of their deliveries. */
export const PLATFORM_EVENT_RETENTION_DAYS = 30;

/** For how many hours after a rotation the secret before it signs as well, unless told otherwise. */
export const SECRET_OVERLAP_HOURS = 24;
export const SECRET_OVERLAP_HOURS_MAX = 168;

/** What a delivery waits before each further try: three days and more altogether. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** The most that chance adds to a wait, as a share of it: receivers that fell together do not get up together. */
export const RETRY_JITTER = 0.2;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What kept a receiver from taking a delivery. */
export const ATTEMPT_ERRORS = [
  'dns',
  'address-refused',
  'connection',
  'tls',
  'timeout',
  'redirect',
  'status',
  'seal',
] as const;
export type AttemptError = (typeof ATTEMPT_ERRORS)[number];

/** How one try ended: with an answer, or without. */
export interface AttemptResult {
  httpStatus: number | null;
  /** Null when the receiver took it. */
  error: AttemptError | null;
}

/** What becomes of a delivery after a try. */
export type DeliveryOutcome =
  | { status: 'delivered' }
  | { status: 'pending'; dueAt: Date }
  /** `isGone`: the receiver said that it is there no longer, and nothing more is to be sent to it. */
  | { status: 'dead'; isGone: boolean };

/** How a receiver's answer counts: 2xx takes the delivery, and nothing else does. */
export function attemptResultOf(httpStatus: number): AttemptResult {
  if (httpStatus >= 200 && httpStatus < 300) return { httpStatus, error: null };
  return { httpStatus, error: httpStatus >= 300 && httpStatus < 400 ? 'redirect' : 'status' };
}

/** What becomes of a delivery whose `attempt`-th try, from 1, ended like this. `chance` is from 0 to 1. */
export function afterAttempt(
  attempt: number,
  { httpStatus, error }: AttemptResult,
  now: Date,
  chance: number,
): DeliveryOutcome {
  if (error === null) return { status: 'delivered' };
  if (httpStatus === 410) return { status: 'dead', isGone: true };
  const dueAt = nextTry(attempt, now, chance);
  return dueAt ? { status: 'pending', dueAt } : { status: 'dead', isGone: false };
}

/** When what failed is tried again, by a webhook or by mail; undefined when it has been tried often enough. */
export function nextTry(attempt: number, now: Date, chance: number): Date | undefined {
  const delay = RETRY_DELAYS_MS[attempt - 1];
  return delay === undefined
    ? undefined
    : new Date(now.getTime() + Math.ceil(delay * (1 + RETRY_JITTER * chance)));
}

/** A fresh secret in the form of Standard Webhooks: 32 random bytes. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

const URL_LENGTH_MAX = 2048;

/**
 * What is wrong with the address of a webhook, as far as it says so itself; whether it leads to the public is seen when its
 * name is looked up. Plain http is for installations that reach out to their own network.
 */
export function webhookUrlFaults(text: string, mayBePlain: boolean): Fault[] {
  const fault = (message: string): Fault[] => [{ field: 'url', message }];
  if (text.length > URL_LENGTH_MAX) return fault(`has at most ${URL_LENGTH_MAX} characters`);
  if (!URL.canParse(text)) return fault('has to be an absolute address, as https://example.com/hooks');
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && !(mayBePlain && protocol === 'http:'))
    return fault('has to begin with https://');
  if (username !== '' || password !== '') return fault('must not hold a user name or a password');
  if (hash !== '') return fault('must not hold a fragment');
  return [];
}

/** The types that a webhook may be told of by its own choice: all but the test, which it always is. */
export function unknownTypes(types: readonly string[]): string[] {
  return types.filter((type) => !isPlatformEventType(type) || type === 'webhook.test');
}
