import type { Actor } from '@hallpass/database';
import type { MemberPrincipal } from '../people/sessions.js';
import type { ClientPrincipal } from './client-access.js';
import type { DistrictPrincipal } from './district-access.js';

type Acting =
  | Pick<ClientPrincipal, 'appId' | 'person'>
  | Pick<DistrictPrincipal, 'portalTokenId' | 'person'>
  | MemberPrincipal;

/** Whoever acts, as the audit log writes it down: the person who has signed in, or else an app's server or a portal token. */
export function actorOf(principal: Acting, requestId: string | null = null): Actor {
  if (principal.person) return { type: 'person', id: principal.person.id, requestId };
  if ('appId' in principal) return { type: 'app', id: principal.appId, requestId };
  if ('portalTokenId' in principal) return { type: 'district', id: principal.portalTokenId, requestId };
  throw new Error('nobody acts');
}
