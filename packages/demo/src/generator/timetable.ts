import { CATALOG, type Course } from './catalog.js';
import { Faculty, NUMBERS_PER_SCHOOL, type Teacher } from './faculty.js';
import type { Picture } from './picture.js';
import { mixed, STREAM } from './random.js';
import { GRADES_COUNT, type SchoolShape } from './shape.js';

export interface Section {
  /** Unique in the district. */
  number: number;
  school: number;
  course: Course;
  title: string;
  code: string;
  period: string;
  term: 'year' | 'fall';
  /** The primary teacher first. */
  teachers: number[];
  students: number[];
}

export interface Timetable {
  teachers: readonly Teacher[];
  sections: readonly Section[];
}

const STUDENTS_PER_HOMEROOM = 23;
const STUDENTS_PER_CLASS = 26;
const PERIODS = 7;
/** Specialists see a homeroom each a week; teachers of periods keep one period free. */
const SPECIALS_MAX = 24;
const CLASSES_MAX = 6;
const CO_TAUGHT_SHARE = 0.08;

/** The classes of one school. It is made again whenever it is asked for, so no more than one is ever held. */
export function timetableOf(picture: Picture, school: SchoolShape): Timetable {
  const planner = new Planner(picture, school);
  for (const grade of school.grades) {
    if (school.level === 'elementary') planner.planHomerooms(grade);
    else planner.planPeriods(grade);
  }
  return { teachers: planner.faculty.teachers, sections: planner.sections };
}

/** Some small elementary schools have no art teacher: the one of the school before them, in its number, comes over. */
export function borrowsArtTeacher(school: SchoolShape | undefined): boolean {
  return school?.level === 'elementary' && school.number % 3 === 2;
}

class Planner {
  readonly faculty: Faculty;
  readonly sections: Section[] = [];

  constructor(
    readonly picture: Picture,
    readonly school: SchoolShape,
  ) {
    this.faculty = new Faculty(school);
    if (school.level !== 'elementary' || borrowsArtTeacher(school)) return;
    // Number 0, as the school that borrows knows.
    const art = this.faculty.hire('Art');
    if (borrowsArtTeacher(picture.shape.schools[school.number + 1])) art.schools.push(school.number + 1);
  }

  /** A homeroom keeps together all day, and goes to the specialists. */
  planHomerooms(grade: number): void {
    const rooms = Math.max(1, Math.ceil(this.#planned(grade) / STUDENTS_PER_HOMEROOM));
    const courses = CATALOG[grade]!.core;
    const groups = this.#groups(grade, rooms, (student) => this.picture.drawn(student, 0, rooms));
    groups.forEach((students, room) => {
      const name = `Room ${grade + 1}${String(room + 1).padStart(2, '0')}`;
      for (const course of courses) {
        const section = this.#add(course, `${course.title}, ${name}`, '', 'year', students);
        section.teachers = [this.#homeroomTeacher(section)];
        if (course.isHomeroom) this.#coTeach(section, section.code);
      }
    });
  }

  /**
   * The grade is cut into tracks, and in each period every track has another course: nobody is in two places. The
   * students of a track are mixed anew for every course.
   */
  planPeriods(grade: number): void {
    const planned = this.#planned(grade);
    const tracks = Math.min(PERIODS, Math.max(1, Math.round(planned / STUDENTS_PER_CLASS)));
    const splits = Math.max(1, Math.round(planned / tracks / STUDENTS_PER_CLASS));
    const { core, electives } = CATALOG[grade]!;
    const slots: readonly (readonly Course[])[] = [...core.map((course) => [course]), ...electives];
    slots.forEach((offered, slot) => {
      const classes = offered.length > 1 ? Math.max(splits, 2) : splits;
      const groups = this.#groups(grade, tracks * classes, (student) => {
        const track = this.picture.drawn(student, 0, tracks);
        return track * classes + this.picture.drawn(student, slot + 1, classes);
      });
      groups.forEach((students, group) => {
        const period = String(((Math.floor(group / classes) + slot) % PERIODS) + 1);
        this.#addPeriod(offered[group % offered.length]!, period, students);
      });
    });
  }

  #addPeriod(course: Course, period: string, students: number[]): void {
    const term = course.department === 'Technology' ? 'fall' : 'year';
    const section = this.#add(course, `${course.title}, Period ${period}`, period, term, students);
    section.teachers = [this.faculty.assign(course.department, period, CLASSES_MAX).number];
    if (course.department === 'English' || course.department === 'Mathematics')
      this.#coTeach(section, period);
  }

  #homeroomTeacher({ course, code }: Section): number {
    if (course.isHomeroom) return this.faculty.hire('Elementary').number;
    if (course.department === 'Art' && borrowsArtTeacher(this.school)) {
      return (this.school.number - 1) * NUMBERS_PER_SCHOOL;
    }
    return this.faculty.assign(course.department, code, SPECIALS_MAX).number;
  }

  /** In some classes a special education teacher stands beside. */
  #coTeach(section: Section, time: string): void {
    const drawn = mixed(this.picture.seed, STREAM.section, section.number) / 0x1_0000_0000;
    if (drawn >= CO_TAUGHT_SHARE) return;
    section.teachers.push(this.faculty.assign('Special Education', time, CLASSES_MAX).number);
  }

  #add(course: Course, title: string, period: string, term: Section['term'], students: number[]): Section {
    const place = this.sections.length;
    const number = this.school.number * NUMBERS_PER_SCHOOL + place;
    const code = `${course.code}-${String(place + 1).padStart(3, '0')}`;
    const school = this.school.number;
    const section: Section = { number, school, course, title, code, period, term, teachers: [], students };
    this.sections.push(section);
    return section;
  }

  #planned(grade: number): number {
    return this.picture.plannedOf[this.school.number * GRADES_COUNT + grade]!;
  }

  #groups(grade: number, count: number, groupOf: (student: number) => number): number[][] {
    const groups: number[][] = Array.from({ length: count }, () => []);
    for (const student of this.picture.cohort(this.school.number, grade))
      groups[groupOf(student)]!.push(student);
    return groups;
  }
}
