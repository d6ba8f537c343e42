import { DomainError, type Fault } from './domain-error.js';
import type { RecordDocument, RecordKind, UserRole } from './record.js';
import { RECORD_KINDS, USER_ROLES } from './record.js';

/** A field of a document as a dotted path, or one of its branches: `name.first`, `roles.student.dob`. */
export type FieldPath = string;

/**
 * Every field that can be shared or hidden, leaf by leaf. Ids, the district and the two times are not among them: a
 * record that is shown at all shows those. A `roles.<role>` path stands for the role itself: where it is not shared, the
 * role is cut out, and a person with no other role is not shown.
 */
export const FIELD_CATALOGUE: Readonly<Record<RecordKind, readonly FieldPath[]>> = {
  school: [
    'sis_id',
    'name',
    'school_number',
    'state_id',
    'nces_id',
    'mdr_number',
    'low_grade',
    'high_grade',
    'phone',
    'principal.name',
    'principal.email',
    ...locationFields('location'),
  ],
  term: ['name', 'start_date', 'end_date'],
  course: ['name', 'number'],
  section: [
    'sis_id',
    'name',
    'section_number',
    'period',
    'grade',
    'subject',
    'school',
    'course',
    'term_id',
    'teacher',
    'teachers',
    'students',
  ],
  user: [
    'email',
    'name.first',
    'name.middle',
    'name.last',
    'roles.student',
    'roles.student.sis_id',
    'roles.student.student_number',
    'roles.student.state_id',
    'roles.student.school',
    'roles.student.schools',
    'roles.student.enrollments',
    'roles.student.grade',
    'roles.student.graduation_year',
    'roles.student.dob',
    'roles.student.gender',
    'roles.student.race',
    'roles.student.hispanic_ethnicity',
    'roles.student.ell_status',
    'roles.student.frl_status',
    'roles.student.iep_status',
    'roles.student.home_language',
    'roles.student.home_language_code',
    'roles.student.preferred_name.first',
    'roles.student.preferred_name.middle',
    'roles.student.preferred_name.last',
    'roles.student.gifted_status',
    'roles.student.section_504_status',
    'roles.student.credentials.district_username',
    ...locationFields('roles.student.location'),
    'roles.teacher',
    'roles.teacher.sis_id',
    'roles.teacher.teacher_number',
    'roles.teacher.state_id',
    'roles.teacher.title',
    'roles.teacher.school',
    'roles.teacher.schools',
    'roles.teacher.credentials.district_username',
    'roles.staff',
    'roles.staff.staff_id',
    'roles.staff.title',
    'roles.staff.department',
    'roles.staff.schools',
    'roles.staff.credentials.district_username',
    'roles.contact',
    'roles.contact.sis_id',
    'roles.contact.phone',
    'roles.contact.phone_type',
    'roles.contact.student_relationships',
    'roles.district_admin',
    'roles.district_admin.title',
  ],
  resource: ['resource_id', 'title', 'roles', 'courses', 'sections'],
};

function locationFields(prefix: string): FieldPath[] {
  return ['address', 'city', 'state', 'zip', 'lat', 'lon'].map((leaf) => `${prefix}.${leaf}`);
}

/** Fields whose values are ids of another kind: hidden whenever that kind is not shared at all. */
const REFERENCES: Readonly<Record<string, RecordKind>> = {
  'section.school': 'school',
  'section.course': 'course',
  'section.term_id': 'term',
  'section.teacher': 'user',
  'section.teachers': 'user',
  'section.students': 'user',
  'user.roles.student.school': 'school',
  'user.roles.student.schools': 'school',
  'user.roles.student.enrollments': 'school',
  'user.roles.teacher.school': 'school',
  'user.roles.teacher.schools': 'school',
  'user.roles.staff.schools': 'school',
  'resource.courses': 'course',
  'resource.sections': 'section',
};

/**
 * The fields that an app asks for, or that a district approved: an allow-list by kind. A kind that is absent is not shared.
 * A field that the catalogue gains later is in no stored list, hence shared with nobody until it is approved.
 */
export type FieldList = Readonly<Partial<Record<RecordKind, readonly FieldPath[]>>>;

/** Every kind and field of today's catalogue. */
export function allFields(): FieldList {
  return FIELD_CATALOGUE;
}

/** The fields in both lists, kind by kind. */
export function commonFields(a: FieldList, b: FieldList): FieldList {
  const common: Partial<Record<RecordKind, readonly FieldPath[]>> = {};
  for (const kind of RECORD_KINDS) {
    const [left, right] = [a[kind], b[kind]];
    if (!left || !right) continue;
    const allowed = new Set(right);
    common[kind] = left.filter((path) => allowed.has(path));
  }
  return common;
}

/** The list without the given `kind.path` fields and all that lies below them. */
export function withoutFields(list: FieldList, hidden: readonly QualifiedField[]): FieldList {
  const left: Partial<Record<RecordKind, readonly FieldPath[]>> = {};
  for (const kind of RECORD_KINDS) {
    const paths = list[kind];
    if (!paths) continue;
    const cuts = hidden.filter((each) => each.kind === kind);
    if (cuts.some(({ path }) => path === '')) continue;
    left[kind] = paths.filter((path) => !cuts.some((branch) => isAtOrBelow(path, branch.path)));
  }
  return left;
}

