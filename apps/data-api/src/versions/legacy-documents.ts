import {
  legacyIdOf,
  type DocumentOf,
  type PersonName,
  type RecordDocument,
  type SectionDocument,
  type UserDocument,
  type UserRole,
} from '@hallpass/domain';
import type { Surroundings } from './view.js';

type Properties = Record<string, unknown>;

// How v1 and v2 make their documents of the stored ones: plain copies in their own names, of which a shape then shows what the
// version knows.

/** A school, a term or a course: as it is stored. */
export function asItIs(document: RecordDocument): object {
  return document;
}

/** A student, a teacher or an admin: what the person has, beside what it has in that role. */
export function personIn(role: 'student' | 'teacher' | 'staff' | 'district_admin') {
  return (document: RecordDocument): object | undefined => {
    const user = document as UserDocument;
    const own = user.roles[role];
    return own && withIdentity(own, user, role);
  };
}

/** A school admin: staff of later versions. */
export const schoolAdmin = personIn('staff');

/** A contact with all its students, whose relationship is that to one of them: the student whose contacts are listed, or the first. */
export function contact(document: RecordDocument, { student }: Surroundings): object | undefined {
  const user = document as UserDocument;
  const own = user.roles.contact;
  if (!own) return undefined;
  const relations = own.student_relationships ?? [];
  const relation = relations.find((each) => each.student === student) ?? relations[0];
  const made = withIdentity(own, user, 'contact');
  made['name'] = fullName(user.name);
  made['student'] = relation?.student;
  made['relationship'] = relation?.relationship;
  made['type'] = relation?.type;
  made['students'] = own.student_relationships && [...new Set(relations.map((each) => each.student))];
  return made;
}

/** A section with its teachers under their own ids. */
export function section(document: RecordDocument): Properties {
  const { teacher, teachers } = document as SectionDocument;
  const made = copyOf(document);
  made['teacher'] = teacher && legacyIdOf('teacher', teacher);
  made['teachers'] = teachers?.map((id) => legacyIdOf('teacher', id));
  return made;
}

/** A section with what v1 shows of its course and its term. */
export function sectionWithCourse(document: RecordDocument, { course, term }: Surroundings): Properties {
  const made = section(document);
  made['course_name'] = course?.name;
  made['course_number'] = course?.number;
  made['term'] = term;
  return made;
}

/** A role's own fields, and the person's. */
function withIdentity(own: object, user: UserDocument, role: UserRole): Properties {
  const made = copyOf(own);
  made['id'] = legacyIdOf(role, user.id);
  made['district'] = user.district;
  made['email'] = user.email;
  made['name'] = user.name;
  made['created'] = user.created;
  made['last_modified'] = user.last_modified;
  return made;
}

/** A loop, for a spread of a document just parsed takes many times as long. */
function copyOf(source: object): Properties {
  const target: Properties = {};
  for (const name in source) target[name] = (source as Properties)[name];
  return target;
}

function fullName(name: PersonName | undefined): string | undefined {
  const parts = [name?.first, name?.middle, name?.last].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** The first student of a contact that is shown. */
export function firstStudent(document: RecordDocument) {
  return (document as DocumentOf['user']).roles.contact?.student_relationships?.[0]?.student;
}
