import {
  RESOURCE_ROLES,
  membersOf,
  schoolsOf,
  type RecordDocument,
  type RecordId,
  type ResourceDocument,
  type ResourceRole,
  type SectionDocument,
  type UserDocument,
  type UserRole,
} from '@hallpass/domain';
import type { Parent, Parents } from '../answers/parents.js';
import type { PageQuery } from '../reading/page-query.js';

// What records lead to by what their documents hold, and by what their sections hold. Ids come sorted, each once.

const asUser = (document: RecordDocument) => document as UserDocument;
const asResource = (document: RecordDocument) => document as ResourceDocument;
const asSection = (document: RecordDocument) => document as SectionDocument;

/** The schools of a person over all roles; with `primary=true` the home schools. */
export function schoolsOfUser({ document }: Parent, { isPrimary }: PageQuery): RecordId[] {
  return schoolsOf(asUser(document), isPrimary);
}

/** The schools of one role of a person. */
export function schoolsOfRole(role: 'student' | 'teacher' | 'staff') {
  return ({ document }: Parent): RecordId[] => unique(asUser(document).roles[role]?.schools ?? []);
}

/** Students and teachers of a section. */
export function usersOfSection({ document }: Parent): RecordId[] {
  return membersOf(asSection(document));
}

export function studentsOfSection({ document }: Parent): RecordId[] {
  return unique(asSection(document).students ?? []);
}

export function teachersOfSection({ document }: Parent): RecordId[] {
  return unique(asSection(document).teachers ?? []);
}

export function studentsOfContact({ document }: Parent): RecordId[] {
  const { contact } = asUser(document).roles;
  return unique((contact?.student_relationships ?? []).map(({ student }) => student));
}

/** Students of a teacher's sections. */
export async function studentsOfTeacher(parent: Parent, _: PageQuery, parents: Parents): Promise<RecordId[]> {
  const sections = await parents.sectionsOver(parent, 'teacher.sections');
  return unique(sections.flatMap((section) => section.students ?? []));
}

/** Students of a teacher's sections and of a contact. */
export async function studentsOfUser(
  parent: Parent,
  query: PageQuery,
  parents: Parents,
): Promise<RecordId[]> {
  return unique([...studentsOfContact(parent), ...(await studentsOfTeacher(parent, query, parents))]);
}

/** Teachers of a student's sections. */
export async function teachersOfStudent(parent: Parent, _: PageQuery, parents: Parents): Promise<RecordId[]> {
  const sections = await parents.sectionsOver(parent, 'student.sections');
  return unique(sections.flatMap((section) => section.teachers ?? []));
}

/** Whether a person has the school in this very role: links lead to the people of a school whatever their roles. */
export function isAtSchool(role: UserRole & ('student' | 'teacher')) {
  return (document: RecordDocument, school: RecordId): boolean =>
    asUser(document).roles[role]?.schools?.includes(school) ?? false;
}

/** The resources of a person's sections that are for who the person is there. */
export async function resourcesOfUser(parent: Parent, _: PageQuery, parents: Parents): Promise<RecordId[]> {
  const found: RecordId[] = [];
  for (const role of RESOURCE_ROLES) {
    const resources = await parents.resourcesOf(
      parent,
      await parents.sectionsOver(parent, `${role}.sections`),
    );
    for (const { id, roles } of resources) if (roles?.includes(role)) found.push(id);
  }
  return unique(found);
}

export function coursesOfResource({ document }: Parent): RecordId[] {
  return unique(asResource(document).courses ?? []);
}

export function sectionsOfResource({ document }: Parent): RecordId[] {
  return unique(asResource(document).sections ?? []);
}

/** The teachers and students of a resource's sections, those that it is for. */
export async function usersOfResource(
  parent: Parent,
  { role }: PageQuery,
  parents: Parents,
): Promise<RecordId[]> {
  const { roles = [], sections = [] } = asResource(parent.document);
  // Who is asked for as a student is so by a section of the resource.
  const isAsked = (each: ResourceRole) => role === each || !RESOURCE_ROLES.some((known) => known === role);
  const wanted = roles.filter(isAsked);
  if (wanted.length === 0) return [];
  const members = await parents.sectionsOf(parent, sections);
  return unique(members.flatMap((section) => wanted.flatMap((each) => section[`${each}s`] ?? [])));
}

function unique(ids: readonly RecordId[]): RecordId[] {
  return [...new Set(ids)].sort();
}
