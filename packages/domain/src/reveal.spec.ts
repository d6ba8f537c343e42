import { expect, it } from '@jest/globals';
import { invitationState } from './invitation.js';
import { isUnusualReveal } from './reveal.js';

it.each([
  [20, 0, false],
  [21, 0, true],
  [21, 11, false],
  [200, 100, false],
  [201, 100, true],
])('%d secrets within an hour, where the busiest had %d: unusual is %p', (shown, busiest, isUnusual) => {
  expect(isUnusualReveal(shown, busiest)).toBe(isUnusual);
});

const now = new Date('2026-11-01T00:00:00Z');
const later = new Date(now.getTime() + 1);
it.each([
  [{ acceptedAt: null, withdrawnAt: null, expiresAt: later }, 'open'],
  [{ acceptedAt: null, withdrawnAt: null, expiresAt: now }, 'expired'],
  [{ acceptedAt: null, withdrawnAt: now, expiresAt: now }, 'withdrawn'],
  [{ acceptedAt: now, withdrawnAt: null, expiresAt: now }, 'accepted'],
])('an invitation with %j is %s', (invitation, state) => {
  expect(invitationState(invitation, now)).toBe(state);
});
