import {
  legacyIdOf,
  type DocumentOf,
  type PersonName,
  type RecordDocument,
  type SectionDocument,
  type UserDocument,
} from '@hallpass/domain';
import type { Surroundings } from './view.js';

// How v1 and v2 make their documents of the stored ones: plain copies in their own names, of which a shape then shows what the
// version knows.

/** A school, a term or a course: as it is stored. */
export function asItIs(document: RecordDocument): object {
  return document;
}

/** A student or a teacher: what the person has, beside what it has in that role. */
export function personIn(role: 'student' | 'teacher' | 'district_admin') {
  return (document: RecordDocument): object | undefined => {
    const user = document as UserDocument;
    const own = user.roles[role];
    return own && { ...own, ...identityOf(user, role) };
  };
}

/** A school admin: staff of later versions. */
export function schoolAdmin(document: RecordDocument): object | undefined {
  const user = document as UserDocument;
  const { staff } = user.roles;
  return staff && { ...staff, ...identityOf(user, 'staff') };
}

/** A contact with all its students, whose relationship is that to one of them: the student whose contacts are listed, or the first. */
export function contact(document: RecordDocument, { student }: Surroundings): object | undefined {
  const user = document as UserDocument;
  const own = user.roles.contact;
  if (!own) return undefined;
  const relations = own.student_relationships ?? [];
  const relation = relations.find((each) => each.student === student) ?? relations[0];
  return {
    ...own,
    ...identityOf(user, 'contact'),
    name: fullName(user.name),
    student: relation?.student,
    relationship: relation?.relationship,
    type: relation?.type,
    students: own.student_relationships && [...new Set(relations.map((each) => each.student))],
  };
}

/** A section with its teachers under their own ids. */
export function section(document: RecordDocument): object {
  const { teacher, teachers, ...rest } = document as SectionDocument;
  return {
    ...rest,
    teacher: teacher && legacyIdOf('teacher', teacher),
    teachers: teachers?.map((id) => legacyIdOf('teacher', id)),
  };
}

/** A section with what v1 shows of its course and its term. */
export function sectionWithCourse(document: RecordDocument, { course, term }: Surroundings): object {
  return { ...section(document), course_name: course?.name, course_number: course?.number, term };
}

function identityOf(user: UserDocument, role: Parameters<typeof legacyIdOf>[0]) {
  const { id, district, email, name, created, last_modified: lastModified } = user;
  return { id: legacyIdOf(role, id), district, email, name, created, last_modified: lastModified };
}

function fullName(name: PersonName | undefined): string | undefined {
  const parts = [name?.first, name?.middle, name?.last].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** The first student of a contact that is shown. */
export function firstStudent(document: RecordDocument) {
  return (document as DocumentOf['user']).roles.contact?.student_relationships?.[0]?.student;
}
