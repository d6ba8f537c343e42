import fc from 'fast-check';
import { toDocument, type IdBook } from '../src/document.js';
import { recordIdOf, type DistrictId, type RecordId } from '../src/id.js';
import {
  RESOURCE_ROLES,
  USER_ROLES,
  type DocumentOf,
  type KindedDocument,
  type RecordKind,
  type ResourceSource,
  type SectionSource,
  type SourceRecord,
  type UserRole,
  type UserSource,
} from '../src/record.js';
import type { VisibilityRule } from '../src/sharing-rule.js';
import type { AttributeRule } from '../src/selection.js';
import { Visibility, type Picture } from '../src/visibility.js';

const key = Buffer.alloc(32, 7);

/** The ids of the test district: as an import gives them, from kind and source id. */
export const ids: IdBook = {
  districtId: '00000000000000000000d157' as DistrictId,
  idOf: (kind, sourceId) => recordIdOf(key, kind, sourceId),
};

const location = { address: '1 Elm St', city: 'Elm', state: 'NY', zip: '10001', lat: '40.1', lon: '-73.9' };

/** One record of each kind with every field that a roster file can give. */
export const fullRecords: readonly SourceRecord[] = [
  {
    kind: 'school',
    sourceId: 'A',
    name: 'Elm High',
    schoolNumber: '7',
    stateId: 's',
    ncesId: 'n',
    mdrNumber: 'm',
    lowGrade: '9',
    highGrade: '12',
    phone: '555',
    principal: { name: 'P', email: 'p@example.org' },
    location,
  },
  { kind: 'term', sourceId: 'T', name: 'Fall', startDate: '2026-08-01', endDate: '2026-12-20' },
  { kind: 'course', sourceId: 'C', name: 'Algebra', number: '101' },
  {
    kind: 'user',
    sourceId: 'U',
    name: { first: 'F', middle: 'M', last: 'L' },
    email: 'u@example.org',
    roles: {
      student: {
        schools: ['A', 'B'],
        enrollments: [{ school: 'A', startDate: '2026-08-15', endDate: '2027-06-04' }],
        studentNumber: '1',
        stateId: '2',
        username: 'fl',
        grade: '9',
        graduationYear: '2030',
        dob: '2012-02-03',
        gender: 'X',
        race: 'Asian',
        hispanicEthnicity: 'N',
        ellStatus: 'N',
        frlStatus: 'Reduced',
        iepStatus: 'Y',
        homeLanguage: 'Spanish',
        homeLanguageCode: 'spa',
        preferredName: { first: 'F', middle: 'M', last: 'L' },
        giftedStatus: 'N',
        section504Status: 'Y',
        location,
      },
      teacher: { schools: ['A'], teacherNumber: '3', stateId: '4', username: 'fl', title: 'Teacher' },
      staff: { schools: ['A'], staffId: '5', title: 'Clerk', department: 'Office', username: 'fl' },
      contact: {
        phone: '555',
        phoneType: 'Cell',
        relationships: [{ student: 'U2', relationship: 'Parent', type: 'Primary' }],
      },
      districtAdmin: { title: 'Superintendent' },
    },
  },
  {
    kind: 'section',
    sourceId: 'S',
    name: 'Algebra 1',
    school: 'A',
    course: 'C',
    term: 'T',
    sectionNumber: '1',
    period: '2',
    grade: '9',
    subject: 'math',
    teachers: ['U'],
    students: ['U', 'U2'],
  },
  {
    kind: 'resource',
    sourceId: 'R',
    resourceId: 'vendor-7',
    title: 'Algebra, the book',
    roles: ['student', 'teacher'],
    courses: ['C'],
    sections: ['S', 'S2'],
  },
];

export function documentOf<K extends RecordKind>(kind: K): DocumentOf[K] {
  const record = fullRecords.find((each) => each.kind === kind);
  if (!record) throw new Error(`no full ${kind}`);
  return toDocument(record, ids).document as DocumentOf[K];
}

/** Every leaf of a document as a dotted path; lists are leaves. */
export function leavesOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? leavesOf(inner, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );
}

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const SCHOOLS = named('school', 3);
const TERMS = named('term', 2);
const COURSES = named('course', 3);
const USERS = named('user', 8);
const RESOURCES = named('resource', 3);

const some = (from: readonly string[], maxLength: number) =>
  fc.subarray([...from], { maxLength: Math.min(maxLength, from.length) });

const user = (sourceId: string): fc.Arbitrary<UserSource> =>
  fc
    .record({
      roles: fc.subarray([...USER_ROLES], { minLength: 1 }),
      studentSchools: some(SCHOOLS, 2),
      teacherSchools: some(SCHOOLS, 2),
      staffSchools: some(SCHOOLS, 2),
      children: some(
        USERS.filter((each) => each !== sourceId),
        3,
      ),
    })
    .map(({ roles, studentSchools, teacherSchools, staffSchools, children }) => {
      const has = (role: UserRole) => roles.includes(role);
      const relationships = children.map((student) => ({
        student,
        relationship: 'Parent' as const,
        type: 'Primary' as const,
      }));
      return {
        kind: 'user',
        sourceId,
        name: { first: sourceId },
        roles: {
          ...(has('student') && {
            student: {
              schools: studentSchools,
              ...(studentSchools.length > 0 && {
                enrollments: studentSchools.map((school) => ({ school, startDate: '2026-08-15' })),
              }),
            },
          }),
          ...(has('teacher') && { teacher: { schools: teacherSchools } }),
          ...(has('staff') && { staff: { schools: staffSchools } }),
          ...(has('contact') && { contact: { relationships } }),
          ...(has('district_admin') && { districtAdmin: {} }),
        },
      };
    });

