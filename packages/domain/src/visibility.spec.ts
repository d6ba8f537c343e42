import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  anyRule,
  documentOf,
  ids,
  leavesOf,
  schoolIds,
  shownOf,
  shownOfBoth,
  smallDistrict,
} from '../test/district.js';
import type { RecordId } from './id.js';
import { USER_ROLES, type KindedDocument, type UserDocument, type UserRole } from './record.js';
import type { ChosenKind, Operator, Selection } from './selection.js';
import type { VisibilityRule } from './sharing-rule.js';
import { toDocument } from './document.js';
import { membersOf, schoolsOf } from './visibility.js';

const everyRole = [...USER_ROLES];
const everything: VisibilityRule = { selection: { type: 'everything' }, roles: everyRole };
const chosen = (...names: string[]): VisibilityRule => ({
  selection: { type: 'schools', schoolIds: names.map((name) => ids.idOf('school', name)) },
  roles: everyRole,
});

const userOf = (shown: readonly KindedDocument[], sourceId: string): UserDocument | undefined => {
  const id = ids.idOf('user', sourceId);
  const found = shown.find(({ kind, document }) => kind === 'user' && document.id === id);
  return found?.document as UserDocument | undefined;
};

/** Where each reference of a document leads. */
function referencesOf({
  kind,
  document,
}: KindedDocument): { to: KindedDocument['kind']; role?: UserRole; id: RecordId }[] {
  if (kind === 'section') {
    const { school, course, term_id: term, teacher, teachers = [], students = [] } = document;
    return [
      ...(school ? [{ to: 'school' as const, id: school }] : []),
      ...(course ? [{ to: 'course' as const, id: course }] : []),
      ...(term ? [{ to: 'term' as const, id: term }] : []),
      ...[...(teacher ? [teacher] : []), ...teachers].map((id) => ({
        to: 'user' as const,
        role: 'teacher' as const,
        id,
      })),
      ...students.map((id) => ({ to: 'user' as const, role: 'student' as const, id })),
    ];
  }
  if (kind === 'resource') {
    const { courses = [], sections = [] } = document;
    return [
      ...courses.map((id) => ({ to: 'course' as const, id })),
      ...sections.map((id) => ({ to: 'section' as const, id })),
    ];
  }
  if (kind !== 'user') return [];
  const { student, teacher, staff, contact } = document.roles;
  const schools = [
    ...[student, teacher, staff].flatMap((role) => role?.schools ?? []),
    ...(student?.enrollments ?? []).map(({ school }) => school),
  ];
  const primary = [student, teacher].flatMap((role) => (role?.school ? [role.school] : []));
  const pupils = contact?.student_relationships ?? [];
  return [
    ...[...schools, ...primary].map((id) => ({ to: 'school' as const, id })),
    ...pupils.map(({ student: id }) => ({ to: 'user' as const, role: 'student' as const, id })),
  ];
}

/** Every record, role and reference that is shown, as text: what "more" means. */
function factsOf(shown: readonly KindedDocument[]): Set<string> {
  return new Set(
    shown.flatMap((each) => {
      const own = `${each.kind} ${each.document.id}`;
      const leaves = leavesOf(each.document).map((path) => `${own} ${path}`);
      // The primary of a cut list is the first that is left: still one of the list.
      return [own, ...leaves, ...referencesOf(each).map(({ to, id }) => `${own} → ${to} ${id}`)];
    }),
  );
}

const oneDistrict = [
  ...['A', 'B'].map((sourceId) => ({ kind: 'school' as const, sourceId, name: sourceId })),
  { kind: 'user' as const, sourceId: 'pupil-a', name: {}, roles: { student: { schools: ['A'] } } },
  { kind: 'user' as const, sourceId: 'pupil-b', name: {}, roles: { student: { schools: ['B'] } } },
  {
    kind: 'user' as const,
    sourceId: 'pupil-ba',
    name: {},
    roles: {
      student: {
        schools: ['B', 'A'],
        enrollments: [
          { school: 'A', startDate: '2026-08-15' },
          { school: 'B', endDate: '2026-08-14' },
        ],
      },
    },
  },
  {
    kind: 'user' as const,
    sourceId: 'pupil-moved',
    name: {},
    roles: { student: { schools: ['A', 'B'], enrollments: [{ school: 'B', endDate: '2026-08-14' }] } },
  },
  { kind: 'user' as const, sourceId: 'guest', name: {}, roles: { student: { schools: ['B'] } } },
  {
    kind: 'user' as const,
    sourceId: 'both',
    name: {},
    roles: {
      teacher: { schools: ['B', 'A'] },
      contact: {
        relationships: ['pupil-a', 'pupil-b'].map((student) => ({
          student,
          relationship: 'Parent' as const,
          type: 'Primary' as const,
        })),
      },
      districtAdmin: {},
    },
  },
  { kind: 'user' as const, sourceId: 'head', name: {}, roles: { staff: { schools: ['B'] } } },
  {
    kind: 'section' as const,
    sourceId: 'a1',
    name: 'a1',
    school: 'A',
    teachers: ['both'],
    students: ['pupil-a', 'guest'],
  },
  {
    kind: 'section' as const,
    sourceId: 'b1',
    name: 'b1',
    school: 'B',
    teachers: ['both'],
    students: ['pupil-b'],
  },
  {
    kind: 'resource' as const,
    sourceId: 'book',
    resourceId: 'book',
    roles: ['student' as const],
    courses: [],
    sections: ['a1', 'b1'],
  },
  {
    kind: 'resource' as const,
    sourceId: 'loose',
    resourceId: 'loose',
    roles: [],
    courses: [],
    sections: [],
  },
].map((record) => toDocument(record, ids));

