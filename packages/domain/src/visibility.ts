import type { RecordId } from './id.js';
import type {
  CourseDocument,
  DocumentOf,
  KindedDocument,
  RecordKind,
  ResourceDocument,
  SectionDocument,
  UserDocument,
  UserRole,
  UserRoles,
} from './record.js';
import { chooserOf, type Chooser, type CourseWords } from './selection.js';
import { seesEverything, type VisibilityRule } from './sharing-rule.js';

/** Whether a record, or the role of a person, is shown. */
export type Shows = (what: Exclude<RecordKind, 'user'> | UserRole, id: RecordId) => boolean;

/** What a rule's closure is worked out from: one picture of the district, each kind read once, in this order. */
export interface Picture {
  courses: Documents<CourseDocument>;
  sections: Documents<SectionDocument>;
  users: Documents<UserDocument>;
  resources: Documents<ResourceDocument>;
}
type Documents<D> = AsyncIterable<D> | Iterable<D>;

/**
 * Which records of a district a rule shows: the closure of its selection.
 *
 * | kind     | shown when                                                                                      |
 * | -------- | ----------------------------------------------------------------------------------------------- |
 * | school   | it is chosen; a shown section belongs to it; a person that a rule chose belongs to it            |
 * | section  | it is chosen, by itself, by its school or by a rule                                             |
 * | course   | a shown section teaches it                                                                      |
 * | term     | a shown section runs in it                                                                      |
 * | user     | one of its roles is shown: a student or teacher chosen by a school or a rule, or in a shown      |
 * |          | section; staff chosen by a school or a rule; a contact of a shown student. District admins       |
 * |          | belong to no school: only "everything" shows them                                               |
 * | resource | a shown section or course has it; "everything" shows those that are assigned to none as well    |
 *
 * A role that the rule does not name is never shown. A reference is shown when both its ends are. A person's role that is
 * not shown is cut from the person, however many others are.
 */
export class Visibility {
  readonly #rule: VisibilityRule;
  readonly #chooser: Chooser;
  readonly #isWhole: boolean;
  /** Nothing is cut, and nothing has to be read to know it. */
  readonly #seesEverything: boolean;
  readonly #courseWords = new Map<RecordId, CourseWords>();
  readonly #shown: Record<
    Exclude<RecordKind, 'user'> | 'student' | 'teacher' | 'staff' | 'contact',
    Set<RecordId>
  > = {
    school: new Set(),
    term: new Set(),
    course: new Set(),
    section: new Set(),
    resource: new Set(),
    student: new Set(),
    teacher: new Set(),
    staff: new Set(),
    contact: new Set(),
  };
  readonly #inSections = { student: new Set<RecordId>(), teacher: new Set<RecordId>() };

  private constructor(rule: VisibilityRule) {
    this.#rule = rule;
    this.#chooser = chooserOf(rule.selection);
    this.#isWhole = rule.selection.type === 'everything';
    this.#seesEverything = seesEverything(rule);
  }

  /** Memory grows with the ids that are shown, not with the documents. */
  static async of(rule: VisibilityRule, picture: Picture): Promise<Visibility> {
    const visibility = new Visibility(rule);
    await Visibility.#read([visibility], picture);
    return visibility;
  }

  /** Of two rules, each kind being read once for both. */
  static async ofBoth(
    rules: readonly [VisibilityRule, VisibilityRule],
    picture: Picture,
  ): Promise<[Visibility, Visibility]> {
    const both: [Visibility, Visibility] = [new Visibility(rules[0]), new Visibility(rules[1])];
    await Visibility.#read(both, picture);
    return both;
  }

