export type Department =
  | 'Elementary'
  | 'English'
  | 'Mathematics'
  | 'Science'
  | 'Social Studies'
  | 'Physical Education'
  | 'Art'
  | 'Music'
  | 'Library'
  | 'World Languages'
  | 'Technology'
  | 'Special Education';

export interface Course {
  /** From 0 within the district. */
  number: number;
  title: string;
  code: string;
  department: Department;
  subject: string;
  grade: number;
  isHomeroom: boolean;
}

/** The courses of a grade: `core` is taken by everybody, of `electives` each student takes one for every list. */
export interface GradeCourses {
  core: readonly Course[];
  electives: readonly (readonly Course[])[];
}

type Offer = readonly [title: string, department: Department, subject: string];

const SPECIALS: readonly Offer[] = [
  ['Art', 'Art', 'Art'],
  ['Music', 'Music', 'Music'],
  ['Physical Education', 'Physical Education', 'Physical Education'],
  ['Library and Media', 'Library', 'Library'],
];

const HIGH_CORE: Readonly<Record<number, readonly Offer[]>> = {
  9: [
    ['English 9', 'English', 'English'],
    ['Algebra I', 'Mathematics', 'Mathematics'],
    ['Biology', 'Science', 'Science'],
    ['World History', 'Social Studies', 'Social Studies'],
    ['Health and Fitness 9', 'Physical Education', 'Physical Education'],
  ],
  10: [
    ['English 10', 'English', 'English'],
    ['Geometry', 'Mathematics', 'Mathematics'],
    ['Chemistry', 'Science', 'Science'],
    ['Civics and Government', 'Social Studies', 'Social Studies'],
    ['Health and Fitness 10', 'Physical Education', 'Physical Education'],
  ],
  11: [
    ['American Literature', 'English', 'English'],
    ['Algebra II', 'Mathematics', 'Mathematics'],
    ['Physics', 'Science', 'Science'],
    ['United States History', 'Social Studies', 'Social Studies'],
    ['Team Sports', 'Physical Education', 'Physical Education'],
  ],
  12: [
    ['World Literature', 'English', 'English'],
    ['Statistics', 'Mathematics', 'Mathematics'],
    ['Environmental Science', 'Science', 'Science'],
    ['Economics', 'Social Studies', 'Social Studies'],
    ['Lifetime Fitness', 'Physical Education', 'Physical Education'],
  ],
};

const ELECTIVES: readonly (readonly Offer[])[] = [
  [
    ['Spanish', 'World Languages', 'World Language'],
    ['French', 'World Languages', 'World Language'],
    ['Mandarin', 'World Languages', 'World Language'],
  ],
  [
    ['Band', 'Music', 'Music'],
    ['Choir', 'Music', 'Music'],
    ['Drawing and Painting', 'Art', 'Art'],
    ['Ceramics', 'Art', 'Art'],
    ['Computer Science', 'Technology', 'Computer Science'],
    ['Robotics', 'Technology', 'Engineering'],
  ],
];

/** Every course of the district, grade by grade. */
export const CATALOG: readonly GradeCourses[] = catalog();
export const COURSES: readonly Course[] = CATALOG.flatMap(({ core, electives }) => [
  ...core,
  ...electives.flat(),
]);

function catalog(): GradeCourses[] {
  let number = 0;
  const course = (grade: number, [title, department, subject]: Offer): Course => {
    const code = `${plainDepartment(department)}${String(grade).padStart(2, '0')}${String(number % 100).padStart(2, '0')}`;
    return { number: number++, title, code, department, subject, grade, isHomeroom: subject === 'Homeroom' };
  };
  return Array.from({ length: 13 }, (_, grade) => ({
    core: coreOf(grade).map((offer) => course(grade, offer)),
    electives:
      grade < 6 ? [] : ELECTIVES.map((list) => list.map((offer) => course(grade, withGrade(offer, grade)))),
  }));
}

function coreOf(grade: number): readonly Offer[] {
  if (grade > 8) return HIGH_CORE[grade]!;
  if (grade > 5) return middleCore(grade);
  const name = grade === 0 ? 'Kindergarten' : `Grade ${grade}`;
  return [
    [`${name} Homeroom`, 'Elementary', 'Homeroom'],
    ...SPECIALS.map(([title, ...rest]): Offer => [`${title} ${grade === 0 ? 'K' : grade}`, ...rest]),
  ];
}

function middleCore(grade: number): readonly Offer[] {
  return [
    [`Language Arts ${grade}`, 'English', 'Language Arts'],
    [`Math ${grade}`, 'Mathematics', 'Mathematics'],
    [`Science ${grade}`, 'Science', 'Science'],
    [`Social Studies ${grade}`, 'Social Studies', 'Social Studies'],
    [`Physical Education ${grade}`, 'Physical Education', 'Physical Education'],
  ];
}

function withGrade([title, department, subject]: Offer, grade: number): Offer {
  return [
    grade < 9 ? `${title} ${grade}` : `${title} ${'I'.repeat(Math.min(grade - 8, 3))}`,
    department,
    subject,
  ];
}

function plainDepartment(department: Department): string {
  return department
    .replace(/[^A-Z]/gi, '')
    .slice(0, 3)
    .toUpperCase();
}
