import { csvLine } from './csv-lines.js';
import { demographicOf, type People, type Person } from './people.js';
import type { Picture } from './picture.js';
import { STREAM } from './random.js';
import type { SchoolShape } from './shape.js';
import type { SourceIds } from './source-id.js';
import { timetableOf } from './timetable.js';

const USER_COLUMNS =
  'sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n';
const DEMOGRAPHIC_COLUMNS =
  'sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus\n';

const STUDENTS_PER_PRINCIPAL = 500;
const STUDENTS_PER_AIDE = 110;
/** Numbers of staff leave this much room in a school; the district's own come before the first school's. */
const STAFF_PER_SCHOOL = 1_000;

export interface Cast {
  picture: Picture;
  people: People;
  ids: SourceIds;
}

export function* userLines(cast: Cast): Generator<string> {
  const { picture } = cast;
  yield USER_COLUMNS;
  for (let admin = 0; admin < picture.shape.districtAdmins; admin++) {
    yield staffLine(cast, admin, cast.ids.district, 'administrator');
  }
  for (const school of picture.shape.schools) yield* schoolStaffLines(cast, school);
  for (let student = 0; student < picture.students; student++) {
    if (picture.isThere(student)) yield studentLine(cast, student);
  }
  for (let family = 0; family < picture.families.families; family++) yield* guardianLines(cast, family);
}

export function* demographicLines({ picture, people, ids }: Cast): Generator<string> {
  yield DEMOGRAPHIC_COLUMNS;
  for (let student = 0; student < picture.students; student++) {
    if (!picture.isThere(student)) continue;
    const of = demographicOf(picture, student, people.student(student).isFemale);
    const facts = [of.birthDate, of.sex, ...of.flags, of.isTwoOrMore, of.isHispanic];
    yield csvLine([ids.of(STREAM.student, student), '', '', ...facts, 'US', '', '', '']);
  }
}

function* schoolStaffLines(cast: Cast, school: SchoolShape): Generator<string> {
  const { picture, people, ids } = cast;
  const org = ids.of(STREAM.school, school.number);
  for (const { number, role } of staffOf(picture, school)) yield staffLine(cast, number, org, role);
  for (const teacher of timetableOf(picture, school).teachers) {
    const id = ids.of(STREAM.teacher, teacher.number);
    const schools = teacher.schools.map((number) => ids.of(STREAM.school, number)).join(',');
    const identifier = `T${teacher.number}`;
    yield userLine(id, schools, 'teacher', people.teacher(teacher.number), { identifier });
  }
}

/** The staff of a school by number: principals, then aides. */
export function* staffOf(picture: Picture, school: SchoolShape) {
  const students = school.grades.reduce((sum, grade) => sum + picture.cohort(school.number, grade).length, 0);
  const principals = 1 + Math.floor(students / STUDENTS_PER_PRINCIPAL);
  const count = principals + Math.floor(students / STUDENTS_PER_AIDE);
  for (let each = 0; each < count; each++) {
    const number = (school.number + 1) * STAFF_PER_SCHOOL + each;
    yield { number, role: each < principals ? 'administrator' : 'aide' } as const;
  }
}

function staffLine({ people, ids }: Cast, number: number, org: string, role: string): string {
  return userLine(ids.of(STREAM.staff, number), org, role, people.staff(number), {
    identifier: `E${number}`,
  });
}

function studentLine({ picture, people, ids }: Cast, student: number): string {
  const family = picture.families.familyOf[student]!;
  const agents = Array.from({ length: picture.families.guardiansOf(family) }, (_, place) =>
    ids.guardian(family, place),
  );
  const grade = picture.gradeOf(student);
  return userLine(
    ids.of(STREAM.student, student),
    ids.of(STREAM.school, picture.families.schoolOf[student]!),
    'student',
    people.student(student),
    {
      identifier: String(100_000 + student),
      agents: agents.join(','),
      grade: grade === 0 ? 'KG' : String(grade).padStart(2, '0'),
    },
  );
}

/** Guardians stay as long as one of their children is there. */
function* guardianLines({ picture, people, ids }: Cast, family: number): Generator<string> {
  const children = picture.families.childrenOf(family).filter((student) => picture.isThere(student));
  const [first] = children;
  if (first === undefined) return;
  const org = ids.of(STREAM.school, picture.families.schoolOf[first]!);
  const agents = children.map((student) => ids.of(STREAM.student, student)).join(',');
  const count = picture.families.guardiansOf(family);
  for (let place = 0; place < count; place++) {
    const role = place === 0 ? 'parent' : place === 1 ? 'guardian' : 'relative';
    const person = people.guardian(family, place);
    yield userLine(ids.guardian(family, place), org, role, person, { agents, phone: person.phone });
  }
}

function userLine(
  id: string,
  orgs: string,
  role: string,
  person: Person,
  rest: { identifier?: string; phone?: string; agents?: string; grade?: string },
): string {
  const { first, last, middle, email, username } = person;
  const { identifier = '', phone = '', agents = '', grade = '' } = rest;
  const name = [username, '', first, last, middle];
  return csvLine([id, '', '', true, orgs, role, ...name, identifier, email, '', phone, agents, grade, '']);
}
