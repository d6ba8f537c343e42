import type { RefusalReason } from '@hallpass/domain';

/** What a refusal tells its reader: why, and who must act. */
export const REFUSAL_DETAILS: Readonly<Record<RefusalReason, string>> = {
  'token-revoked':
    'Fetch the district’s present token from /oauth/tokens. If there is none, the district has ended the sharing.',
  'token-rotated':
    'Its grace is over. Fetch the district’s present token from /oauth/tokens; the district’s id has stayed the same.',
  'token-expired': 'Fetch the district’s present token from /oauth/tokens.',
  'grant-requested': 'The district has to approve the app; nothing can be read before it does.',
  'grant-paused':
    'The district has paused the sharing. Keep what you have; the same token works again when the district resumes it.',
  'grant-revoked':
    'The district has ended the sharing. Delete its data as your agreement says; the token will not work again.',
  'grant-not-started': 'The district’s authorisation begins later; the same token will work then.',
  'grant-ended': 'The district’s authorisation has run out; the district has to renew it.',
  'grant-narrowing': 'The district is changing what it shares. Try again in a few seconds.',
  'key-revoked': 'The key is withdrawn. Use the district’s token: /oauth/tokens lists one for each district.',
  'key-brownout':
    'This is a rehearsal of the end of API keys, as announced. Move to tokens: /oauth/tokens lists one for each district.',
  'key-refused':
    'API keys have been retired, as announced. Use tokens: /oauth/tokens lists one for each district.',
  'app-disabled': 'The platform has disabled the app. Its partner has to contact the platform’s operator.',
};
