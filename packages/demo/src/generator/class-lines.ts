import { COURSES } from './catalog.js';
import { csvLine } from './csv-lines.js';
import { SCHOOL_YEAR } from './people.js';
import { STREAM } from './random.js';
import { schoolName } from './school-names.js';
import { timetableOf, type Section } from './timetable.js';
import type { Cast } from './user-lines.js';

/** Of the school year: its first, the last of its first half, and its last. */
export const DAYS = {
  start: `${SCHOOL_YEAR}-08-17`,
  half: `${SCHOOL_YEAR}-12-18`,
  end: `${SCHOOL_YEAR + 1}-06-04`,
};
export const SESSIONS = { year: 0, fall: 1, spring: 2 } as const;

/** The school year and its halves. */
export function sessionsOf() {
  const half = (number: number, title: string, start: string, end: string) =>
    ({ number, title, type: 'semester', start, end }) as const;
  return [
    {
      number: SESSIONS.year,
      title: `${SCHOOL_YEAR}-${SCHOOL_YEAR + 1}`,
      type: 'schoolYear',
      start: DAYS.start,
      end: DAYS.end,
    },
    half(SESSIONS.fall, `Fall ${SCHOOL_YEAR}`, DAYS.start, DAYS.half),
    half(SESSIONS.spring, `Spring ${SCHOOL_YEAR + 1}`, `${SCHOOL_YEAR + 1}-01-04`, DAYS.end),
  ] as const;
}

export function* orgLines({ picture, ids }: Cast, districtName: string): Generator<string> {
  yield 'sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n';
  yield csvLine([ids.district, '', '', districtName, 'district', '', '']);
  for (const { number, level } of picture.shape.schools) {
    const name = schoolName(picture.seed, number, level);
    yield csvLine([ids.of(STREAM.school, number), '', '', name, 'school', 1001 + number, ids.district]);
  }
}

export function* sessionLines({ ids }: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n';
  const year = ids.of(STREAM.session, SESSIONS.year);
  for (const { number, title, type, start, end } of sessionsOf()) {
    const parent = number === SESSIONS.year ? '' : year;
    yield csvLine([ids.of(STREAM.session, number), '', '', title, type, start, end, parent, SCHOOL_YEAR + 1]);
  }
}

export function* courseLines({ ids }: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\n';
  const year = ids.of(STREAM.session, SESSIONS.year);
  for (const { number, title, code, grade, subject } of COURSES) {
    const id = ids.of(STREAM.course, number);
    yield csvLine([id, '', '', year, title, code, gradeWord(grade), ids.district, subject, '']);
  }
}

export function* classLines({ picture, ids }: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n';
  for (const school of picture.shape.schools) {
    const org = ids.of(STREAM.school, school.number);
    for (const { number, title, course, code, term, period } of timetableOf(picture, school).sections) {
      const type = course.isHomeroom ? 'homeroom' : 'scheduled';
      const session = ids.of(STREAM.session, SESSIONS[term]);
      const of = [gradeWord(course.grade), ids.of(STREAM.course, course.number), code, type, ''];
      const id = ids.of(STREAM.section, number);
      yield csvLine([id, '', '', title, ...of, org, session, course.subject, '', period]);
    }
  }
}

export function* enrollmentLines(cast: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n';
  let number = 0;
  for (const school of cast.picture.shape.schools) {
    const org = cast.ids.of(STREAM.school, school.number);
    for (const section of timetableOf(cast.picture, school).sections) {
      for (const [user, role, primary] of membersOf(cast, section)) {
        const id = cast.ids.of(STREAM.enrollment, number++);
        const days = section.term === 'year' ? [DAYS.start, DAYS.end] : [DAYS.start, DAYS.half];
        const of = [cast.ids.of(STREAM.section, section.number), org, user, role, primary];
        yield csvLine([id, '', '', ...of, ...days]);
      }
    }
  }
}

function* membersOf(
  { ids }: Cast,
  { teachers, students }: Section,
): Generator<readonly [id: string, role: string, primary: string]> {
  for (const [place, teacher] of teachers.entries()) {
    yield [ids.of(STREAM.teacher, teacher), 'teacher', String(place === 0)];
  }
  for (const student of students) yield [ids.of(STREAM.student, student), 'student', ''];
}

function gradeWord(grade: number): string {
  return grade === 0 ? 'KG' : String(grade).padStart(2, '0');
}