const section = (sourceId: string): fc.Arbitrary<SectionSource> =>
  fc
    .record({
      school: fc.constantFrom(...SCHOOLS),
      course: fc.option(fc.constantFrom(...COURSES)),
      term: fc.option(fc.constantFrom(...TERMS)),
      teachers: some(USERS, 2),
      students: some(USERS, 4),
    })
    .map(({ course, term, ...rest }) => ({
      kind: 'section',
      sourceId,
      name: sourceId,
      ...(course !== null && { course }),
      ...(term !== null && { term }),
      ...rest,
    }));

const resource = (sourceId: string, sections: readonly string[]): fc.Arbitrary<ResourceSource> =>
  fc
    .record({
      roles: fc.subarray([...RESOURCE_ROLES]),
      courses: some(COURSES, 2),
      sections: some(sections, 2),
    })
    .map((fields) => ({ kind: 'resource', sourceId, resourceId: sourceId, ...fields }));

/** Any small district whose people wear any hats and whose references all lead somewhere, as documents. */
export const smallDistrict: fc.Arbitrary<KindedDocument[]> = fc
  .tuple(fc.tuple(...USERS.map(user)), fc.array(fc.constant(null), { maxLength: 4 }))
  .chain(([users, slots]) =>
    fc.tuple(
      fc.constant(users),
      fc.tuple(...slots.map((_, i) => section(`section${i}`))),
      fc.tuple(...RESOURCES.map((each) => resource(each, named('section', slots.length)))),
    ),
  )
  .map(([users, sections, resources]) => {
    const holds = (role: 'student' | 'teacher') => (sourceId: string) =>
      users.some((each) => each.sourceId === sourceId && each.roles[role] !== undefined);
    // A reading keeps no reference to a role that a person does not have.
    const kept = users.map((each) => {
      const { contact } = each.roles;
      if (!contact) return each;
      const relationships = contact.relationships.filter(({ student }) => holds('student')(student));
      return { ...each, roles: { ...each.roles, contact: { ...contact, relationships } } };
    });
    const records: SourceRecord[] = [
      ...SCHOOLS.map((sourceId) => ({ kind: 'school' as const, sourceId, name: sourceId })),
      ...TERMS.map((sourceId) => ({ kind: 'term' as const, sourceId })),
      ...COURSES.map((sourceId) => ({ kind: 'course' as const, sourceId })),
      ...kept,
      ...sections.map((each) => ({
        ...each,
        teachers: each.teachers.filter(holds('teacher')),
        students: each.students.filter(holds('student')),
      })),
      ...resources,
    ];
    return records.map((record) => toDocument(record, ids));
  });

export const schoolIds: readonly RecordId[] = SCHOOLS.map((each) => ids.idOf('school', each));
const sectionIds = named('section', 4).map((each) => ids.idOf('section', each));

const anyAttributeRule: fc.Arbitrary<AttributeRule> = fc.oneof(
  fc.constantFrom(...schoolIds).map((school) => ({
    kind: 'student' as const,
    conditions: [{ attribute: 'school', operator: 'is' as const, values: [school] }],
  })),
  fc.constantFrom(...named('section', 4)).map((name) => ({
    kind: 'section' as const,
    conditions: [{ attribute: 'name', operator: 'is-not' as const, values: [name] }],
  })),
  fc.constantFrom(...schoolIds).map((school) => ({
    kind: 'staff' as const,
    conditions: [{ attribute: 'school', operator: 'in' as const, values: [school] }],
  })),
);

/** Any rule over the schools of smallDistrict. */
export const anyRule: fc.Arbitrary<VisibilityRule> = fc.record({
  selection: fc.oneof(
    fc.constant({ type: 'everything' as const }),
    fc.subarray([...schoolIds]).map((chosen) => ({ type: 'schools' as const, schoolIds: chosen })),
    fc.subarray([...sectionIds]).map((chosen) => ({ type: 'sections' as const, sectionIds: chosen })),
    fc.array(anyAttributeRule, { maxLength: 2 }).map((rules) => ({ type: 'rules' as const, rules })),
  ),
  roles: fc.subarray([...USER_ROLES]),
});

/** What a rule shows of a district. */
export async function shownOf(
  rule: VisibilityRule,
  district: readonly KindedDocument[],
): Promise<KindedDocument[]> {
  return shownBy(await Visibility.of(rule, pictured(district)), district);
}

/** What each of two rules shows of it, when they are worked out together. */
export async function shownOfBoth(
  rules: readonly [VisibilityRule, VisibilityRule],
  district: readonly KindedDocument[],
): Promise<KindedDocument[][]> {
  const both = await Visibility.ofBoth(rules, pictured(district));
  return both.map((visibility) => shownBy(visibility, district));
}

function pictured(district: readonly KindedDocument[]): Picture {
  const documents = <K extends RecordKind>(kind: K) =>
    district.flatMap((each) => (each.kind === kind ? [each.document as DocumentOf[K]] : []));
  return {
    courses: documents('course'),
    sections: documents('section'),
    users: documents('user'),
    resources: documents('resource'),
  };
}

function shownBy(visibility: Visibility, district: readonly KindedDocument[]): KindedDocument[] {
  return district.flatMap(({ kind, document }) => {
    const shown = visibility.show(kind, document);
    return shown ? [{ kind, document: shown } as KindedDocument] : [];
  });
}
