import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { documentOf, leavesOf } from '../test/district.js';
import { DomainError } from './domain-error.js';
import {
  allFields,
  commonFields,
  effectiveFields,
  FIELD_CATALOGUE,
  fieldMask,
  parseFieldRequest,
  redact,
  requireFields,
  resolveField,
  scopesOf,
  sharedRoles,
  withoutFields,
  type FieldList,
} from './field.js';
import { RECORD_KINDS, type RecordKind } from './record.js';

const qualified = (text: string) =>
  resolveField(text).map(({ kind, path }) => (path === '' ? kind : `${kind}.${path}`));

/** Any allow-list: some kinds, some fields of each. */
const anyList: fc.Arbitrary<FieldList> = fc
  .record(
    Object.fromEntries(
      RECORD_KINDS.map((kind) => [kind, fc.option(fc.subarray([...FIELD_CATALOGUE[kind]]))]),
    ) as Record<RecordKind, fc.Arbitrary<string[] | null>>,
  )
  .map((lists) =>
    Object.fromEntries(RECORD_KINDS.flatMap((kind) => (lists[kind] ? [[kind, lists[kind]]] : []))),
  );

const anyKind = fc.constantFrom(...RECORD_KINDS);

describe('resolveField', () => {
  it.each([
    ['user.dob', ['user.roles.student.dob']],
    ['users.dob', ['user.roles.student.dob']],
    ['student.dob', ['user.roles.student.dob']],
    ['students.dob', ['user.roles.student.dob']],
    ['user.roles.student.dob', ['user.roles.student.dob']],
    ['user.student.dob', ['user.roles.student.dob']],
    ['contact.phone', ['user.roles.contact.phone']],
    ['contacts.phone', ['user.roles.contact.phone']],
    ['school.location', ['school.location']],
    ['school.city', ['school.location.city']],
    ['school.principal.email', ['school.principal.email']],
    ['student.name', ['user.name']],
    ['teacher.email', ['user.email']],
    ['user.title', ['user.roles.teacher.title', 'user.roles.staff.title', 'user.roles.district_admin.title']],
    [
      'user.schools',
      ['user.roles.student.schools', 'user.roles.teacher.schools', 'user.roles.staff.schools'],
    ],
    ['user.address', ['user.roles.student.location.address']],
    ['user.location', ['user.roles.student.location']],
    ['user.student', ['user.roles.student']],
    ['student', ['user.roles.student']],
    ['staff', ['user.roles.staff']],
    ['district_admins', ['user.roles.district_admin']],
    ['terms', ['term']],
    ['courses', ['course']],
    [' sections.period ', ['section.period']],
    ['section.teacher', ['section.teacher']],
  ])('%s', (text, expected) => {
    expect([...new Set(qualified(text))]).toEqual(expected);
  });

  it.each([
    ['user.shoe_size'],
    ['student.shoe_size'],
    ['student.department'],
    ['planet'],
    ['planet.name'],
    ['school.na'],
    ['school.ame'],
    ['user.ob'],
    [''],
    ['.'],
    ['school.id'],
    ['user.password'],
    ['constructor'],
    ['__proto__.x'],
  ])('knows nothing of "%s"', (text) => {
    expect(qualified(text)).toEqual([]);
  });

  it('finds every field of the catalogue by its full path', () => {
    for (const kind of RECORD_KINDS) {
      for (const path of FIELD_CATALOGUE[kind])
        expect(qualified(`${kind}.${path}`)).toEqual([`${kind}.${path}`]);
    }
  });

  it('never throws, and answers only with what withoutFields can cut', () => {
    const words = fc.array(fc.constantFrom('user', 'school', 'student', 'dob', 'name', 'roles', 'x', ''));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          words.map((parts) => parts.join('.')),
        ),
        (text) => {
          const before = allFields();
          for (const each of resolveField(text)) {
            const after = withoutFields(before, [each]);
            expect(after[each.kind]?.length ?? -1).toBeLessThan(before[each.kind]?.length ?? 0);
          }
        },
      ),
    );
  });
});

describe('withoutFields', () => {
  it('takes a branch with all that lies below it, and no neighbour', () => {
    const left = withoutFields(allFields(), [{ kind: 'user', path: 'name' }]).user ?? [];
    expect(left.filter((path) => path.startsWith('name'))).toEqual([]);
    const school = withoutFields(allFields(), [{ kind: 'section', path: 'teacher' }]).section ?? [];
    expect(school).toContain('teachers');
  });

  it('takes a kind away whole', () => {
    expect('course' in withoutFields(allFields(), [{ kind: 'course', path: '' }])).toBe(false);
  });

  it('takes a role with its fields', () => {
    const left = withoutFields(allFields(), resolveField('student'));
    expect(sharedRoles(left)).toEqual(['teacher', 'staff', 'contact', 'district_admin']);
    expect(left.user?.some((path) => path.startsWith('roles.student'))).toBe(false);
  });
});

describe('commonFields', () => {
  it('is never more than either list', () => {
    fc.assert(
      fc.property(anyList, anyList, anyKind, (a, b, kind) => {
        for (const path of commonFields(a, b)[kind] ?? []) {
          expect(a[kind]).toContain(path);
          expect(b[kind]).toContain(path);
        }
      }),
    );
  });
});

