import { effectiveFields, sharedRoles, type FieldList } from './field.js';
import type { RecordId } from './id.js';
import type {
  KindedDocument,
  RecordKind,
  ResourceDocument,
  SectionDocument,
  UserDocument,
} from './record.js';

/**
 * References that a document does not hold itself: those that lead back to it, and those that lead over a section. Each
 * is kept as one sorted list for the record it starts at. What a document does hold (a section's students, a person's
 * schools) is read from the document.
 */
export const RELATIONS = [
  'school.users',
  'school.primary-users',
  'school.sections',
  'school.courses',
  'school.terms',
  'course.sections',
  'course.schools',
  'term.sections',
  'term.schools',
  'student.sections',
  'teacher.sections',
  'student.contacts',
  'section.resources',
  'course.resources',
] as const;
export type Relation = (typeof RELATIONS)[number];

export interface LinkRow {
  relation: Relation;
  id: RecordId;
  ids: RecordId[];
}

/**
 * Collects the links between the documents of one picture, as they are shown: fed with the documents that a rule has cut,
 * it yields only links whose both ends the rule shows.
 */
export class LinkBook {
  readonly #lists = new Map<Relation, Map<RecordId, Set<RecordId> | RecordId[]>>();

  add(each: KindedDocument): void {
    if (each.kind === 'section') this.#addSection(each.document);
    else if (each.kind === 'user') this.#addUser(each.document);
    else if (each.kind === 'resource') this.#addResource(each.document);
  }

  #addSection(section: SectionDocument): void {
    const { id, school, course, term_id: term } = section;
    if (school) this.#once('school.sections', school, id);
    if (course) this.#once('course.sections', course, id);
    if (term) this.#once('term.sections', term, id);
    if (school && course) {
      this.#often('school.courses', school, course);
      this.#often('course.schools', course, school);
    }
    if (school && term) {
      this.#often('school.terms', school, term);
      this.#often('term.schools', term, school);
    }
    for (const student of section.students ?? []) this.#once('student.sections', student, id);
    for (const teacher of section.teachers ?? []) this.#once('teacher.sections', teacher, id);
  }

  #addUser(user: UserDocument): void {
    const { student, teacher, staff, contact } = user.roles;
    for (const role of [student, teacher, staff]) {
      for (const school of role?.schools ?? []) this.#often('school.users', school, user.id);
    }
    for (const role of [student, teacher]) {
      if (role?.school) this.#often('school.primary-users', role.school, user.id);
    }
    for (const { student: of } of contact?.student_relationships ?? [])
      this.#often('student.contacts', of, user.id);
  }

  #addResource({ id, courses, sections }: ResourceDocument): void {
    for (const section of sections ?? []) this.#once('section.resources', section, id);
    for (const course of courses ?? []) this.#once('course.resources', course, id);
  }

  /** A link that only this document can add, and only once. */
  #once(relation: Relation, id: RecordId, target: RecordId): void {
    const lists = this.#listsOf(relation);
    const list = lists.get(id) as RecordId[] | undefined;
    if (list) list.push(target);
    else lists.set(id, [target]);
  }

  /** A link that several documents may add. */
  #often(relation: Relation, id: RecordId, target: RecordId): void {
    const lists = this.#listsOf(relation);
    const list = lists.get(id) as Set<RecordId> | undefined;
    if (list) list.add(target);
    else lists.set(id, new Set([target]));
  }

  #listsOf(relation: Relation) {
    let lists = this.#lists.get(relation);
    if (!lists) this.#lists.set(relation, (lists = new Map()));
    return lists;
  }

  *rows(): Generator<LinkRow> {
    for (const [relation, lists] of this.#lists) {
      for (const [id, ids] of lists) yield { relation, id, ids: sortedOnce(ids) };
    }
  }
}

/** The ids in order, each once; a list is sorted where it stands. */
function sortedOnce(ids: Set<RecordId> | RecordId[]): RecordId[] {
  if (!Array.isArray(ids)) return [...ids].sort();
  ids.sort();
  return ids.some((id, i) => id === ids[i - 1]) ? [...new Set(ids)] : ids;
}

/** The fields from which a relation follows: where one is not shared, the relation would give it away. */
const RELATION_FIELDS: Readonly<Record<Relation, readonly string[]>> = {
  'school.users': ['user.roles.student.schools', 'user.roles.teacher.schools', 'user.roles.staff.schools'],
  'school.primary-users': ['user.roles.student.school', 'user.roles.teacher.school'],
  'school.sections': ['section.school'],
  'school.courses': ['section.school', 'section.course'],
  'school.terms': ['section.school', 'section.term_id'],
  'course.sections': ['section.course'],
  'course.schools': ['section.school', 'section.course'],
  'term.sections': ['section.term_id'],
  'term.schools': ['section.school', 'section.term_id'],
  'student.sections': ['section.students'],
  'teacher.sections': ['section.teachers'],
  'student.contacts': ['user.roles.contact.student_relationships'],
  'section.resources': ['resource.sections'],
  'course.resources': ['resource.courses'],
};

/** Whether a list of shared fields lets a relation be followed. The fields of a role that is not shared do not count. */
export function isRelationShared(list: FieldList, relation: Relation): boolean {
  const roles = sharedRoles(list);
  return RELATION_FIELDS[relation].every((qualified) => {
    const [kind, ...rest] = qualified.split('.') as [RecordKind, ...string[]];
    const role = rest[0] === 'roles' ? rest[1] : undefined;
    if (role !== undefined && !roles.some((shared) => shared === role)) return true;
    return effectiveFields(list, kind)?.includes(rest.join('.')) ?? false;
  });
}
