/** An invitation is open for so long, where the app names no other time. */
export const INVITATION_DAYS_DEFAULT = 30;
export const INVITATION_DAYS_MAX = 365;

export const INVITATION_STATES = ['open', 'accepted', 'withdrawn', 'expired'] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

/** What has become of an app's invitation to a district. */
export function invitationState(
  invitation: { acceptedAt: Date | null; withdrawnAt: Date | null; expiresAt: Date },
  now: Date,
): InvitationState {
  if (invitation.acceptedAt) return 'accepted';
  if (invitation.withdrawnAt) return 'withdrawn';
  return now >= invitation.expiresAt ? 'expired' : 'open';
}

/** How an app answers districts that find it and ask: it shares with them at once, or its people look at each first. */
export const SIGNUP_MODES = ['at-once', 'by-hand'] as const;
export type SignupMode = (typeof SIGNUP_MODES)[number];

/** What a requested grant waits for: the app's consent, or that the picture it shares stands. */
export const GRANT_WAITS = ['app', 'publication'] as const;
export type GrantWait = (typeof GRANT_WAITS)[number];
