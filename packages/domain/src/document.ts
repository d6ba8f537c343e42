import type { DistrictId, RecordId } from './id.js';
import { legacyIdOf } from './legacy-id.js';
import { RESOURCE_ROLES } from './record.js';
import type {
  KindedDocument,
  RecordKind,
  SchoolEnrollment,
  SectionDocument,
  SourceId,
  SourceRecord,
  StaffSource,
  StudentSource,
  TeacherSource,
  UserDocument,
  UserRoles,
  UserSource,
} from './record.js';

/** What gives a source record its wire id. */
export interface IdBook {
  readonly districtId: DistrictId;
  idOf(kind: RecordKind, sourceId: SourceId): RecordId;
}

/**
 * The stored document of a source record, without its two times. Field order is fixed and absent fields are left out, so
 * that equal records render to equal text: that is what tells an import what changed.
 */
export function toDocument(source: SourceRecord, ids: IdBook): KindedDocument {
  const identity = { id: ids.idOf(source.kind, source.sourceId), district: ids.districtId };
  switch (source.kind) {
    case 'school':
      return {
        kind: 'school',
        document: compact({
          ...identity,
          sis_id: source.sourceId,
          name: source.name,
          school_number: source.schoolNumber,
          state_id: source.stateId,
          nces_id: source.ncesId,
          mdr_number: source.mdrNumber,
          low_grade: source.lowGrade,
          high_grade: source.highGrade,
          phone: source.phone,
          principal: source.principal && compact(source.principal),
          location: source.location && compact(source.location),
        }),
      };
    case 'term':
      return {
        kind: 'term',
        document: compact({
          ...identity,
          name: source.name,
          start_date: source.startDate,
          end_date: source.endDate,
        }),
      };
    case 'course':
      return {
        kind: 'course',
        document: compact({ ...identity, name: source.name, number: source.number }),
      };
    case 'section': {
      const teachers = source.teachers.map((teacher) => ids.idOf('user', teacher));
      const document: SectionDocument = compact({
        ...identity,
        sis_id: source.sourceId,
        name: source.name,
        section_number: source.sectionNumber,
        period: source.period,
        grade: source.grade,
        subject: source.subject,
        school: ids.idOf('school', source.school),
        course: source.course === undefined ? undefined : ids.idOf('course', source.course),
        term_id: source.term === undefined ? undefined : ids.idOf('term', source.term),
        teacher: teachers[0],
        teachers,
        students: source.students.map((student) => ids.idOf('user', student)).sort(),
      });
      return { kind: 'section', document };
    }
    case 'resource':
      return {
        kind: 'resource',
        document: compact({
          ...identity,
          resource_id: source.resourceId,
          title: source.title,
          roles: RESOURCE_ROLES.filter((role) => source.roles.includes(role)),
          courses: source.courses.map((course) => ids.idOf('course', course)).sort(),
          sections: source.sections.map((section) => ids.idOf('section', section)).sort(),
        }),
      };
    case 'user':
      return { kind: 'user', document: userDocument(identity, source, ids) };
  }
}

function userDocument(
  identity: { id: RecordId; district: DistrictId },
  source: UserSource,
  ids: IdBook,
): UserDocument {
  const { student, teacher, staff, contact, districtAdmin } = source.roles;
  const sisId = source.sisId === undefined ? source.sourceId : (source.sisId ?? undefined);
  const roles: UserRoles = compact({
    student: student && studentRole(identity.id, sisId, student, ids),
    teacher: teacher && teacherRole(identity.id, sisId, teacher, ids),
    staff: staff && staffRole(identity.id, sisId, staff, ids),
    contact:
      contact &&
      compact({
        legacy_id: legacyIdOf('contact', identity.id),
        sis_id: sisId,
        phone: contact.phone,
        phone_type: contact.phoneType,
        student_relationships: contact.relationships.map(({ student: of, relationship, type }) => ({
          student: ids.idOf('user', of),
          relationship,
          type,
        })),
      }),
    district_admin:
      districtAdmin &&
      compact({
        legacy_id: legacyIdOf('district_admin', identity.id),
        title: districtAdmin.title,
      }),
  });
  return compact({ ...identity, email: source.email, name: compact(source.name), roles });
}

function studentRole(userId: RecordId, sisId: SourceId | undefined, student: StudentSource, ids: IdBook) {
  const schools = student.schools.map((school) => ids.idOf('school', school));
  return compact({
    legacy_id: legacyIdOf('student', userId),
    sis_id: sisId,
    student_number: student.studentNumber,
    state_id: student.stateId,
    school: schools[0],
    schools,
    enrollments: student.enrollments && enrollmentsOf(student.enrollments, ids),
    grade: student.grade,
    graduation_year: student.graduationYear,
    dob: student.dob,
    gender: student.gender,
    race: student.race,
    hispanic_ethnicity: student.hispanicEthnicity,
    ell_status: student.ellStatus,
    frl_status: student.frlStatus,
    iep_status: student.iepStatus,
    home_language: student.homeLanguage,
    home_language_code: student.homeLanguageCode,
    preferred_name: student.preferredName && compact(student.preferredName),
    gifted_status: student.giftedStatus,
    section_504_status: student.section504Status,
    credentials: credentials(student.username),
    location: student.location && compact(student.location),
  });
}

/** By school, so that equal students render to equal text whatever the order of their rows. */
function enrollmentsOf(
  enrollments: NonNullable<StudentSource['enrollments']>,
  ids: IdBook,
): SchoolEnrollment[] {
  return enrollments
    .map(({ school, startDate, endDate }) =>
      compact({ school: ids.idOf('school', school), start_date: startDate, end_date: endDate }),
    )
    .sort((a, b) => (a.school < b.school ? -1 : 1));
}

function teacherRole(userId: RecordId, sisId: SourceId | undefined, teacher: TeacherSource, ids: IdBook) {
  const schools = teacher.schools.map((school) => ids.idOf('school', school));
  return compact({
    legacy_id: legacyIdOf('teacher', userId),
    sis_id: sisId,
    teacher_number: teacher.teacherNumber,
    state_id: teacher.stateId,
    title: teacher.title,
    school: schools[0],
    schools,
    credentials: credentials(teacher.username),
  });
}

function staffRole(userId: RecordId, sisId: SourceId | undefined, staff: StaffSource, ids: IdBook) {
  return compact({
    legacy_id: legacyIdOf('staff', userId),
    staff_id: staff.staffId ?? sisId,
    title: staff.title,
    department: staff.department,
    schools: staff.schools.map((school) => ids.idOf('school', school)),
    credentials: credentials(staff.username),
  });
}

function credentials(username: string | undefined) {
  return username === undefined ? undefined : { district_username: username };
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields, in the order given. A loop, for an import calls it a million times. */
function compact<T extends object>(fields: T): Compact<T> {
  const kept: Record<string, unknown> = {};
  for (const name in fields) {
    if (fields[name] !== undefined) kept[name] = fields[name];
  }
  return kept as Compact<T>;
}
