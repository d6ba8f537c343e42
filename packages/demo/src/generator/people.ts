import { plain, BOYS, GIRLS, SURNAMES } from './names.js';
import type { Picture } from './picture.js';
import { CHANGE } from './picture.js';
import { Dice, STREAM, type Stream } from './random.js';

export interface Person {
  first: string;
  last: string;
  middle: string;
  isFemale: boolean;
  email: string;
  username: string;
}

/** The first calendar year of the school year that is pictured. */
export const SCHOOL_YEAR = 2026;

/** Makes people from their numbers: the same number is the same person in every file and in every later picture. */
export class People {
  constructor(
    readonly picture: Picture,
    readonly domain: string,
  ) {}

  student(student: number): Person {
    const dice = this.#dice(STREAM.student, student);
    const last = this.surnameOf(this.picture.families.familyOf[student]!);
    const hasNewEmail = this.picture.changeOf(student) === CHANGE.email;
    return this.#person(dice, last, student, `students.${this.domain}`, hasNewEmail);
  }

  teacher(number: number): Person {
    const dice = this.#dice(STREAM.teacher, number);
    const hasNewEmail = this.picture.isAdultChanged(STREAM.teacher, number);
    return this.#person(dice, dice.pick(SURNAMES), number, this.domain, hasNewEmail);
  }

  staff(number: number): Person {
    const dice = this.#dice(STREAM.staff, number);
    return this.#person(dice, dice.pick(SURNAMES), number, `staff.${this.domain}`, false);
  }

  /** Guardians are numbered by family, three to each. Their telephones are of the range kept for stories. */
  guardian(family: number, place: number): Person & { phone: string } {
    const number = family * GUARDIANS_MAX + place;
    const dice = this.#dice(STREAM.guardian, number);
    const last = dice.happens(place === 0 ? 0.9 : 0.65) ? this.surnameOf(family) : dice.pick(SURNAMES);
    const isChanged = this.picture.isAdultChanged(STREAM.guardian, number);
    const line = 100 + ((dice.below(100) + (isChanged ? 1 : 0)) % 100);
    const phone = `(${dice.pick(AREAS)}) 555-0${line}`;
    return { ...this.#person(dice, last, number, `families.${this.domain}`, false), phone };
  }

  surnameOf(family: number): string {
    return this.#dice(STREAM.family, -family - 1).pick(SURNAMES);
  }

  #dice(stream: Stream, number: number): Dice {
    return new Dice(this.picture.seed, stream, number);
  }

  #person(dice: Dice, last: string, number: number, domain: string, hasNewEmail: boolean): Person {
    const isFemale = dice.happens(0.5);
    const first = dice.pick(isFemale ? GIRLS : BOYS);
    const middle = dice.happens(0.4) ? dice.pick(isFemale ? GIRLS : BOYS) : '';
    const login = `${plain(first)}.${plain(last)}${number}`;
    const email = `${hasNewEmail ? `${plain(first).slice(0, 1)}.${plain(last)}${number}` : login}@${domain}`;
    return { first, last, middle, isFemale, email, username: login };
  }
}

export const GUARDIANS_MAX = 3;
const AREAS = ['206', '303', '312', '404', '505', '612', '713', '804', '916'] as const;

const RACES_WEIGHTS = [0.02, 0.1, 0.16, 0.01, 0.55, 0.08, 0.08];

/** Columns of the five race flags, then "two or more". Some families do not say. */
export interface Demographic {
  birthDate: string;
  sex: 'male' | 'female' | 'other';
  flags: readonly boolean[];
  isTwoOrMore: boolean;
  isHispanic: boolean;
}

export function demographicOf(picture: Picture, student: number, isFemale: boolean): Demographic {
  const dice = new Dice(picture.seed, STREAM.demographics, student);
  const drawn = dice.weighted(RACES_WEIGHTS);
  const other = dice.below(5);
  const isTwoOrMore = drawn === 5;
  const flags = Array.from(
    { length: 5 },
    (_, flag) => flag === drawn || (isTwoOrMore && (flag === other || flag === 4)),
  );
  return {
    birthDate: birthDate(dice, picture.families.gradeOf[student]!),
    sex: dice.happens(0.005) ? 'other' : isFemale ? 'female' : 'male',
    flags,
    isTwoOrMore,
    isHispanic: dice.happens(0.27),
  };
}

/** Kindergarten begins for those who are five on the first of September. */
function birthDate(dice: Dice, grade: number): string {
  const latest = Date.UTC(SCHOOL_YEAR - 5 - grade, 8, 1);
  return new Date(latest - dice.below(365) * 86_400_000).toISOString().slice(0, 10);
}
