import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeOf, eventId, eventPlace, lastEventIdOf, tailOf } from './event.js';
import { isId, newId, type RecordId } from './id.js';

const id = newId<RecordId>();
const HEX = Array.from('0123456789abcdef');
const ids = fc
  .string({ unit: fc.constantFrom(...HEX), minLength: 24, maxLength: 24 })
  .map((text) => text as RecordId);

describe('changeOf', () => {
  const was = { id, name: 'Ash', roles: { student: { grade: '5', schools: ['a'] } }, last_modified: '1' };

  it.each([
    ['came', undefined, was, { type: 'created', object: was }],
    ['went: its id alone is told', was, undefined, { type: 'deleted', object: { id } }],
    ['was never shown', undefined, undefined, undefined],
    ['is as it was', was, { ...was }, undefined],
    [
      'changed in what is hidden, so that only a time differs',
      was,
      { ...was, last_modified: '2' },
      undefined,
    ],
    [
      'changed in a nested field',
      was,
      { ...was, roles: { student: { grade: '6', schools: ['a'] } } },
      { type: 'updated', previousAttributes: { roles: { student: { grade: '5' } } } },
    ],
    [
      'changed in a list, which is told whole',
      was,
      { ...was, roles: { student: { grade: '5', schools: ['a', 'b'] } } },
      { type: 'updated', previousAttributes: { roles: { student: { schools: ['a'] } } } },
    ],
    ['gained a field', was, { ...was, email: 'x' }, { type: 'updated', previousAttributes: { email: null } }],
    [
      'lost a role',
      was,
      { ...was, roles: {} },
      { type: 'updated', previousAttributes: { roles: { student: { grade: '5', schools: ['a'] } } } },
    ],
  ])('of a record that %s', (_name, before, after, expected) => {
    const change = changeOf<object>(id, before, after);
    if (expected === undefined) expect(change).toBeUndefined();
    else expect(change).toMatchObject(expected);
  });
});

describe('an event’s id', () => {
  it('is an id, in the order of editions and then of the records’ ends, and names its place', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), ids, fc.nat(0xffffffff), ids, (a, one, b, other) => {
        const [first, second] = [eventId(a, one, 'user'), eventId(b, other, 'user')];
        expect(isId(first)).toBe(true);
        expect(eventPlace(first)).toEqual({ edition: a, tail: tailOf(one) });
        const expected = a === b ? tailOf(one).localeCompare(tailOf(other)) : a - b;
        expect(Math.sign(first.localeCompare(second))).toBe(Math.sign(expected));
        expect(lastEventIdOf(a) > first).toBe(true);
      }),
    );
  });

  it('differs between the roles of one person', () => {
    const roles = ['student', 'teacher', 'staff', 'contact', 'district_admin'] as const;
    expect(new Set(roles.map((role) => eventId(7, id, role))).size).toBe(5);
  });

  it.each([
    ['school', '0'],
    ['section', '4'],
    ['student', '5'],
    ['district_admin', '9'],
    ['resource', 'a'],
  ] as const)('of a %s ends with %s, whatever came later', (what, digit) => {
    expect(eventId(7, id, what).at(-1)).toBe(digit);
  });

  it.each(['', 'x', '0'.repeat(23), 'g'.repeat(24)])('is not %j', (text) => {
    expect(eventPlace(text)).toBeUndefined();
  });
});