describe('effectiveFields', () => {
  it.each<[RecordKind, string[]]>([
    ['school', ['section.school', 'user.roles.student.school', 'user.roles.staff.schools']],
    ['course', ['section.course', 'resource.courses']],
    ['section', ['resource.sections']],
    ['term', ['section.term_id']],
    ['user', ['section.teacher', 'section.teachers', 'section.students']],
  ])('drops references to %s when that kind is not shared', (kind, references) => {
    const list = withoutFields(allFields(), [{ kind, path: '' }]);
    for (const reference of references) {
      const [from = '', ...path] = reference.split('.');
      expect(effectiveFields(list, from as RecordKind)).not.toContain(path.join('.'));
      expect(effectiveFields(allFields(), from as RecordKind)).toContain(path.join('.'));
    }
  });

  it('drops all of a role that is not shared, though its fields are listed', () => {
    const list = { user: ['roles.student.dob', 'roles.teacher', 'roles.teacher.title'] };
    expect(effectiveFields(list, 'user')).toEqual(['roles.teacher', 'roles.teacher.title']);
  });

  it('is undefined for a kind that is not shared', () => {
    expect(effectiveFields({ school: ['name'] }, 'user')).toBeUndefined();
  });
});

describe('scopesOf', () => {
  it('names every kind and role that is shared, and no other', () => {
    expect(scopesOf({ school: [], user: ['roles.student', 'roles.contact', 'roles.staff.title'] })).toEqual([
      'read:districts',
      'read:schools',
      'read:students',
      'read:student_contacts',
    ]);
    expect(scopesOf({})).toEqual(['read:districts']);
  });
});

describe('parseFieldRequest', () => {
  it('asks for everything when nothing is given', () => {
    expect(parseFieldRequest(undefined)).toEqual(allFields());
  });

  it('reads "all", a path and a branch, in the order of the catalogue', () => {
    expect(parseFieldRequest({ course: 'all', school: ['principal', 'name'], user: ['name.last'] })).toEqual({
      course: ['name', 'number'],
      school: ['name', 'principal.name', 'principal.email'],
      user: ['name.last'],
    });
  });

  it('takes a field of a role for a wish for the role', () => {
    expect(parseFieldRequest({ user: ['roles.student.dob'] })).toEqual({
      user: ['roles.student', 'roles.student.dob'],
    });
  });

  it('never asks for a role that was not named', () => {
    const list = parseFieldRequest({ user: ['name', 'roles.teacher'] });
    expect(sharedRoles(list)).toEqual(['teacher']);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['an unknown kind', { planet: 'all' }, ['planet']],
    [
      'an inherited word',
      JSON.parse('{"__proto__": "all", "constructor": "all"}') as Record<string, unknown>,
      ['__proto__', 'constructor'],
    ],
    ['an unknown field', { school: ['name', 'nam'] }, ['school.nam']],
    ['a field list that is none', { school: 'name', course: null }, ['school', 'course']],
    ['an empty field', { school: [''] }, ['school.']],
    ['every fault at once', { planet: 'all', term: ['x'] }, ['planet', 'term.x']],
  ])('refuses %s by name', (_, request, fields) => {
    expect(faultsOf(() => parseFieldRequest(request))).toEqual(['unknown-field', ...fields]);
  });

  it('refuses a request for no kind', () => {
    expect(faultsOf(() => parseFieldRequest({}))).toEqual(['nothing-shared']);
  });
});

function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return [error.code, ...error.faults.map(({ field }) => field)];
    throw error;
  }
  return [];
}

describe('redact', () => {
  it('is the very same document when everything is shared', () => {
    for (const kind of RECORD_KINDS) {
      expect(fieldMask(allFields(), kind)).toBeUndefined();
      const document = documentOf(kind);
      expect(redact(allFields(), kind, document)).toBe(document);
    }
  });

  it('never lets an unlisted path through, and never cuts a listed one', () => {
    fc.assert(
      fc.property(anyList, anyKind, (list, kind) => {
        const document = { ...documentOf(kind), created: 'c', last_modified: 'm' };
        const listed = new Set(effectiveFields(list, kind) ?? []);
        const kept = leavesOf(redact(list, kind, document)).filter((path) => !isIdentity(path));
        const expected = leavesOf(document).filter((path) => !isIdentity(path) && listed.has(path));
        expect(kept).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('always shows the id, the district and the two times', () => {
    const document = { ...documentOf('course'), created: 'c', last_modified: 'm' };
    expect(redact({}, 'course', document)).toEqual({
      id: document.id,
      district: document.district,
      created: 'c',
      last_modified: 'm',
    });
  });

  it('shows of a shared role its legacy id, and of another role nothing', () => {
    const { roles } = redact({ user: ['roles.teacher'] }, 'user', documentOf('user'));
    expect(Object.keys(roles)).toEqual(['teacher']);
    expect(Object.keys(roles.teacher ?? {})).toEqual(['legacy_id']);
  });

  it('cuts fields that the catalogue does not know, whatever they hold', () => {
    const strange = { ...documentOf('course'), password: 'x', nested: { secret: 1 }, list: [{ secret: 1 }] };
    const shown = redact({ course: ['name'] }, 'course', strange);
    expect(Object.keys(shown)).toEqual(['id', 'district', 'name']);
  });

  it('leaves no empty branch behind, except an empty set of roles', () => {
    const shown = redact({ user: [] }, 'user', documentOf('user'));
    expect(shown).toEqual({ id: shown.id, district: shown.district, roles: {} });
  });
});

function isIdentity(path: string): boolean {
  return ['id', 'district', 'created', 'last_modified'].includes(path) || path.endsWith('.legacy_id');
}

describe('requireFields', () => {
  it.each([
    [{}, true],
    [{ school: ['name'] }, true],
    [{ school: ['name', 'phone'] }, false],
    [{ course: ['name'] }, false],
  ])('%j of what is shared', (required, isMet) => {
    const shared = { school: ['name'] };
    if (isMet) expect(() => requireFields(required, shared)).not.toThrow();
    else expect(() => requireFields(required, shared)).toThrow('cannot do without');
  });
});