const oneDistrictNames = [
  ...['A', 'B'].map((name) => ['school', name] as const),
  ...['pupil-a', 'pupil-b', 'pupil-ba', 'pupil-moved', 'guest', 'both', 'head'].map(
    (name) => ['user', name] as const,
  ),
  ['section', 'a1'] as const,
  ['section', 'b1'] as const,
  ...['book', 'loose'].map((name) => ['resource', name] as const),
];
const rules = (kind: ChosenKind, attribute: string, operator: Operator, ...values: string[]): Selection => ({
  type: 'rules',
  rules: [{ kind, conditions: [{ attribute, operator, values }] }],
});

describe('what a rule shows of any district', () => {
  it('everything with all roles: the very same objects', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, async (district) => {
        const shown = await shownOf(everything, district);
        return (
          shown.length === district.length &&
          shown.every(({ document }, i) => document === district[i]?.document)
        );
      }),
    );
  });

  it('no school chosen, or no role and no school: nothing', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, async (district) => {
        return (await shownOf(chosen(), district)).length === 0;
      }),
    );
  });

  it('is nothing outside the closure of the chosen schools', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, async (district, rule) => {
        const { selection, roles } = rule;
        fc.pre(selection.type === 'schools');
        const schools = new Set(selection.schoolIds);
        const inClosure = closureOf(district, schools);
        for (const { kind, document } of await shownOf(rule, district)) {
          expect(inClosure).toContain(`${kind} ${document.id}`);
          if (kind !== 'user') continue;
          for (const role of Object.keys(document.roles)) {
            expect(roles).toContain(role);
            expect(inClosure).toContain(`${role} ${document.id}`);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is all of the closure when every role is shared', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, fc.subarray([...schoolIds]), async (district, schools) => {
        const rule: VisibilityRule = { selection: { type: 'schools', schoolIds: schools }, roles: everyRole };
        const shown = await shownOf(rule, district);
        const found = shown.flatMap(({ kind, document }) => [
          `${kind} ${document.id}`,
          ...(kind === 'user' ? Object.keys(document.roles).map((role) => `${role} ${document.id}`) : []),
        ]);
        expect(new Set(found)).toEqual(closureOf(district, new Set(schools)));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same when two rules are worked out together', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, anyRule, async (district, one, other) => {
        expect(await shownOfBoth([one, other], district)).toEqual([
          await shownOf(one, district),
          await shownOf(other, district),
        ]);
      }),
    );
  });

  it('shows both ends of each reference', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, async (district, rule) => {
        const shown = await shownOf(rule, district);
        const ends = new Set(
          shown.flatMap(({ kind, document }) => [
            `${kind} ${document.id}`,
            ...(kind === 'user' ? Object.keys(document.roles).map((role) => `${role} ${document.id}`) : []),
          ]),
        );
        for (const { to, role, id } of shown.flatMap(referencesOf))
          expect(ends).toContain(`${role ?? to} ${id}`);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      'sections',
      { type: 'sections', sectionIds: [ids.idOf('section', 'a1')] },
      [
        'school A',
        'section a1',
        'student guest',
        'student pupil-a',
        'teacher both',
        'contact both',
        'resource book',
      ],
    ],
    [
      'rules on sections',
      rules('section', 'name', 'contains', 'A1'),
      [
        'school A',
        'section a1',
        'student guest',
        'student pupil-a',
        'teacher both',
        'contact both',
        'resource book',
      ],
    ],
    [
      'rules on students',
      rules('student', 'school', 'is', ids.idOf('school', 'B')),
      [
        'school A',
        'school B',
        'student guest',
        'student pupil-b',
        'student pupil-ba',
        'student pupil-moved',
        'contact both',
      ],
    ],
    [
      'rules on teachers',
      rules('teacher', 'school', 'is', ids.idOf('school', 'B')),
      ['school A', 'school B', 'teacher both'],
    ],
    ['rules on staff', rules('staff', 'title', 'is-not', 'Nurse'), ['school B', 'staff head']],
    ['an attribute that nobody knows', rules('staff', 'shoe', 'is-not', '9'), []],
  ] as [string, Selection, string[]][])('chooses by %s', async (_name, selection, expected) => {
    const shown = await shownOf({ selection, roles: everyRole }, oneDistrict);
    const names = new Map(oneDistrictNames.map(([kind, name]) => [ids.idOf(kind, name), name]));
    const found = shown.flatMap(({ kind, document }) =>
      kind === 'user'
        ? Object.keys(document.roles).map((role) => `${role} ${names.get(document.id)}`)
        : [`${kind} ${names.get(document.id)}`],
    );
    expect(found.sort()).toEqual([...expected].sort());
  });

  it('with less chosen or fewer roles never shows more', async () => {
    const narrowed = (selection: Selection): fc.Arbitrary<Selection> => {
      switch (selection.type) {
        case 'everything':
          return anyRule.map((rule) => rule.selection);
        case 'schools':
          return fc
            .subarray([...selection.schoolIds])
            .map((schools) => ({ type: 'schools', schoolIds: schools }));
        case 'sections':
          return fc
            .subarray([...selection.sectionIds])
            .map((sections) => ({ type: 'sections', sectionIds: sections }));
        case 'rules':
          return fc.subarray([...selection.rules]).map((left) => ({ type: 'rules', rules: left }));
      }
    };
    const narrowing = anyRule.chain((wide) =>
      fc
        .tuple(narrowed(wide.selection), fc.subarray([...wide.roles]))
        .map(([selection, roles]) => ({ wide, narrow: { selection, roles } })),
    );
    await fc.assert(
      fc.asyncProperty(smallDistrict, narrowing, async (district, { wide, narrow }) => {
        const before = factsOf(await shownOf(wide, district));
        for (const fact of factsOf(await shownOf(narrow, district))) expect(before).toContain(fact);
      }),
      { numRuns: 500 },
    );
  });

  it('holds the id of a hidden person nowhere', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, async (district, rule) => {
        const shown = await shownOf(rule, district);
        const text = JSON.stringify(shown);
        const seen = new Set(shown.map(({ document }) => document.id));
        for (const { kind, document } of district)
          if (kind === 'user' && !seen.has(document.id)) expect(text).not.toContain(document.id);
      }),
      { numRuns: 300 },
    );
  });
});