/** Those of the list that are at or below the given `kind.path` fields. Whoever is given a field of a role is given the role. */
export function onlyFields(list: FieldList, wanted: readonly QualifiedField[]): FieldList {
  const picked: Partial<Record<RecordKind, readonly FieldPath[]>> = {};
  for (const kind of RECORD_KINDS) {
    const branches = wanted.filter((each) => each.kind === kind).map(({ path }) => path);
    const roles = branches.flatMap((branch) => /^roles\.[a-z_]+/.exec(branch)?.[0] ?? []);
    const paths = list[kind]?.filter(
      (path) => roles.includes(path) || branches.some((branch) => branch === '' || isAtOrBelow(path, branch)),
    );
    if (paths && paths.length > 0) picked[kind] = paths;
  }
  return picked;
}

/** The fields in either list, in the catalogue's order. */
export function allOfFields(a: FieldList, b: FieldList): FieldList {
  const all: Partial<Record<RecordKind, readonly FieldPath[]>> = {};
  for (const kind of RECORD_KINDS) {
    if (!a[kind] && !b[kind]) continue;
    const either = new Set([...(a[kind] ?? []), ...(b[kind] ?? [])]);
    all[kind] = FIELD_CATALOGUE[kind].filter((path) => either.has(path));
  }
  return all;
}

function isAtOrBelow(path: FieldPath, branch: FieldPath): boolean {
  return path === branch || path.startsWith(`${branch}.`);
}

/** One field of one kind; an empty path is the whole kind. */
export interface QualifiedField {
  kind: RecordKind;
  path: FieldPath;
}

/**
 * Reads `kind.field` as people write it: a path of the catalogue or a branch of it (`school.location`), a role as if it
 * were a kind (`student.dob`), the end of a path where the middle is obvious (`user.dob`), or a bare kind or role. Plural
 * kinds are understood. Several answers when several roles have the field; none when nothing does.
 */
export function resolveField(text: string): QualifiedField[] {
  const [head = '', ...rest] = text.trim().split('.');
  const word = singular(head);
  const path = rest.join('.');
  if ((USER_ROLES as readonly string[]).includes(word)) return resolveRoleField(word as UserRole, path);
  const kind = RECORD_KINDS.find((each) => each === word);
  if (!kind) return [];
  if (path === '') return [{ kind, path: '' }];
  const catalogue = FIELD_CATALOGUE[kind];
  if (catalogue.some((each) => isAtOrBelow(each, path))) return [{ kind, path }];
  const ends = catalogue.flatMap((each) => branchEndingWith(each, path));
  return [...new Set(ends)].map((each) => ({ kind, path: each }));
}

function resolveRoleField(role: UserRole, path: string): QualifiedField[] {
  const branch = path === '' ? `roles.${role}` : `roles.${role}.${path}`;
  const catalogue = FIELD_CATALOGUE.user;
  if (catalogue.some((each) => isAtOrBelow(each, branch))) return [{ kind: 'user', path: branch }];
  // A student's name and e-mail are the user's own.
  return catalogue.some((each) => isAtOrBelow(each, path)) ? [{ kind: 'user', path }] : [];
}

/** The branch of a catalogue path whose last words are the given ones: `roles.student.dob` for `dob`. */
function branchEndingWith(path: FieldPath, end: string): FieldPath[] {
  const at = `.${path}.`.indexOf(`.${end}.`);
  return at < 0 ? [] : [path.slice(0, at + end.length)];
}

function singular(word: string): string {
  return word.endsWith('s') && word !== 'staffs' ? word.slice(0, -1) : word;
}

/** A list as it acts: references to kinds that are not shared are out, and so is all of a role that is not. */
export function effectiveFields(list: FieldList, kind: RecordKind): readonly FieldPath[] | undefined {
  const paths = list[kind];
  if (!paths) return undefined;
  const shared = new Set(paths);
  return paths.filter((path) => {
    const target = REFERENCES[`${kind}.${path}`];
    if (target && !list[target]) return false;
    const role = /^roles\.[a-z_]+/.exec(path)?.[0];
    return role === undefined || shared.has(role);
  });
}

/** The roles whose people a list shows at all. */
export function sharedRoles(list: FieldList): UserRole[] {
  const shared = new Set(effectiveFields(list, 'user') ?? []);
  return USER_ROLES.filter((role) => shared.has(`roles.${role}`));
}

/** What cuts a document of one kind down to the shared fields; undefined when there is nothing to cut. */
export type FieldMask = (document: RecordDocument) => RecordDocument;

/** Compiles a list for one kind. Undefined: every field is shared and the stored text can be served as it is. */
export function fieldMask(list: FieldList, kind: RecordKind): FieldMask | undefined {
  const shared = effectiveFields(list, kind) ?? [];
  const all = FIELD_CATALOGUE[kind];
  const allowed = new Set(shared);
  if (all.every((path) => allowed.has(path))) return undefined;
  const tree = maskTree([...ALWAYS_SHARED[kind], ...shared]);
  return (document) => cut(document, tree) as RecordDocument;
}

