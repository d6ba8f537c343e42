import { expect, it } from '@jest/globals';
import { SESSION_LIFE } from './person.js';
import { HAND_OVER_MS, mayWhileViewing, VIEWING_MS } from './viewing.js';

it.each([
  ['read', true],
  ['sign-out', true],
  ['change', false],
] as const)('who looks in another’s place may %s: %s', (intent, may) => {
  expect(mayWhileViewing(intent)).toBe(may);
});

it('a viewing is shorter than any other session, and using it makes it no longer', () => {
  const { viewing, ...others } = SESSION_LIFE;
  expect(viewing).toEqual({ idleMs: VIEWING_MS, wholeMs: VIEWING_MS });
  for (const { idleMs } of Object.values(others)) expect(VIEWING_MS).toBeLessThan(idleMs);
  expect(HAND_OVER_MS).toBeLessThan(VIEWING_MS);
});
