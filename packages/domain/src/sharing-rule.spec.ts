import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyRule, schoolIds } from '../test/district.js';
import { allFields, resolveField } from './field.js';
import { USER_ROLES } from './record.js';
import { canonicalSelection } from './selection.js';
import {
  UNRESTRICTED,
  approvedRule,
  changedRule,
  fingerprint,
  linksFingerprint,
  seesEverything,
  type VisibilityRule,
} from './sharing-rule.js';

/** A rule whose roles are those of the visibility rule, and whose other fields are all. */
const withAllFields = ({ selection, roles }: VisibilityRule) => {
  const hidden = USER_ROLES.filter((role) => !roles.includes(role)).flatMap(resolveField);
  return approvedRule(allFields(), selection, hidden);
};
const whole = { type: 'everything' } as const;

describe.each([
  ['fingerprint', fingerprint],
  ['linksFingerprint', linksFingerprint],
])('%s', (_name, name) => {
  it('is equal whatever the order and repetition of the schools', () => {
    const of = (chosen: typeof schoolIds) =>
      name(withAllFields({ selection: { type: 'schools', schoolIds: chosen }, roles: ['student'] }));
    expect(of([...schoolIds, ...schoolIds].reverse())).toBe(of(schoolIds));
  });

  it('is UNRESTRICTED for the rule that cuts nothing, and for no other', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const cutsNothing = rule.selection.type === 'everything' && rule.roles.length === USER_ROLES.length;
        expect(seesEverything(rule)).toBe(cutsNothing);
        expect(name(withAllFields(rule)) === UNRESTRICTED).toBe(cutsNothing);
      }),
    );
  });

  it('differs between rules that differ', () => {
    fc.assert(
      fc.property(anyRule, anyRule, (a, b) => {
        const isEqual =
          JSON.stringify([canonicalSelection(a.selection), a.roles]) ===
          JSON.stringify([canonicalSelection(b.selection), b.roles]);
        expect(name(withAllFields(a)) === name(withAllFields(b))).toBe(isEqual);
      }),
    );
  });
});

describe('fields', () => {
  const hiding = (...hidden: string[]) => approvedRule(allFields(), whole, hidden.flatMap(resolveField));

  it('are part of what a rule shows, and not of the links between what it shows', () => {
    expect(fingerprint(hiding('user.dob'))).not.toBe(fingerprint(hiding('school.name')));
    expect(linksFingerprint(hiding('user.dob'))).toBe(UNRESTRICTED);
    expect(linksFingerprint(hiding('contact'))).not.toBe(UNRESTRICTED);
  });

  it('count as they act: a reference to a kind that is not shared is as good as hidden', () => {
    expect(fingerprint(hiding('course', 'section.course'))).toBe(fingerprint(hiding('course')));
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