/** The closure again, as docs/sharing.md tables it: the records and, for people, the roles that belong to schools. */
function closureOf(district: readonly KindedDocument[], schools: ReadonlySet<RecordId>): Set<string> {
  const found = new Set<string>();
  const sections = district.flatMap(({ kind, document }) =>
    kind === 'section' && document.school && schools.has(document.school) ? [document] : [],
  );
  const users = district.flatMap(({ kind, document }) => (kind === 'user' ? [document] : []));
  for (const { kind, document } of district)
    if (kind === 'school' && schools.has(document.id)) found.add(`school ${document.id}`);
  for (const section of sections) {
    found.add(`section ${section.id}`);
    if (section.course) found.add(`course ${section.course}`);
    if (section.term_id) found.add(`term ${section.term_id}`);
  }
  for (const { kind, document } of district) {
    if (kind !== 'resource') continue;
    const { courses = [], sections: own = [] } = document;
    const ends = [...courses.map((id) => `course ${id}`), ...own.map((id) => `section ${id}`)];
    if (ends.some((end) => found.has(end))) found.add(`resource ${document.id}`);
  }
  const belongs = (role?: { schools?: RecordId[] }) => role?.schools?.some((id) => schools.has(id)) ?? false;
  for (const { id, roles } of users) {
    const learns = sections.some(({ students }) => students?.includes(id));
    const teaches = sections.some(({ teachers }) => teachers?.includes(id));
    if (roles.student && (learns || belongs(roles.student))) found.add(`student ${id}`);
    if (roles.teacher && (teaches || belongs(roles.teacher))) found.add(`teacher ${id}`);
    if (roles.staff && belongs(roles.staff)) found.add(`staff ${id}`);
  }
  for (const { id, roles } of users) {
    const pupils = roles.contact?.student_relationships ?? [];
    if (pupils.some(({ student }) => found.has(`student ${student}`))) found.add(`contact ${id}`);
  }
  for (const { id } of users)
    if (USER_ROLES.some((role) => found.has(`${role} ${id}`))) found.add(`user ${id}`);
  return found;
}

