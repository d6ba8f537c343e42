import { DomainError, type Fault } from './domain-error.js';
import { isId, type RecordId } from './id.js';
import type { SectionDocument, UserDocument } from './record.js';

/** Of what a rule on attributes can say which records are shared. People are chosen by role. */
export const CHOSEN_KINDS = ['section', 'student', 'teacher', 'staff'] as const;
export type ChosenKind = (typeof CHOSEN_KINDS)[number];

/** `is` and `in` take whole values, `contains` a part of one; upper and lower case are the same to all. */
export const OPERATORS = ['is', 'is-not', 'contains', 'in'] as const;
export type Operator = (typeof OPERATORS)[number];

/** What one attribute has to be. `is-not` also holds of a record that has no such attribute. */
export interface Condition {
  attribute: string;
  operator: Operator;
  /** One value; for `in` any number, of which one has to match. */
  values: readonly string[];
}

/** Chooses the records of one kind of which every condition holds. */
export interface AttributeRule {
  kind: ChosenKind;
  conditions: readonly Condition[];
}

/**
 * Which records of the district a grant shares, before fields. What each brings along is tabled at Visibility. Several
 * attribute rules add up: a record that one of them chooses is shared.
 */
export type Selection =
  | { type: 'everything' }
  | { type: 'schools'; schoolIds: readonly RecordId[] }
  | { type: 'sections'; sectionIds: readonly RecordId[] }
  | { type: 'rules'; rules: readonly AttributeRule[] };

/** What a section rule can see of the section's course. */
export interface CourseWords {
  name?: string;
  number?: string;
}

type Values = readonly (string | undefined)[];

const SECTION_ATTRIBUTES: Readonly<
  Record<string, (section: SectionDocument, course: CourseWords | undefined) => Values>
> = {
  name: ({ name }) => [name],
  grade: ({ grade }) => [grade],
  subject: ({ subject }) => [subject],
  period: ({ period }) => [period],
  section_number: ({ section_number: number }) => [number],
  school: ({ school }) => [school],
  term: ({ term_id: term }) => [term],
  course: ({ course }, words) => [course, words?.name, words?.number],
};

const PERSON_ATTRIBUTES: Readonly<
  Record<Exclude<ChosenKind, 'section'>, Readonly<Record<string, (user: UserDocument) => Values>>>
> = {
  student: {
    grade: ({ roles }) => [roles.student?.grade],
    graduation_year: ({ roles }) => [roles.student?.graduation_year],
    gender: ({ roles }) => [roles.student?.gender],
    ell_status: ({ roles }) => [roles.student?.ell_status],
    student_number: ({ roles }) => [roles.student?.student_number],
    school: ({ roles }) => roles.student?.schools ?? [],
    email: ({ email }) => [email],
  },
  teacher: {
    title: ({ roles }) => [roles.teacher?.title],
    teacher_number: ({ roles }) => [roles.teacher?.teacher_number],
    school: ({ roles }) => roles.teacher?.schools ?? [],
    email: ({ email }) => [email],
  },
  staff: {
    title: ({ roles }) => [roles.staff?.title],
    department: ({ roles }) => [roles.staff?.department],
    staff_id: ({ roles }) => [roles.staff?.staff_id],
    school: ({ roles }) => roles.staff?.schools ?? [],
    email: ({ email }) => [email],
  },
};

/** The attributes that rules on a kind can speak of. */
export function attributesOf(kind: ChosenKind): string[] {
  return Object.keys(kind === 'section' ? SECTION_ATTRIBUTES : PERSON_ATTRIBUTES[kind]);
}

/** Tells, of the records that a selection chooses by itself, which those are. */
export interface Chooser {
  isSchoolChosen(id: RecordId): boolean;
  isSectionChosen(section: SectionDocument, course: CourseWords | undefined): boolean;
  isPersonChosen(kind: Exclude<ChosenKind, 'section'>, user: UserDocument): boolean;
}

const never = () => false;
const always = () => true;

/** Makes a selection ready to be asked about every record of a district. */
export function chooserOf(selection: Selection): Chooser {
  switch (selection.type) {
    case 'everything':
      return { isSchoolChosen: always, isSectionChosen: always, isPersonChosen: always };
    case 'schools': {
      const schools = new Set(selection.schoolIds);
      return {
        isSchoolChosen: (id) => schools.has(id),
        isSectionChosen: ({ school }) => school !== undefined && schools.has(school),
        isPersonChosen: (kind, { roles }) => roles[kind]?.schools?.some((id) => schools.has(id)) ?? false,
      };
    }
    case 'sections': {
      const sections = new Set(selection.sectionIds);
      return { isSchoolChosen: never, isSectionChosen: ({ id }) => sections.has(id), isPersonChosen: never };
    }
    case 'rules': {
      const { rules } = selection;
      return {
        isSchoolChosen: never,
        isSectionChosen: (section, course) =>
          rules.some(
            ({ kind, conditions }) =>
              kind === 'section' &&
              conditions.every((each) => holds(each, SECTION_ATTRIBUTES[each.attribute]?.(section, course))),
          ),
        isPersonChosen: (role, user) =>
          rules.some(
            ({ kind, conditions }) =>
              kind === role &&
              conditions.every((each) => holds(each, PERSON_ATTRIBUTES[role][each.attribute]?.(user))),
          ),
      };
    }
  }
}

