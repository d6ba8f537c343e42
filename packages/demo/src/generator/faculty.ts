import type { Department } from './catalog.js';
import type { SchoolShape } from './shape.js';

/** Numbers of teachers leave this much room in a school, and so do numbers of sections. */
export const NUMBERS_PER_SCHOOL = 10_000;

export interface Teacher {
  /** Unique in the district; NUMBERS_PER_SCHOOL of them to a school. */
  number: number;
  department: Department;
  /** The school first that the teacher belongs to. */
  schools: number[];
}

/** The teachers of one school, hired as its timetable asks for them. */
export class Faculty {
  readonly teachers: Teacher[] = [];
  readonly #busy = new Map<Teacher, Set<string>>();

  constructor(readonly school: SchoolShape) {}

  hire(department: Department): Teacher {
    const number = this.school.number * NUMBERS_PER_SCHOOL + this.teachers.length;
    const teacher: Teacher = { number, department, schools: [this.school.number] };
    this.teachers.push(teacher);
    this.#busy.set(teacher, new Set());
    return teacher;
  }

  /** A teacher of the department who is free at that time and has fewer classes than `classesMax`. */
  assign(department: Department, time: string, classesMax: number): Teacher {
    const free = this.teachers.find((teacher) => {
      const busy = this.#busy.get(teacher)!;
      return teacher.department === department && busy.size < classesMax && !busy.has(time);
    });
    const teacher = free ?? this.hire(department);
    this.#busy.get(teacher)!.add(time);
    return teacher;
  }
}
