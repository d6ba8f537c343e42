export type SchoolLevel = 'elementary' | 'middle' | 'high';

export interface SchoolShape {
  /** From 0; elementary schools first, then middle, then high. */
  number: number;
  level: SchoolLevel;
  /** 0 is kindergarten. */
  grades: readonly number[];
}

export interface DistrictShape {
  schools: readonly SchoolShape[];
  levels: Readonly<Record<SchoolLevel, readonly SchoolShape[]>>;
  districtAdmins: number;
}

export const GRADES_COUNT = 13;

const LEVELS = [
  { level: 'elementary', grades: [0, 1, 2, 3, 4, 5], studentsPerSchool: 450 },
  { level: 'middle', grades: [6, 7, 8], studentsPerSchool: 700 },
  { level: 'high', grades: [9, 10, 11, 12], studentsPerSchool: 1200 },
] as const;

/** How many schools of each level a district of that size has: at least one of each, however small. */
export function districtShape({ students }: { students: number }): DistrictShape {
  const schools: SchoolShape[] = [];
  for (const { level, grades, studentsPerSchool } of LEVELS) {
    const share = (students * grades.length) / GRADES_COUNT;
    const count = Math.max(1, Math.round(share / studentsPerSchool));
    for (let each = 0; each < count; each++) schools.push({ number: schools.length, level, grades });
  }
  const of = (level: SchoolLevel) => schools.filter((school) => school.level === level);
  return {
    schools,
    levels: { elementary: of('elementary'), middle: of('middle'), high: of('high') },
    districtAdmins: 3 + Math.floor(students / 10_000),
  };
}

export function levelOf(grade: number): SchoolLevel {
  return LEVELS.find(({ grades }) => (grades as readonly number[]).includes(grade))!.level;
}
