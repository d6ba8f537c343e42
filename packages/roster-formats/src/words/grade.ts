import type { Grade } from '@hallpass/domain';

/** What a cell says about grades: one grade when `low` is `high`. */
export interface GradeRange {
  low: Grade;
  high: Grade;
  /** False when the spelling had to be interpreted. */
  isExact: boolean;
}

/** The spellings of CEDS, which OneRoster uses, and of Clever. */
const EXACT = new Map<string, Grade>(
  Object.entries({
    it: 'InfantToddler',
    infanttoddler: 'InfantToddler',
    pr: 'Preschool',
    preschool: 'Preschool',
    pk: 'PreKindergarten',
    prekindergarten: 'PreKindergarten',
    tk: 'TransitionalKindergarten',
    transitionalkindergarten: 'TransitionalKindergarten',
    kg: 'Kindergarten',
    k: 'Kindergarten',
    kindergarten: 'Kindergarten',
    ps: 'PostGraduate',
    postgraduate: 'PostGraduate',
    ug: 'Ungraded',
    ungraded: 'Ungraded',
    other: 'Other',
    ...Object.fromEntries(
      numbered().flatMap((grade) => [
        [grade, grade],
        [grade.padStart(2, '0'), grade],
      ]),
    ),
  }),
);

/** Habits of systems and of people. 99 is what several systems write for "no grade of its own". */
const LOOSE = new Map<string, Grade>(
  Object.entries({
    '-2': 'Preschool',
    '-1': 'PreKindergarten',
    '0': 'Kindergarten',
    '00': 'Kindergarten',
    prek: 'PreKindergarten',
    pk3: 'PreKindergarten',
    pk4: 'PreKindergarten',
    kinder: 'Kindergarten',
    pg: 'PostGraduate',
    un: 'Ungraded',
    '99': 'Other',
    all: 'Other',
    multiple: 'Other',
    mixed: 'Other',
    multi: 'Other',
  }),
);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ORDER = [
  'PreKindergarten',
  'TransitionalKindergarten',
  'Kindergarten',
  ...numbered(),
] as readonly Grade[];

/**
 * Reads a grade or a range of grades, in any of the spellings seen in real files. Undefined for '' and for what cannot
 * be understood. "8-Jun" and "12-Sep" are the ranges 6-8 and 9-12 after a spreadsheet took them for dates; "K2" is K-2.
 */
export function readGrade(text: string): GradeRange | undefined {
  const word = text.trim().toLowerCase();
  const exact = EXACT.get(word) ?? EXACT.get(word.replace(/[\s_]|(?<=[a-z])-/g, ''));
  if (exact) return { low: exact, high: exact, isExact: true };
  const loose = LOOSE.get(word.replace(/[\s_]|(?<=[a-z])-/g, '')) ?? spokenGrade(word);
  if (loose) return { low: loose, high: loose, isExact: false };
  return dateRange(word) ?? plainRange(word);
}

/** The grade that is spelled exactly so, without further ado: nearly every cell. */
export function exactGrade(text: string): Grade | undefined {
  return EXACT.get(text);
}

/** The grade of a field that holds one. Several grades, in one cell or as a range, are 'Other'. */
export function singleGrade(ranges: readonly GradeRange[]): Grade | undefined {
  const [first] = ranges;
  if (!first) return undefined;
  const isOne = ranges.every(({ low, high }) => low === first.low && high === first.low);
  return isOne ? first.low : 'Other';
}

function numbered(): Grade[] {
  return Array.from({ length: 13 }, (_, index) => String(index + 1) as Grade);
}

/** "Grade 1", "Gr. 3", "Grade PK", "1st", "4th grade". */
function spokenGrade(word: string): Grade | undefined {
  const match =
    /^gr(?:ade|\.)?\s*(pk|tk|k|\d{1,2})$/.exec(word) ?? /^(\d{1,2})(?:st|nd|rd|th)(?:\s*grade)?$/.exec(word);
  return EXACT.get(match?.[1] ?? '');
}

/** True for "8-Jun" and "Jun-8", which were a range of grades before a spreadsheet saved them. */
export function isDateLike(text: string): boolean {
  return dateRange(text.trim().toLowerCase()) !== undefined;
}

function dateRange(word: string): GradeRange | undefined {
  const match = /^(\d{1,2})-([a-z]{3})$/.exec(word) ?? /^([a-z]{3})-(\d{1,2})$/.exec(word);
  if (!match) return undefined;
  const number = match.slice(1).find((part) => /\d/.test(part));
  const month = MONTHS.indexOf(match.slice(1).find((part) => /[a-z]/.test(part))!) + 1;
  return month === 0 ? undefined : ordered(String(month), String(Number(number)));
}

/** "6-8", "K-5", "K2", "09 to 12", "pk-k". */
function plainRange(word: string): GradeRange | undefined {
  const match = /^(pk|tk|kg|k|\d{1,2})\s*(?:-|–|to)\s*(kg|k|\d{1,2})$/.exec(word) ?? /^(k)(\d)$/.exec(word);
  if (!match) return undefined;
  const [low, high] = match.slice(1).map((part) => EXACT.get(part) ?? String(Number(part)));
  return ordered(low!, high!);
}

function ordered(one: string, other: string): GradeRange | undefined {
  const [from, to] = [ORDER.indexOf(one as Grade), ORDER.indexOf(other as Grade)];
  if (from === -1 || to === -1) return undefined;
  return { low: ORDER[Math.min(from, to)]!, high: ORDER[Math.max(from, to)]!, isExact: false };
}
