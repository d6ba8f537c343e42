import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isId, newId, type RecordId } from './id.js';
import { legacyIdOf, userIdOfLegacy } from './legacy-id.js';
import { USER_ROLES } from './record.js';

const HEX = Array.from('0123456789abcdef');
const ids = fc.string({ unit: fc.constantFrom(...HEX), minLength: 24, maxLength: 24 });

describe('legacyIdOf', () => {
  it('is an id that leads back to the user', () => {
    fc.assert(
      fc.property(ids, fc.constantFrom(...USER_ROLES), (id, role) => {
        const legacy = legacyIdOf(role, id as RecordId);
        expect(isId(legacy)).toBe(true);
        expect(userIdOfLegacy(role, legacy)).toBe(id);
      }),
    );
  });

  it('differs between the roles of one person, and is the user’s own for a student', () => {
    const id = newId<RecordId>();
    expect(new Set(USER_ROLES.map((role) => legacyIdOf(role, id))).size).toBe(USER_ROLES.length);
    expect(legacyIdOf('student', id)).toBe(id);
  });

  it('keeps the order of ids that differ early, and of those that were counted up', () => {
    fc.assert(
      fc.property(ids, ids, fc.constantFrom(...USER_ROLES), (a, b, role) => {
        fc.pre(a.slice(0, 17) !== b.slice(0, 17) || a.charAt(17) === b.charAt(17));
        const legacy = (id: string) => legacyIdOf(role, id as RecordId);
        expect(Math.sign(legacy(a).localeCompare(legacy(b)))).toBe(Math.sign(a.localeCompare(b)));
      }),
    );
  });
});