  /** A kind is read where one of them depends on it. */
  static async #read(all: readonly Visibility[], picture: Picture): Promise<void> {
    // Without a choice nothing depends on who belongs where, but for the roles that references lead to.
    const cutting = all.filter((each) => !each.#seesEverything);
    const choosing = cutting.filter((each) => !each.#isWhole);
    const ruled = choosing.filter((each) => each.#rule.selection.type === 'rules');
    const each = async <D>(
      documents: Documents<D>,
      by: readonly Visibility[],
      read: (visibility: Visibility, document: D) => void,
    ) => {
      if (by.length > 0)
        for await (const one of documents) for (const visibility of by) read(visibility, one);
    };
    await each(picture.courses, ruled, (visibility, course) => visibility.#readCourse(course));
    await each(picture.sections, choosing, (visibility, section) => visibility.#readSection(section));
    await each(picture.users, cutting, (visibility, user) => visibility.#readUser(user));
    await each(picture.resources, choosing, (visibility, resource) => visibility.#readResource(resource));
  }

  /** Whether a record or a person's role is shown. */
  readonly shows: Shows = (what, id) => {
    if (this.#seesEverything) return true;
    switch (what) {
      case 'school':
        return this.#isWhole || this.#shown.school.has(id) || this.#chooser.isSchoolChosen(id);
      case 'term':
      case 'course':
      case 'section':
      case 'resource':
        return this.#isWhole || this.#shown[what].has(id);
      case 'student':
      case 'teacher':
      case 'staff':
      case 'contact':
        return this.#shown[what].has(id);
      case 'district_admin':
        return this.#isWhole && this.#has('district_admin');
    }
  };

  /** The document as the rule shows it: the very same object when nothing is cut, undefined when it is not shown. */
  show<K extends RecordKind>(kind: K, document: DocumentOf[K]): DocumentOf[K] | undefined {
    return this.#seesEverything ? document : cutDocument(kind, document, this.shows);
  }

  #has(role: UserRole): boolean {
    return this.#rule.roles.includes(role);
  }

  #readCourse({ id, name, number }: CourseDocument): void {
    this.#courseWords.set(id, { ...(name && { name }), ...(number && { number }) });
  }

  #readSection(section: SectionDocument): void {
    const course = section.course && this.#courseWords.get(section.course);
    if (!this.#chooser.isSectionChosen(section, course || undefined)) return;
    this.#shown.section.add(section.id);
    if (section.course) this.#shown.course.add(section.course);
    if (section.term_id) this.#shown.term.add(section.term_id);
    if (section.school) this.#shown.school.add(section.school);
    for (const id of section.students ?? []) this.#inSections.student.add(id);
    for (const id of section.teachers ?? []) this.#inSections.teacher.add(id);
  }

  #readUser(user: UserDocument): void {
    for (const role of ['student', 'teacher', 'staff'] as const) {
      if (!user.roles[role] || !this.#has(role)) continue;
      const isChosen = this.#chooser.isPersonChosen(role, user);
      const isEnrolled = role !== 'staff' && this.#inSections[role].has(user.id);
      if (!isChosen && !isEnrolled) continue;
      this.#shown[role].add(user.id);
      if (isChosen && this.#rule.selection.type === 'rules')
        for (const school of user.roles[role]?.schools ?? []) this.#shown.school.add(school);
    }
    // Which of a contact's students are shown is known only when all people have been read.
    const { contact } = user.roles;
    if (contact && this.#has('contact') && (this.#isWhole || contact.student_relationships?.length))
      this.#shown.contact.add(user.id);
  }

  #readResource({ id, courses, sections }: ResourceDocument): void {
    const isAssigned =
      sections?.some((section) => this.#shown.section.has(section)) ||
      courses?.some((course) => this.#shown.course.has(course));
    if (isAssigned) this.#shown.resource.add(id);
  }
}

/**
 * A document with the references that lead to what is shown, and nothing else: the very same object when nothing is cut,
 * undefined when it is not shown itself.
 */
export function cutDocument<K extends RecordKind>(
  kind: K,
  document: DocumentOf[K],
  shows: Shows,
): DocumentOf[K] | undefined {
  const each = { kind, document } as KindedDocument;
  switch (each.kind) {
    case 'school':
    case 'term':
    case 'course':
      return shows(each.kind, document.id) ? document : undefined;
    case 'section':
      return shows('section', document.id) ? (cutSection(each.document, shows) as DocumentOf[K]) : undefined;
    case 'user':
      return cutUser(each.document, shows) as DocumentOf[K] | undefined;
    case 'resource':
      return shows('resource', document.id)
        ? (cutResource(each.document, shows) as DocumentOf[K])
        : undefined;
  }
}

function cutResource(resource: ResourceDocument, shows: Shows): ResourceDocument {
  const courses = kept(resource.courses, (id) => shows('course', id));
  const sections = kept(resource.sections, (id) => shows('section', id));
  if (courses === resource.courses && sections === resource.sections) return resource;
  return { ...resource, ...(courses && { courses }), ...(sections && { sections }) };
}

function cutSection(section: SectionDocument, shows: Shows): SectionDocument {
  const students = kept(section.students, (id) => shows('student', id));
  const teachers = kept(section.teachers, (id) => shows('teacher', id));
  const lost = (['school', 'course', 'term_id'] as const).filter((field) => {
    const id = section[field];
    return id !== undefined && !shows(field === 'term_id' ? 'term' : field, id);
  });
  if (students === section.students && teachers === section.teachers && lost.length === 0) return section;
  const copy = { ...section };
  if (students) copy.students = students;
  if (teachers) copy.teachers = teachers;
  for (const field of lost) delete copy[field];
  return teachers === section.teachers ? copy : withPrimary(copy, 'teacher', teachers);
}

function cutUser(user: UserDocument, shows: Shows): UserDocument | undefined {
  const roles: UserRoles = {};
  let isCut = false;
  for (const role of Object.keys(user.roles) as UserRole[]) {
    const shown = shows(role, user.id) ? cutRole(user, role, shows) : undefined;
    if (shown !== user.roles[role]) isCut = true;
    if (shown) Object.assign(roles, { [role]: shown });
  }
  if (Object.keys(roles).length === 0) return undefined;
  return isCut ? { ...user, roles } : user;
}

function cutRole(user: UserDocument, role: UserRole, shows: Shows): object | undefined {
  const { student, teacher, staff, contact } = user.roles;
  switch (role) {
    case 'student':
      return student && cutEnrollments(cutSchools(student, shows), shows);
    case 'teacher':
      return teacher && cutSchools(teacher, shows);
    case 'staff':
      return staff && cutSchools(staff, shows);
    case 'contact': {
      const relations = contact?.student_relationships;
      const shown = kept(relations, ({ student: id }) => shows('student', id));
      if (shown === relations) return contact;
      return shown?.length ? { ...contact, student_relationships: shown } : undefined;
    }
    case 'district_admin':
      return user.roles.district_admin;
  }
}

function cutSchools<R extends { school?: RecordId; schools?: RecordId[] }>(role: R, shows: Shows): R {
  const schools = kept(role.schools, (id) => shows('school', id));
  if (schools === role.schools) return role;
  const copy = { ...role };
  if (schools) copy.schools = schools;
  return 'school' in role ? withPrimary(copy, 'school', schools) : copy;
}

function cutEnrollments(
  student: NonNullable<UserRoles['student']>,
  shows: Shows,
): NonNullable<UserRoles['student']> {
  const enrollments = kept(student.enrollments, ({ school }) => shows('school', school));
  if (enrollments === student.enrollments) return student;
  const { enrollments: _, ...rest } = student;
  return enrollments?.length ? { ...student, enrollments } : rest;
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
