import type { ResourceRole, ResourceSource } from '@hallpass/domain';
import { COURSES, type Course } from './catalog.js';
import { csvLine } from './csv-lines.js';
import { STREAM } from './random.js';
import { timetableOf } from './timetable.js';
import type { Cast } from './user-lines.js';

/** What every course has: a book for everybody, and a guide for those who teach. */
const OFFERS: readonly { title: string; suffix: string; roles: readonly ResourceRole[] }[] = [
  { title: 'textbook', suffix: 'TB', roles: ['teacher', 'student'] },
  { title: 'teacher guide', suffix: 'TG', roles: ['teacher'] },
];

interface Resource {
  /** From 0 within the district. */
  number: number;
  course: Course;
  title: string;
  vendorId: string;
  roles: readonly ResourceRole[];
}

const RESOURCES: readonly Resource[] = COURSES.flatMap((course) =>
  OFFERS.map(({ title, suffix, roles }, place) => ({
    number: course.number * OFFERS.length + place,
    course,
    title: `${course.title}, ${title}`,
    vendorId: `${course.code}-${suffix}`,
    roles,
  })),
);

export function* resourceLines({ ids }: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,vendorResourceId,title,roles,importance,vendorId,applicationId\n';
  for (const { number, vendorId, title, roles } of RESOURCES) {
    const id = ids.of(STREAM.resource, number);
    yield csvLine([id, '', '', vendorId, title, roles.join(','), 'primary', 'hallpass-demo', '']);
  }
}

export function* courseResourceLines({ ids }: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,title,courseSourcedId,resourceSourcedId\n';
  for (const { number, course, title } of RESOURCES) {
    const id = ids.of(STREAM.courseResource, number);
    const [of, resource] = [ids.of(STREAM.course, course.number), ids.of(STREAM.resource, number)];
    yield csvLine([id, '', '', title, of, resource]);
  }
}

/** Every class has what its course has. */
export function* classResourceLines(cast: Cast): Generator<string> {
  yield 'sourcedId,status,dateLastModified,title,classSourcedId,resourceSourcedId\n';
  const { ids } = cast;
  let row = 0;
  for (const [course, sections] of sectionsByCourse(cast)) {
    for (const { number, title } of resourcesOf(course)) {
      for (const section of sections) {
        const id = ids.of(STREAM.classResource, row++);
        yield csvLine([id, '', '', title, ids.of(STREAM.section, section), ids.of(STREAM.resource, number)]);
      }
    }
  }
}

/** The same as a reader of the files gives it. */
export function* resourceRecords(cast: Cast): Generator<ResourceSource> {
  const { ids } = cast;
  const sections = sectionsByCourse(cast);
  for (const { number, course, title, vendorId, roles } of RESOURCES) {
    yield {
      kind: 'resource',
      sourceId: ids.of(STREAM.resource, number),
      resourceId: vendorId,
      title,
      roles,
      courses: [ids.of(STREAM.course, course.number)],
      sections: (sections.get(course.number) ?? []).map((section) => ids.of(STREAM.section, section)),
    };
  }
}

function resourcesOf(course: number): readonly Resource[] {
  return RESOURCES.slice(course * OFFERS.length, (course + 1) * OFFERS.length);
}

/** The numbers of the classes of each course, school by school. */
function sectionsByCourse({ picture }: Cast): Map<number, number[]> {
  const found = new Map<number, number[]>(COURSES.map(({ number }) => [number, []]));
  for (const school of picture.shape.schools)
    for (const { number, course } of timetableOf(picture, school).sections)
      found.get(course.number)?.push(number);
  return found;
}
