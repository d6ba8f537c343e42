import type { RecordId } from './id.js';
import type {
  DocumentOf,
  KindedDocument,
  RecordKind,
  SectionDocument,
  UserDocument,
  UserRole,
  UserRoles,
} from './record.js';
import { seesEverything, type VisibilityRule } from './sharing-rule.js';

/**
 * Which records of a district a rule shows, and how the references between them are cut: the closure of the rule.
 *
 * | kind    | shown under "chosen schools" when                                                         |
 * | ------- | ----------------------------------------------------------------------------------------- |
 * | school  | it is chosen                                                                              |
 * | section | its school is chosen                                                                      |
 * | course  | a shown section teaches it                                                                |
 * | term    | a shown section runs in it                                                                |
 * | user    | one of its roles is shown: a student enrolled at a chosen school or in a shown section; a |
 * |         | teacher likewise; staff of a chosen school; a contact of a shown student. District admins |
 * |         | belong to no school: only "everything" shows them                                         |
 *
 * A role that the rule does not name is never shown. A reference is shown when both its ends are. A person's role that is
 * not shown is cut from the person, however many others are.
 */
export class Visibility {
  readonly #rule: VisibilityRule;
  readonly #schools: ReadonlySet<RecordId> | null;
  readonly #sections = new Set<RecordId>();
  readonly #courses = new Set<RecordId>();
  readonly #terms = new Set<RecordId>();
  readonly #inSections = { student: new Set<RecordId>(), teacher: new Set<RecordId>() };
  readonly #students = new Set<RecordId>();
  readonly #teachers = new Set<RecordId>();

  private constructor(rule: VisibilityRule) {
    this.#rule = rule;
    this.#schools = rule.selection.type === 'schools' ? new Set(rule.selection.schoolIds) : null;
  }

  /**
   * Reads the sections and then the users of one picture of the district, each once, in any order. Memory grows with the
   * ids that are shown, not with the documents.
   */
  static async of(
    rule: VisibilityRule,
    sections: AsyncIterable<SectionDocument> | Iterable<SectionDocument>,
    users: AsyncIterable<UserDocument> | Iterable<UserDocument>,
  ): Promise<Visibility> {
    const visibility = new Visibility(rule);
    for await (const section of sections) visibility.#readSection(section);
    for await (const user of users) visibility.#readUser(user);
    return visibility;
  }

