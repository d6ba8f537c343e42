import { Dice, STREAM } from './random.js';
import { GRADES_COUNT, levelOf, type DistrictShape } from './shape.js';

const CHILDREN_WEIGHTS = [0.55, 0.32, 0.1, 0.03];
/** With these the guardians come to about 1.2 a student. */
const GUARDIANS_WEIGHTS = [0.2, 0.68, 0.12];

/** Who there is, in about eleven bytes a student: everything else about a person is made from its number. */
export class Families {
  readonly familyOf: Int32Array;
  readonly gradeOf: Uint8Array;
  readonly schoolOf: Uint16Array;
  /** The number of the family's first child; one more than there are families. */
  readonly firstChild: Int32Array;
  readonly families: number;

  constructor(
    readonly seed: number,
    shape: DistrictShape,
    readonly students: number,
  ) {
    this.familyOf = new Int32Array(students);
    this.gradeOf = new Uint8Array(students);
    this.schoolOf = new Uint16Array(students);
    const firstChild = new Int32Array(students + 1);
    let family = 0;
    for (let student = 0; student < students; family++) {
      firstChild[family] = student;
      student = this.#settle(shape, family, student);
    }
    firstChild[family] = students;
    this.firstChild = firstChild.slice(0, family + 1);
    this.families = family;
  }

  childrenOf(family: number): number[] {
    const first = this.firstChild[family]!;
    return Array.from({ length: this.firstChild[family + 1]! - first }, (_, index) => first + index);
  }

  guardiansOf(family: number): number {
    const dice = new Dice(this.seed, STREAM.guardian, family);
    return dice.weighted(GUARDIANS_WEIGHTS) + 1;
  }

  /** A family lives near one elementary school, whose pupils go on to the same middle and high school. */
  #settle(shape: DistrictShape, family: number, first: number): number {
    const dice = new Dice(this.seed, STREAM.family, family);
    const zone = dice.throw();
    const next = Math.min(this.students, first + 1 + dice.weighted(CHILDREN_WEIGHTS));
    for (let student = first; student < next; student++) {
      const grade = dice.below(GRADES_COUNT);
      const schools = shape.levels[levelOf(grade)];
      this.familyOf[student] = family;
      this.gradeOf[student] = grade;
      this.schoolOf[student] = schools[Math.floor(zone * schools.length)]!.number;
    }
    return next;
  }
}
