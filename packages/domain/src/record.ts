import type { DistrictId, RecordId } from './id.js';

/**
 * The kinds of roster record that are stored and versioned, in the order an import reports them. `district` is not among
 * them: a district's document is made of its own row.
 */
export const RECORD_KINDS = ['school', 'term', 'course', 'user', 'section', 'resource'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** The hats a person may wear; one user may wear several. */
export const USER_ROLES = ['student', 'teacher', 'staff', 'contact', 'district_admin'] as const;
export type UserRole = (typeof USER_ROLES)[number];

/** Grades as Clever's v2.1 and later spell them; '' is "not given". */
export const GRADES = [
  'InfantToddler',
  'Preschool',
  'PreKindergarten',
  'TransitionalKindergarten',
  'Kindergarten',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '10',
  '11',
  '12',
  '13',
  'PostGraduate',
  'Ungraded',
  'Other',
] as const;
export type Grade = (typeof GRADES)[number];

export const SUBJECTS = [
  'english/language arts',
  'math',
  'science',
  'social studies',
  'language',
  'homeroom/advisory',
  'interventions/online learning',
  'technology and engineering',
  'PE and health',
  'arts and music',
  'other',
] as const;
export type Subject = (typeof SUBJECTS)[number];

export const RACES = [
  'Caucasian',
  'Asian',
  'Black or African American',
  'American Indian',
  'Hawaiian or Other Pacific Islander',
  'Two or More Races',
  'Unknown',
] as const;
export type Race = (typeof RACES)[number];

export const CONTACT_RELATIONSHIPS = [
  'Parent',
  'Grandparent',
  'Self',
  'Aunt/Uncle',
  'Sibling',
  'Other',
] as const;
export type ContactRelationship = (typeof CONTACT_RELATIONSHIPS)[number];

export const CONTACT_TYPES = [
  'Parent/Guardian',
  'Emergency',
  'Primary',
  'Secondary',
  'Family',
  'Other',
] as const;
export type ContactType = (typeof CONTACT_TYPES)[number];

export const FRL_STATUSES = ['Free', 'Reduced', 'Paid', 'Other'] as const;
export type FrlStatus = (typeof FRL_STATUSES)[number];

/** Whom a resource is for, in the order in which a document lists them. */
export const RESOURCE_ROLES = ['teacher', 'student'] as const;
export type ResourceRole = (typeof RESOURCE_ROLES)[number];

export const PHONE_TYPES = ['Cell', 'Home', 'Work', 'Other'] as const;
export type PhoneType = (typeof PHONE_TYPES)[number];

export interface PersonName {
  first?: string;
  middle?: string;
  last?: string;
}

export interface PostalLocation {
  address?: string;
  city?: string;
  state?: string;
  zip?: string;
  lat?: string;
  lon?: string;
}

/** An id of the roster file that a record came from (a OneRoster sourcedId, a Clever CSV Student_id). */
export type SourceId = string;

/** An id that a record has in the system its district comes from, and keeps here. */
export interface CarriedId {
  kind: RecordKind;
  sourceId: SourceId;
  id: RecordId;
  /** Where the roster said so. */
  line: number;
}

/**
 * What a reader of roster files yields: one record, normalised, whose references are still source ids. Absent fields are
 * absent, never null or ''. Every reference names a record that the same reading yields.
 */
export type SourceRecord =
  SchoolSource | TermSource | CourseSource | UserSource | SectionSource | ResourceSource;

export interface SchoolSource {
  kind: 'school';
  sourceId: SourceId;
  name: string;
  schoolNumber?: string;
  stateId?: string;
  ncesId?: string;
  mdrNumber?: string;
  lowGrade?: Grade;
  highGrade?: Grade;
  phone?: string;
  principal?: { name?: string; email?: string };
  location?: PostalLocation;
}

export interface TermSource {
  kind: 'term';
  sourceId: SourceId;
  name?: string;
  /** ISO dates, YYYY-MM-DD. */
  startDate?: string;
  endDate?: string;
}

export interface CourseSource {
  kind: 'course';
  sourceId: SourceId;
  name?: string;
  number?: string;
}

export interface SectionSource {
  kind: 'section';
  sourceId: SourceId;
  name: string;
  school: SourceId;
  course?: SourceId;
  term?: SourceId;
  sectionNumber?: string;
  period?: string;
  grade?: Grade;
  subject?: Subject;
  /** The primary teacher first. */
  teachers: readonly SourceId[];
  students: readonly SourceId[];
}

export interface ResourceSource {
  kind: 'resource';
  sourceId: SourceId;
  /** What the vendor calls it. */
  resourceId: string;
  title?: string;
  roles: readonly ResourceRole[];
  /** What it is assigned to. */
  courses: readonly SourceId[];
  sections: readonly SourceId[];
}

export interface UserSource {
  kind: 'user';
  sourceId: SourceId;
  /** What the district's own system calls the person, where that is not the source id; null when it has no word for it. */
  sisId?: SourceId | null;
  name: PersonName;
  email?: string;
  /** At least one role. */
  roles: {
    student?: StudentSource;
    teacher?: TeacherSource;
    staff?: StaffSource;
    contact?: ContactSource;
    districtAdmin?: { title?: string };
  };
}

export interface StudentSource {
  /** The home school first. */
  schools: readonly SourceId[];
  /** Since when and until when at which school, as far as a roster says so: each with one day at least. */
  enrollments?: readonly { school: SourceId; startDate?: string; endDate?: string }[];
  studentNumber?: string;
  stateId?: string;
  username?: string;
  grade?: Grade;
  graduationYear?: string;
  /** ISO date, YYYY-MM-DD. */
  dob?: string;
  gender?: 'M' | 'F' | 'X';
  race?: Race;
  hispanicEthnicity?: 'Y' | 'N';
  ellStatus?: 'Y' | 'N';
  frlStatus?: FrlStatus;
  iepStatus?: 'Y' | 'N';
  homeLanguage?: string;
  homeLanguageCode?: string;
  preferredName?: PersonName;
  giftedStatus?: 'Y' | 'N';
  section504Status?: 'Y' | 'N';
  location?: PostalLocation;
}

export interface TeacherSource {
  schools: readonly SourceId[];
  teacherNumber?: string;
  stateId?: string;
  username?: string;
  title?: string;
}

export interface StaffSource {
  schools: readonly SourceId[];
  staffId?: string;
  title?: string;
  department?: string;
  username?: string;
}

export interface ContactSource {
  phone?: string;
  phoneType?: PhoneType;
  relationships: readonly {
    student: SourceId;
    relationship: ContactRelationship;
    type: ContactType;
  }[];
}

// ---------------------------------------------------------------------------------------------------------------------
// Documents: what is stored and served, in the wire's own names (Clever v3.0, Appendix B of the contract).

interface DocumentIdentity {
  id: RecordId;
  district: DistrictId;
  /** ISO instants; absent from a body under comparison, present in every stored document. */
  created?: string;
  last_modified?: string;
}

export interface SchoolDocument extends DocumentIdentity {
  sis_id?: string;
  name?: string;
  school_number?: string;
  state_id?: string;
  nces_id?: string;
  mdr_number?: string;
  low_grade?: Grade;
  high_grade?: Grade;
  phone?: string;
  principal?: { name?: string; email?: string };
  location?: PostalLocation;
}

export interface TermDocument extends DocumentIdentity {
  name?: string;
  start_date?: string;
  end_date?: string;
}

export interface CourseDocument extends DocumentIdentity {
  name?: string;
  number?: string;
}

export interface SectionDocument extends DocumentIdentity {
  sis_id?: string;
  name?: string;
  section_number?: string;
  period?: string;
  grade?: Grade;
  subject?: Subject;
  school?: RecordId;
  course?: RecordId;
  term_id?: RecordId;
  teacher?: RecordId;
  teachers?: RecordId[];
  students?: RecordId[];
}

export interface ResourceDocument extends DocumentIdentity {
  resource_id?: string;
  title?: string;
  roles?: ResourceRole[];
  courses?: RecordId[];
  sections?: RecordId[];
}

export interface StudentRelationship {
  student: RecordId;
  relationship: ContactRelationship;
  type: ContactType;
}

export interface SchoolEnrollment {
  school: RecordId;
  start_date?: string;
  end_date?: string;
}

export interface UserRoles {
  student?: {
    legacy_id?: string;
    sis_id?: string;
    student_number?: string;
    state_id?: string;
    school?: RecordId;
    schools?: RecordId[];
    enrollments?: SchoolEnrollment[];
    grade?: Grade;
    graduation_year?: string;
    dob?: string;
    gender?: 'M' | 'F' | 'X';
    race?: Race;
    hispanic_ethnicity?: 'Y' | 'N';
    ell_status?: 'Y' | 'N';
    frl_status?: FrlStatus;
    iep_status?: 'Y' | 'N';
    home_language?: string;
    home_language_code?: string;
    preferred_name?: PersonName;
    gifted_status?: 'Y' | 'N';
    section_504_status?: 'Y' | 'N';
    credentials?: { district_username: string };
    location?: PostalLocation;
  };
  teacher?: {
    legacy_id?: string;
    sis_id?: string;
    teacher_number?: string;
    state_id?: string;
    title?: string;
    school?: RecordId;
    schools?: RecordId[];
    credentials?: { district_username: string };
  };
  staff?: {
    legacy_id?: string;
    staff_id?: string;
    title?: string;
    department?: string;
    schools?: RecordId[];
    credentials?: { district_username: string };
  };
  contact?: {
    legacy_id?: string;
    sis_id?: string;
    phone?: string;
    phone_type?: PhoneType;
    student_relationships?: StudentRelationship[];
  };
  district_admin?: { legacy_id?: string; title?: string };
}

export interface UserDocument extends DocumentIdentity {
  email?: string;
  name?: PersonName;
  roles: UserRoles;
}

export interface DocumentOf {
  school: SchoolDocument;
  term: TermDocument;
  course: CourseDocument;
  section: SectionDocument;
  user: UserDocument;
  resource: ResourceDocument;
}
export type RecordDocument = DocumentOf[RecordKind];

/** A document beside its kind, as a discriminated union. */
export type KindedDocument = { [K in RecordKind]: { kind: K; document: DocumentOf[K] } }[RecordKind];