  #readSection(section: SectionDocument): void {
    if (!this.#hasSchool(section.school)) return;
    this.#sections.add(section.id);
    if (section.course) this.#courses.add(section.course);
    if (section.term_id) this.#terms.add(section.term_id);
    if (!this.#schools) return;
    for (const id of section.students ?? []) this.#inSections.student.add(id);
    for (const id of section.teachers ?? []) this.#inSections.teacher.add(id);
  }

  #readUser(user: UserDocument): void {
    const { student, teacher } = user.roles;
    if (student && this.#showsEnrolled('student', user.id, student.schools)) this.#students.add(user.id);
    if (teacher && this.#showsEnrolled('teacher', user.id, teacher.schools)) this.#teachers.add(user.id);
  }

  #showsEnrolled(role: 'student' | 'teacher', id: RecordId, schools: readonly RecordId[] = []): boolean {
    if (!this.#rule.roles.includes(role)) return false;
    if (!this.#schools) return true;
    return this.#inSections[role].has(id) || schools.some((school) => this.#hasSchool(school));
  }

  #hasSchool(school: RecordId | undefined): boolean {
    return this.#schools === null || (school !== undefined && this.#schools.has(school));
  }

  /** The document as the rule shows it: the very same object when nothing is cut, undefined when it is not shown. */
  show<K extends RecordKind>(kind: K, document: DocumentOf[K]): DocumentOf[K] | undefined {
    if (seesEverything(this.#rule)) return document;
    const each = { kind, document } as KindedDocument;
    return this.#show(each) as DocumentOf[K] | undefined;
  }

  #show({ kind, document }: KindedDocument): KindedDocument['document'] | undefined {
    switch (kind) {
      case 'school':
        return this.#hasSchool(document.id) ? document : undefined;
      case 'term':
        return this.#schools === null || this.#terms.has(document.id) ? document : undefined;
      case 'course':
        return this.#schools === null || this.#courses.has(document.id) ? document : undefined;
      case 'section':
        return this.#sections.has(document.id) ? this.#cutSection(document) : undefined;
      case 'user':
        return this.#cutUser(document);
    }
  }

  #cutSection(section: SectionDocument): SectionDocument {
    const students = kept(section.students, (id) => this.#students.has(id));
    const teachers = kept(section.teachers, (id) => this.#teachers.has(id));
    if (students === section.students && teachers === section.teachers) return section;
    const copy = { ...section };
    if (students) copy.students = students;
    if (teachers) copy.teachers = teachers;
    return withPrimary(copy, 'teacher', teachers);
  }

  #cutUser(user: UserDocument): UserDocument | undefined {
    const roles: UserRoles = {};
    let isCut = false;
    for (const role of Object.keys(user.roles) as UserRole[]) {
      const shown = this.#rule.roles.includes(role) ? this.#cutRole(user, role) : undefined;
      if (shown !== user.roles[role]) isCut = true;
      if (shown) Object.assign(roles, { [role]: shown });
    }
    if (Object.keys(roles).length === 0) return undefined;
    return isCut ? { ...user, roles } : user;
  }

  #cutRole(user: UserDocument, role: UserRole): object | undefined {
    const { student, teacher, staff, contact } = user.roles;
    switch (role) {
      case 'student':
        return student && this.#students.has(user.id) ? this.#cutSchools(student) : undefined;
      case 'teacher':
        return teacher && this.#teachers.has(user.id) ? this.#cutSchools(teacher) : undefined;
      case 'staff': {
        const shown = staff && this.#cutSchools(staff);
        return this.#schools === null || shown?.schools?.length ? shown : undefined;
      }
      case 'contact': {
        const relations = contact?.student_relationships;
        const shown = kept(relations, ({ student: id }) => this.#students.has(id));
        if (shown === relations) return this.#schools === null || shown?.length ? contact : undefined;
        return shown?.length ? { ...contact, student_relationships: shown } : undefined;
      }
      case 'district_admin':
        return this.#schools === null ? user.roles.district_admin : undefined;
    }
  }

  #cutSchools<R extends { school?: RecordId; schools?: RecordId[] }>(role: R): R {
    const schools = kept(role.schools, (id) => this.#hasSchool(id));
    if (schools === role.schools) return role;
    const copy = { ...role };
    if (schools) copy.schools = schools;
    return 'school' in role ? withPrimary(copy, 'school', schools) : copy;
  }
}

/** The list without what is not shown; the same list when all is. */
function kept<T>(list: T[] | undefined, isShown: (each: T) => boolean): T[] | undefined {
  if (!list || list.every(isShown)) return list;
  return list.filter(isShown);
}

/** The primary one of a cut list: its first that is left, or none. */
function withPrimary<T extends object, K extends keyof T>(
  copy: T,
  key: K,
  list: readonly T[K][] | undefined,
): T {
  const first = list?.[0];
  if (first === undefined) delete copy[key];
  else copy[key] = first;
  return copy;
}

/** The members of a section, students and teachers, each once and by id. */
export function membersOf(section: SectionDocument): RecordId[] {
  return [...new Set([...(section.students ?? []), ...(section.teachers ?? [])])].sort();
}

/** The schools of a person over all its roles, each once and by id; the home schools alone where `primary` says so. */
export function schoolsOf(user: UserDocument, primary = false): RecordId[] {
  const { student, teacher, staff } = user.roles;
  const homes = [student?.school, teacher?.school].filter((school) => school !== undefined);
  const all = [student, teacher, staff].flatMap((role) => role?.schools ?? []);
  return [...new Set(primary ? homes : all)].sort();
}