/** An attribute that nobody knows holds of nothing. */
function holds({ operator, values }: Condition, found: Values | undefined): boolean {
  if (!found) return false;
  const has = found.flatMap((each) => (each === undefined ? [] : [each.toLowerCase()]));
  const wanted = values.map((each) => each.toLowerCase());
  switch (operator) {
    case 'is':
    case 'in':
      return has.some((each) => wanted.includes(each));
    case 'is-not':
      return !has.some((each) => wanted.includes(each));
    case 'contains':
      return has.some((each) => wanted.some((part) => each.includes(part)));
  }
}

/** Equal for selections that choose the same, whatever order they are written in. */
export function canonicalSelection(selection: Selection): unknown {
  switch (selection.type) {
    case 'everything':
      return [selection.type];
    case 'schools':
      return [selection.type, sorted(selection.schoolIds)];
    case 'sections':
      return [selection.type, sorted(selection.sectionIds)];
    case 'rules':
      return [
        selection.type,
        sorted(
          selection.rules.map(({ kind, conditions }) =>
            JSON.stringify([
              kind,
              sorted(
                conditions.map(({ attribute, operator, values }) =>
                  JSON.stringify([attribute, operator, sorted(values.map((each) => each.toLowerCase()))]),
                ),
              ),
            ]),
          ),
        ),
      ];
  }
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

const LIMITS = { schools: 10_000, sections: 10_000, rules: 50, conditions: 20, values: 500, length: 200 };

/** The selection that an untrusted value is, or a DomainError that says what is wrong with it, and where. */
export function parseSelection(value: unknown): Selection {
  const faults: Fault[] = [];
  const wrong = (field: string, message: string) => void faults.push({ field, message });
  const selection = readSelection((value ?? {}) as Record<string, unknown>, wrong);
  if (faults.length > 0 || !selection)
    throw new DomainError('selection-invalid', 'The selection is not one that can be shared by.', faults);
  return selection;
}

type Wrong = (field: string, message: string) => void;

function readSelection(value: Record<string, unknown>, wrong: Wrong): Selection | undefined {
  switch (value['type']) {
    case 'everything':
      return { type: 'everything' };
    case 'schools':
      return { type: 'schools', schoolIds: readIds(value['schoolIds'], 'schoolIds', LIMITS.schools, wrong) };
    case 'sections':
      return {
        type: 'sections',
        sectionIds: readIds(value['sectionIds'], 'sectionIds', LIMITS.sections, wrong),
      };
    case 'rules':
      return { type: 'rules', rules: readRules(value['rules'], wrong) };
    default:
      wrong('type', 'has to be everything, schools, sections or rules');
      return undefined;
  }
}

function readIds(value: unknown, field: string, most: number, wrong: Wrong): RecordId[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > most) wrong(field, `has to name 1 to ${most} records by id`);
  list.forEach((each, i) => {
    if (typeof each !== 'string' || !isId(each)) wrong(`${field}.${i}`, 'is no id: 24 hex characters');
  });
  return [...new Set(list as RecordId[])];
}

function readRules(value: unknown, wrong: Wrong): AttributeRule[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > LIMITS.rules) wrong('rules', `has to be 1 to ${LIMITS.rules} rules`);
  return list.slice(0, LIMITS.rules).flatMap((each, i) => {
    const rule = (each ?? {}) as Record<string, unknown>;
    const kind = CHOSEN_KINDS.find((known) => known === rule['kind']);
    if (!kind) {
      wrong(`rules.${i}.kind`, `has to be one of ${CHOSEN_KINDS.join(', ')}`);
      return [];
    }
    return [{ kind, conditions: readConditions(rule['conditions'], kind, `rules.${i}`, wrong) }];
  });
}

function readConditions(value: unknown, kind: ChosenKind, at: string, wrong: Wrong): Condition[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > LIMITS.conditions)
    wrong(`${at}.conditions`, `has to be 1 to ${LIMITS.conditions} conditions`);
  return list.slice(0, LIMITS.conditions).flatMap((each, i) => {
    const condition = (each ?? {}) as Record<string, unknown>;
    const place = `${at}.conditions.${i}`;
    const attribute = attributesOf(kind).find((known) => known === condition['attribute']);
    const operator = OPERATORS.find((known) => known === condition['operator']);
    if (!attribute) wrong(`${place}.attribute`, `has to be one of ${attributesOf(kind).join(', ')}`);
    if (!operator) wrong(`${place}.operator`, `has to be one of ${OPERATORS.join(', ')}`);
    const given: unknown[] = Array.isArray(condition['values']) ? condition['values'] : [];
    const values = given.filter(
      (text): text is string => typeof text === 'string' && text !== '' && text.length <= LIMITS.length,
    );
    const most = operator === 'in' ? LIMITS.values : 1;
    if (values.length === 0 || values.length !== given.length || values.length > most)
      wrong(
        `${place}.values`,
        most === 1
          ? `has to be a list of one text of at most ${LIMITS.length} characters`
          : `has to be a list of 1 to ${most} texts of at most ${LIMITS.length} characters`,
      );
    return attribute && operator ? [{ attribute, operator, values }] : [];
  });
}