describe('what a rule shows of one district', () => {
  const district = oneDistrict;

  it('a multi-role person’s unshared role is cut, and the others stay whole', async () => {
    const shown = await shownOf({ ...everything, roles: ['student', 'contact'] }, district);
    const roles = userOf(shown, 'both')?.roles;
    expect(Object.keys(roles ?? {})).toEqual(['contact']);
    expect(roles?.contact).toBe(userOf(district, 'both')?.roles.contact);
  });

  it('a contact shows the shown pupils alone', async () => {
    const both = userOf(await shownOf(chosen('A'), district), 'both');
    expect(both?.roles.contact?.student_relationships?.map(({ student }) => student)).toEqual([
      ids.idOf('user', 'pupil-a'),
    ]);
  });

  it('a pupil of a shown section is shown without the schools that are not', async () => {
    const student = userOf(await shownOf(chosen('A'), district), 'guest')?.roles.student;
    expect(student?.schools).toEqual([]);
    expect(student && 'school' in student).toBe(false);
  });

  it('the primary school of a cut list is the first that is left', async () => {
    const student = userOf(await shownOf(chosen('A'), district), 'pupil-ba')?.roles.student;
    expect(student?.schools).toEqual([ids.idOf('school', 'A')]);
    expect(student?.school).toBe(ids.idOf('school', 'A'));
  });

  it('a pupil shows the enrollments at shown schools alone, and no list where none is left', async () => {
    const of = async (name: string, ...schools: string[]) => {
      const student = userOf(await shownOf(chosen(...schools), district), name)?.roles.student;
      return student && ['enrollments' in student, student.enrollments?.map(({ school }) => school)];
    };
    const [A, B] = [ids.idOf('school', 'A'), ids.idOf('school', 'B')];
    expect(await of('pupil-ba', 'A', 'B')).toEqual([true, [A, B].sort()]);
    expect(await of('pupil-ba', 'A')).toEqual([true, [A]]);
    expect(await of('pupil-moved', 'A')).toEqual([false, undefined]);
  });

  it('district admins and staff of other schools are not shown under chosen schools', async () => {
    const shown = await shownOf(chosen('A'), district);
    expect(Object.keys(userOf(shown, 'both')?.roles ?? {})).toEqual(['teacher', 'contact']);
    expect(userOf(shown, 'head')).toBeUndefined();
  });

  it('a hidden pupil’s id appears in no document', async () => {
    const text = JSON.stringify(await shownOf(chosen('A'), district));
    expect(text).not.toContain(ids.idOf('user', 'pupil-b'));
    expect(text).toContain(ids.idOf('user', 'pupil-a'));
  });

  it('a resource shows the shown sections alone, and one that is assigned to nothing only everybody', async () => {
    const resourcesOf = async (rule: VisibilityRule) =>
      (await shownOf(rule, district)).flatMap(({ kind, document }) =>
        kind === 'resource' ? [[document.resource_id, document.sections]] : [],
      );
    const [a1, b1] = [ids.idOf('section', 'a1'), ids.idOf('section', 'b1')];
    expect(await resourcesOf(everything)).toEqual([
      ['book', [a1, b1].sort()],
      ['loose', []],
    ]);
    expect(await resourcesOf(chosen('A'))).toEqual([['book', [a1]]]);
  });

  it('a school that the roster does not have shows nothing', async () => {
    expect(await shownOf(chosen('Z'), district)).toEqual([]);
  });
});

describe('what a document refers to itself', () => {
  it('a section: its students and teachers, each once and by id', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(24) as RecordId) as [
      RecordId,
      RecordId,
      RecordId,
    ];
    const section = { id: a, district: ids.districtId, students: [c, a], teachers: [b, c] };
    expect(membersOf(section)).toEqual([a, b, c]);
    expect(membersOf({ id: a, district: ids.districtId })).toEqual([]);
  });

  it('a person: the schools of all roles, or the home schools alone, each once and by id', () => {
    const [A, B] = [ids.idOf('school', 'A'), ids.idOf('school', 'B')];
    expect(schoolsOf(documentOf('user'))).toEqual([A, B].sort());
    expect(schoolsOf(documentOf('user'), true)).toEqual([A]);
    expect(schoolsOf({ id: A, district: ids.districtId, roles: {} })).toEqual([]);
  });

  it('a shown document refers to shown records alone', async () => {
    await fc.assert(
      fc.asyncProperty(smallDistrict, anyRule, async (district, rule) => {
        const shown = await shownOf(rule, district);
        const seen = new Set<string>(shown.map(({ document }) => document.id));
        for (const { kind, document } of shown) {
          const referred =
            kind === 'section' ? membersOf(document) : kind === 'user' ? schoolsOf(document) : [];
          for (const id of referred) expect(seen).toContain(id);
        }
      }),
    );
  });
});