const IDENTITY = ['id', 'district', 'created', 'last_modified'];
const ALWAYS_SHARED: Readonly<Record<RecordKind, readonly string[]>> = {
  school: IDENTITY,
  term: IDENTITY,
  course: IDENTITY,
  section: IDENTITY,
  // An empty set of roles still shows as such.
  user: [...IDENTITY, 'roles'],
  resource: IDENTITY,
};

type MaskTree = Map<string, MaskTree>;

function maskTree(paths: readonly FieldPath[]): MaskTree {
  const root: MaskTree = new Map();
  for (const path of paths) {
    let node = root;
    const parts = path.split('.');
    for (const part of parts) {
      let next = node.get(part);
      if (!next) node.set(part, (next = new Map()));
      node = next;
    }
    // A shared role shows its legacy id, as a shared record shows its id.
    if (parts.length === 2 && parts[0] === 'roles') node.set('legacy_id', new Map());
  }
  return root;
}

function cut(value: object, tree: MaskTree): object {
  const out: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const branch = tree.get(key);
    if (!branch) continue;
    const isBranch = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    if (!isBranch) out[key] = inner;
    else {
      const kept = cut(inner, branch);
      if (Object.keys(kept).length > 0 || key === 'roles') out[key] = kept;
    }
  }
  return out;
}

/** The document with the shared fields alone. What is not listed is cut, whatever it is. */
export function redact<D extends RecordDocument>(list: FieldList, kind: RecordKind, document: D): D {
  const mask = fieldMask(list, kind);
  return mask ? (mask(document) as D) : document;
}

const SCOPE_OF_ROLE: Readonly<Record<UserRole, string>> = {
  student: 'read:students',
  teacher: 'read:teachers',
  staff: 'read:school_admins',
  contact: 'read:student_contacts',
  district_admin: 'read:district_admins',
};

/** What a list shares, in the scope words that Clever's clients know. They inform; the grant alone decides. */
export function scopesOf(list: FieldList): string[] {
  const kinds = RECORD_KINDS.filter((kind) => kind !== 'user' && list[kind]).map((kind) => `read:${kind}s`);
  return ['read:districts', ...kinds, ...sharedRoles(list).map((role) => SCOPE_OF_ROLE[role])];
}

/**
 * Reads what an app asks for: for each kind "all", or the fields by path or branch. Nothing given asks for everything. Throws
 * a DomainError that names every kind and field that nobody knows.
 */
export function parseFieldRequest(kinds: Readonly<Record<string, unknown>> | undefined): FieldList {
  if (kinds === undefined) return allFields();
  const list: Partial<Record<RecordKind, readonly FieldPath[]>> = {};
  const faults: Fault[] = [];
  for (const [name, wanted] of Object.entries(kinds)) {
    const kind = RECORD_KINDS.find((each) => each === name);
    if (!kind) faults.push({ field: name, message: `not a kind; the kinds are ${RECORD_KINDS.join(', ')}` });
    else list[kind] = wanted === 'all' ? FIELD_CATALOGUE[kind] : requestedPaths(kind, wanted, faults);
  }
  if (faults.length > 0)
    throw new DomainError('unknown-field', 'The request names what is not known.', faults);
  if (Object.keys(list).length === 0)
    throw new DomainError('nothing-shared', 'The request asks for no kind.');
  return list;
}

/** Refuses what would leave an app without a field that it cannot do without. */
export function requireFields(required: FieldList, shared: FieldList): void {
  const faults = RECORD_KINDS.flatMap((kind) => {
    const left = new Set(shared[kind]);
    const missing = (required[kind] ?? []).filter((path) => !left.has(path));
    return missing.map((path) => ({ field: `${kind}.${path}`, message: 'cannot be hidden from this app' }));
  });
  if (faults.length > 0)
    throw new DomainError(
      'field-required',
      `The app cannot do without ${faults.map(({ field }) => field).join(', ')}.`,
      faults,
    );
}

function requestedPaths(kind: RecordKind, wanted: unknown, faults: Fault[]): FieldPath[] {
  if (!Array.isArray(wanted)) {
    faults.push({ field: kind, message: 'has to be "all" or a list of fields' });
    return [];
  }
  const branches = wanted.map(String);
  const catalogue = FIELD_CATALOGUE[kind];
  for (const branch of branches) {
    if (!catalogue.some((path) => isAtOrBelow(path, branch)))
      faults.push({ field: `${kind}.${branch}`, message: 'is no field of this kind' });
  }
  // Whoever asks for a field of a role asks for the role.
  const roles = branches.flatMap((branch) => /^roles\.[a-z_]+/.exec(branch)?.[0] ?? []);
  const isWanted = (path: FieldPath) =>
    roles.includes(path) || branches.some((branch) => isAtOrBelow(path, branch));
  return catalogue.filter(isWanted);
}
