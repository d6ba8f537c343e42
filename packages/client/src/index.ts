export { Hallpass, type Access, type HallpassOptions, type Me, type TokenSource } from './hallpass.js';
export {
  HallpassApp,
  Webhooks,
  type CreatedWebhook,
  type DistrictToken,
  type HallpassAppOptions,
  type Migration,
  type PlatformEventsOptions,
  type PlatformEventsPage,
  type RotateOptions,
  type RotatedSecret,
  type RotatedToken,
  type TokenDetail,
  type TokensOptions,
  type Webhook,
} from './hallpass-app.js';
export {
  ApiError,
  AuthenticationError,
  ConnectionError,
  ExpiredCursorError,
  HallpassError,
  NotFoundError,
  PermissionError,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
  WebhookVerificationError,
  type Problem,
} from './errors.js';
export { Export, type ExportOptions } from './export.js';
export { Listing, type ListOptions, type Page } from './listing.js';
export * from './resources.js';
export { Events, type EventsOptions, type FollowOptions, type RosterEvent } from './events.js';
export type { SyncOptions, SyncStep } from './sync.js';
export { verifyWebhook, type PlatformEvent, type WebhookOptions } from './webhooks.js';
export type { CallOptions, ClientOptions, Clock } from './transport.js';
