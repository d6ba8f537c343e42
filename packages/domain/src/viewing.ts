import type { AppId, DistrictId, Id, PartnerId } from './id.js';

export type ViewingId = Id<'viewing'>;

/** Whose pages a member of staff looks at: those of a partner's app, or of a district. */
export type ViewingPlace =
  { type: 'app'; id: AppId; partnerId: PartnerId } | { type: 'district'; id: DistrictId };

/** Whether an app is shown to whoever looks: the one that they look at is, and no other, of the same partner or not. */
export function viewingShows(place: ViewingPlace, appId: AppId): boolean {
  return place.type === 'app' && place.id === appId;
}

const MINUTE_MS = 60_000;
/** For so long a member of staff looks at somebody's pages; who wants to look on begins anew, with a reason. */
export const VIEWING_MS = 15 * MINUTE_MS;
/** The code that hands a viewing over to the portal's pages is good for so long, and once. */
export const HAND_OVER_MS = MINUTE_MS;
export const VIEWING_REASON_LENGTH = { min: 10, max: 500 } as const;

/** What a request of a session wants: to read, to sign out, or anything else. */
export type SessionIntent = 'read' | 'sign-out' | 'change';

/** Whoever looks in another's place reads and leaves. There is no change that such a session may make, and nothing that it is shown anew. */
export function mayWhileViewing(intent: SessionIntent): boolean {
  return intent !== 'change';
}
