import { expect, it } from '@jest/globals';
import { SESSION_LIFE } from './person.js';
import { newId, type AppId, type DistrictId, type PartnerId } from './id.js';
import { HAND_OVER_MS, mayWhileViewing, VIEWING_MS, viewingShows } from './viewing.js';

it.each([
  ['read', true],
  ['sign-out', true],
  ['change', false],
] as const)('who looks in another’s place may %s: %s', (intent, may) => {
  expect(mayWhileViewing(intent)).toBe(may);
});

it('who looks at an app is shown no other of its partner, and who looks at a district none', () => {
  const [own, other] = [newId<AppId>(), newId<AppId>()];
  const place = { type: 'app', id: own, partnerId: newId<PartnerId>() } as const;
  expect([own, other].map((id) => viewingShows(place, id))).toEqual([true, false]);
  const district = { type: 'district', id: own as string as DistrictId } as const;
  expect([own, other].map((id) => viewingShows(district, id))).toEqual([false, false]);
});

it('a viewing is shorter than any other session, and using it makes it no longer', () => {
  const { viewing, ...others } = SESSION_LIFE;
  expect(viewing).toEqual({ idleMs: VIEWING_MS, wholeMs: VIEWING_MS });
  for (const { idleMs } of Object.values(others)) expect(VIEWING_MS).toBeLessThan(idleMs);
  expect(HAND_OVER_MS).toBeLessThan(VIEWING_MS);
});
