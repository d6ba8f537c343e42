import type {
  ContactSource,
  CourseSource,
  Grade,
  Race,
  SchoolSource,
  SectionSource,
  SourceRecord,
  StudentSource,
  Subject,
  TermSource,
  UserSource,
} from '@hallpass/domain';
import { COURSES, type Course } from './catalog.js';
import { DAYS, SESSIONS, sessionsOf } from './class-lines.js';
import { demographicOf, type Person } from './people.js';
import { STREAM } from './random.js';
import { resourceRecords } from './resources.js';
import { schoolName } from './school-names.js';
import type { SchoolShape } from './shape.js';
import { timetableOf, type Section } from './timetable.js';
import { staffOf, type Cast } from './user-lines.js';

/**
 * The district as a reader of its files gives it, without the files: a million students are made as fast as they are taken.
 * One school's classes are held at a time.
 */
export function* sourceRecords(cast: Cast): Generator<SourceRecord> {
  for (const school of cast.picture.shape.schools) yield schoolRecord(cast, school);
  for (const session of sessionsOf()) yield termRecord(cast, session);
  for (const course of COURSES) yield courseRecord(cast, course);
  yield* userRecords(cast);
  for (const school of cast.picture.shape.schools) {
    for (const section of timetableOf(cast.picture, school).sections) yield sectionRecord(cast, section);
  }
  yield* resourceRecords(cast);
}

function schoolRecord({ picture, ids }: Cast, { number, level }: SchoolShape): SchoolSource {
  const sourceId = ids.of(STREAM.school, number);
  const name = schoolName(picture.seed, number, level);
  return { kind: 'school', sourceId, name, schoolNumber: String(1001 + number) };
}

function termRecord({ ids }: Cast, session: ReturnType<typeof sessionsOf>[number]): TermSource {
  const { number, title: name, start: startDate, end: endDate } = session;
  return { kind: 'term', sourceId: ids.of(STREAM.session, number), name, startDate, endDate };
}

function courseRecord({ ids }: Cast, { number, title, code }: Course): CourseSource {
  return { kind: 'course', sourceId: ids.of(STREAM.course, number), name: title, number: code };
}

function* userRecords(cast: Cast): Generator<UserSource> {
  const { picture, people, ids } = cast;
  for (let admin = 0; admin < picture.shape.districtAdmins; admin++) {
    yield user(ids.of(STREAM.staff, admin), people.staff(admin), { districtAdmin: {} });
  }
  for (const school of picture.shape.schools) yield* schoolStaffRecords(cast, school);
  for (let student = 0; student < picture.students; student++) {
    if (!picture.isThere(student)) continue;
    const person = people.student(student);
    yield user(ids.of(STREAM.student, student), person, { student: studentRole(cast, student, person) });
  }
  for (let family = 0; family < picture.families.families; family++) yield* guardianRecords(cast, family);
}

function* schoolStaffRecords(cast: Cast, school: SchoolShape): Generator<UserSource> {
  const { picture, people, ids } = cast;
  const schools = [ids.of(STREAM.school, school.number)];
  for (const { number, role } of staffOf(picture, school)) {
    const person = people.staff(number);
    const title = role === 'aide' ? 'Aide' : 'Administrator';
    yield user(ids.of(STREAM.staff, number), person, {
      staff: { schools, title, username: person.username },
    });
  }
  for (const { number, schools: of } of timetableOf(picture, school).teachers) {
    const person = people.teacher(number);
    const role = {
      schools: of.map((each) => ids.of(STREAM.school, each)),
      teacherNumber: `T${number}`,
      username: person.username,
    };
    yield user(ids.of(STREAM.teacher, number), person, { teacher: role });
  }
}

function studentRole({ picture, ids }: Cast, student: number, person: Person): StudentSource {
  const of = demographicOf(picture, student, person.isFemale);
  const race = raceOf(of.flags, of.isTwoOrMore);
  const school = ids.of(STREAM.school, picture.families.schoolOf[student]!);
  return {
    schools: [school],
    // Everybody has a class that goes on all year.
    enrollments: [{ school, startDate: DAYS.start, endDate: DAYS.end }],
    studentNumber: String(100_000 + student),
    grade: gradeOf(picture.gradeOf(student)),
    username: person.username,
    dob: of.birthDate,
    gender: of.sex === 'female' ? 'F' : of.sex === 'male' ? 'M' : 'X',
    ...(race ? { race } : {}),
    hispanicEthnicity: of.isHispanic ? 'Y' : 'N',
  };
}

function* guardianRecords({ picture, people, ids }: Cast, family: number): Generator<UserSource> {
  const children = picture.families.childrenOf(family).filter((student) => picture.isThere(student));
  if (children.length === 0) return;
  const count = picture.families.guardiansOf(family);
  for (let place = 0; place < count; place++) {
    const person = people.guardian(family, place);
    const relationships = children.map((student) => ({
      student: ids.of(STREAM.student, student),
      ...RELATIONS[place]!,
    }));
    yield user(ids.guardian(family, place), person, { contact: { phone: person.phone, relationships } });
  }
}

/** A parent, a guardian and a relative, in the words of the reader of files. */
const RELATIONS: readonly Omit<ContactSource['relationships'][number], 'student'>[] = [
  { relationship: 'Parent', type: 'Parent/Guardian' },
  { relationship: 'Other', type: 'Parent/Guardian' },
  { relationship: 'Other', type: 'Family' },
];

function user(sourceId: string, person: Person, roles: UserSource['roles']): UserSource {
  const { first, middle, last, email } = person;
  const name = middle === '' ? { first, last } : { first, middle, last };
  return { kind: 'user', sourceId, name, email, roles };
}

function sectionRecord({ ids }: Cast, section: Section): SectionSource {
  const { number, title, course, code, period, term, teachers, students } = section;
  return {
    kind: 'section',
    sourceId: ids.of(STREAM.section, number),
    name: title,
    school: ids.of(STREAM.school, section.school),
    course: ids.of(STREAM.course, course.number),
    term: ids.of(STREAM.session, SESSIONS[term]),
    sectionNumber: code,
    ...(period === '' ? {} : { period }),
    grade: gradeOf(course.grade),
    subject: course.isHomeroom ? 'homeroom/advisory' : (SUBJECTS.get(course.subject) ?? 'other'),
    teachers: teachers.map((teacher) => ids.of(STREAM.teacher, teacher)),
    students: students.map((student) => ids.of(STREAM.student, student)),
  };
}

const SUBJECTS = new Map<string, Subject>([
  ['Art', 'arts and music'],
  ['Music', 'arts and music'],
  ['Physical Education', 'PE and health'],
  ['English', 'english/language arts'],
  ['Language Arts', 'english/language arts'],
  ['Mathematics', 'math'],
  ['Science', 'science'],
  ['Social Studies', 'social studies'],
  ['World Language', 'language'],
  ['Computer Science', 'technology and engineering'],
  ['Engineering', 'technology and engineering'],
]);

/** In the order of the demographic flags. */
const RACES: readonly Race[] = [
  'American Indian',
  'Asian',
  'Black or African American',
  'Hawaiian or Other Pacific Islander',
  'Caucasian',
];

function raceOf(flags: readonly boolean[], isTwoOrMore: boolean): Race | undefined {
  return isTwoOrMore ? 'Two or More Races' : RACES.find((_, flag) => flags[flag]);
}

function gradeOf(grade: number): Grade {
  return grade === 0 ? 'Kindergarten' : (String(grade) as Grade);
}
