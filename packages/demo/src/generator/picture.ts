import { Families } from './families.js';
import { Dice, mixed, STREAM } from './random.js';
import { GRADES_COUNT, type DistrictShape } from './shape.js';

/** What became of somebody between the first picture of the district and a later one. */
export const CHANGE = { none: 0, left: 1, email: 2, grade: 3, sections: 4 } as const;
export type Change = (typeof CHANGE)[keyof typeof CHANGE];

const KINDS = [CHANGE.left, CHANGE.email, CHANGE.grade, CHANGE.sections] as const;
const KIND_WEIGHTS = [0.18, 0.3, 0.22, 0.3];
/** Of those who change, this many come new in place of some who left. */
const COMING_SHARE = 0.15;

/**
 * The district at one moment. Classes are planned for the first picture's numbers, and who is in which class follows
 * from the student alone, so that a change of one student moves nobody else.
 */
export class Picture {
  readonly families: Families;
  /** Students of each school and grade in the first picture. */
  readonly plannedOf: Int32Array;
  readonly #first: number;
  readonly #cohorts: { starts: Int32Array; students: Int32Array };

  constructor(
    readonly seed: number,
    readonly shape: DistrictShape,
    students: number,
    readonly changedShare: number,
  ) {
    this.#first = students;
    const coming = Math.round(students * changedShare * COMING_SHARE);
    this.families = new Families(seed, shape, students + coming);
    this.plannedOf = new Int32Array(shape.schools.length * GRADES_COUNT);
    for (let student = 0; student < students; student++) {
      this.plannedOf[this.#cohortOf(student, this.families.gradeOf[student]!)]!++;
    }
    this.#cohorts = this.#gather();
  }

  get students(): number {
    return this.families.students;
  }

  changeOf(student: number): Change {
    if (this.changedShare === 0 || student >= this.#first) return CHANGE.none;
    const dice = new Dice(this.seed, STREAM.change, student);
    return dice.happens(this.changedShare) ? KINDS[dice.weighted(KIND_WEIGHTS)]! : CHANGE.none;
  }

  /** True of about the changed share of the adults. */
  isAdultChanged(stream: typeof STREAM.guardian | typeof STREAM.teacher, number: number): boolean {
    return mixed(this.seed, STREAM.change, stream, number) / 0x1_0000_0000 < this.changedShare;
  }

  isThere(student: number): boolean {
    return this.changeOf(student) !== CHANGE.left;
  }

  /** Moving up, or down from a school's highest grade, stays in the school. */
  gradeOf(student: number): number {
    const grade = this.families.gradeOf[student]!;
    if (this.changeOf(student) !== CHANGE.grade) return grade;
    const { grades } = this.shape.schools[this.families.schoolOf[student]!]!;
    return grades.includes(grade + 1) ? grade + 1 : grade - 1;
  }

  /** The students who are there now. */
  cohort(school: number, grade: number): Int32Array {
    const { starts, students } = this.#cohorts;
    const cohort = school * GRADES_COUNT + grade;
    return students.subarray(starts[cohort], starts[cohort + 1]);
  }

  /** A number below `limit` that says in which of so many parallel classes the student is. */
  drawn(student: number, slot: number, limit: number): number {
    const turn = this.changeOf(student) === CHANGE.sections ? 1 : 0;
    return (mixed(this.seed, STREAM.schedule, student, slot) + turn) % limit;
  }

  #cohortOf(student: number, grade: number): number {
    return this.families.schoolOf[student]! * GRADES_COUNT + grade;
  }

  #gather(): { starts: Int32Array; students: Int32Array } {
    const starts = new Int32Array(this.plannedOf.length + 1);
    for (let student = 0; student < this.students; student++) {
      if (this.isThere(student)) starts[this.#cohortOf(student, this.gradeOf(student)) + 1]!++;
    }
    for (let cohort = 0; cohort < this.plannedOf.length; cohort++) starts[cohort + 1]! += starts[cohort]!;
    const next = starts.slice();
    const students = new Int32Array(starts.at(-1)!);
    for (let student = 0; student < this.students; student++) {
      if (!this.isThere(student)) continue;
      students[next[this.#cohortOf(student, this.gradeOf(student))]!++] = student;
    }
    return { starts, students };
  }
}
