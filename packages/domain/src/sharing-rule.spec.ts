import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyRule, schoolIds } from '../test/district.js';
import { allFields, resolveField } from './field.js';
import { USER_ROLES } from './record.js';
import {
  approvedRule,
  changedRule,
  fingerprint,
  seesEverything,
  UNRESTRICTED,
  visibilityOf,
} from './sharing-rule.js';

describe('fingerprint', () => {
  it('is equal whatever the order and repetition of the schools', () => {
    const of = (ids: typeof schoolIds) =>
      fingerprint({ selection: { type: 'schools', schoolIds: ids }, roles: ['student'] });
    expect(of([...schoolIds, ...schoolIds].reverse())).toBe(of(schoolIds));
  });

  it('is UNRESTRICTED for the rule that cuts nothing, and for no other', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const cutsNothing = rule.selection.type === 'everything' && rule.roles.length === USER_ROLES.length;
        expect(seesEverything(rule)).toBe(cutsNothing);
        expect(fingerprint(rule) === UNRESTRICTED).toBe(cutsNothing);
      }),
    );
  });

  it('differs between rules that differ', () => {
    fc.assert(
      fc.property(anyRule, anyRule, (a, b) => {
        const isEqual = JSON.stringify(a) === JSON.stringify(b);
        expect(fingerprint(a) === fingerprint(b)).toBe(isEqual);
      }),
    );
  });

  it('hides no field: rules that share other fields of the same roles share a visible set', () => {
    const rule = (hidden: string) =>
      visibilityOf(approvedRule(allFields(), { type: 'everything' }, resolveField(hidden)));
    expect(fingerprint(rule('user.dob'))).toBe(fingerprint(rule('school.name')));
    expect(fingerprint(rule('contact'))).not.toBe(fingerprint(rule('user.dob')));
  });
});

describe('approvedRule', () => {
  it('is what the app asked for, less what the district hides', () => {
    const { fields } = approvedRule(
      { school: ['name', 'phone'], course: ['name'] },
      { type: 'everything' },
      resolveField('school.phone'),
    );
    expect(fields).toEqual({ school: ['name'], course: ['name'] });
  });

  it('never shares a field that the catalogue does not know', () => {
    const { fields } = approvedRule({ school: ['name', 'password'] }, { type: 'everything' }, []);
    expect(fields).toEqual({ school: ['name'] });
  });
});

describe('changedRule', () => {
  const requested = {
    school: ['name', 'phone', 'location.city'],
    user: ['name.first', 'roles.student', 'roles.student.dob'],
  };
  const before = approvedRule(requested, { type: 'everything' }, resolveField('school.phone'));
  const fieldsAfter = (change: Parameters<typeof changedRule>[2]) =>
    changedRule(before, requested, change).fields;

  it.each([
    [
      'nothing',
      {},
      { school: ['name', 'location.city'], user: ['name.first', 'roles.student', 'roles.student.dob'] },
    ],
    [
      'one field less',
      { hidden: ['school.name'] },
      { school: ['location.city'], user: ['name.first', 'roles.student', 'roles.student.dob'] },
    ],
    [
      'one field again',
      { shown: ['school.phone'] },
      {
        school: ['name', 'phone', 'location.city'],
        user: ['name.first', 'roles.student', 'roles.student.dob'],
      },
    ],
    [
      'a kind again',
      { shown: ['school'] },
      {
        school: ['name', 'phone', 'location.city'],
        user: ['name.first', 'roles.student', 'roles.student.dob'],
      },
    ],
    [
      'no more than was asked for',
      { shown: ['user.email', 'course'] },
      { school: ['name', 'location.city'], user: ['name.first', 'roles.student', 'roles.student.dob'] },
    ],
    [
      'what is hidden wins over what is shown',
      { shown: ['school.phone'], hidden: ['school.phone'] },
      { school: ['name', 'location.city'], user: ['name.first', 'roles.student', 'roles.student.dob'] },
    ],
  ])('changes %s', (_name, change: { hidden?: string[]; shown?: string[] }, expected) => {
    const { hidden = [], shown = [] } = change;
    const fields = fieldsAfter({ hidden: hidden.flatMap(resolveField), shown: shown.flatMap(resolveField) });
    expect(
      Object.fromEntries(Object.entries(fields).map(([kind, paths]) => [kind, [...paths].sort()])),
    ).toEqual(Object.fromEntries(Object.entries(expected).map(([kind, paths]) => [kind, [...paths].sort()])));
  });

  it('gives a role with a field of it that is shown again', () => {
    const without = approvedRule(requested, { type: 'everything' }, resolveField('student'));
    expect(without.fields.user).toEqual(['name.first']);
    const { fields } = changedRule(without, requested, { shown: resolveField('student.dob') });
    expect([...(fields.user ?? [])].sort()).toEqual(['name.first', 'roles.student', 'roles.student.dob']);
  });

  it('keeps the selection unless another is given', () => {
    const selection = { type: 'schools' as const, schoolIds };
    expect(changedRule(before, requested, {}).selection).toEqual(before.selection);
    expect(changedRule(before, requested, { selection }).selection).toEqual(selection);
  });
});
