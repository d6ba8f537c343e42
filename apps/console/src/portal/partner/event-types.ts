import type { Api } from '../scope';

/** Every type but the test's; the compiler holds the list against the service's. */
const TYPES: Record<NonNullable<Api['CreateWebhookRequest']['types']>[number], true> = {
  'grant.requested': true,
  'grant.approved': true,
  'grant.narrowed': true,
  'grant.paused': true,
  'grant.resumed': true,
  'grant.revoked': true,
  'token.issued': true,
  'token.rotated': true,
  'token.expiring': true,
  'token.expired': true,
  'token.revoked': true,
  'token.exposed': true,
  'reveal.unusual': true,
  'key.announced': true,
  'key.slowed': true,
  'key.brownout': true,
  'key.refused': true,
  'key.ending': true,
  'key.digest': true,
  'roster.imported': true,
  'roster.held': true,
};
export const EVENT_TYPES = Object.keys(TYPES);
