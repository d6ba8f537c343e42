import type { RecordDocument, RecordId, Relation, SectionDocument } from '@hallpass/domain';
import type { DistrictView } from '../../answers/district-answers.js';
import type { ListOptions } from '../../answers/list-answers.js';
import type { ListParameter } from '../../reading/page-query.js';
import { eventTableOf } from '../../events/event-views.js';
import { districtSince2 } from '../district-document.js';
import {
  coursesOfResource,
  resourcesOfUser,
  schoolsOfUser,
  sectionsOfResource,
  studentsOfUser,
  teachersOfStudent,
  usersOfResource,
  usersOfSection,
} from '../members.js';
import {
  districtOfRoute,
  districtRoute,
  districtsRoute,
  eventRoutes,
  listRoute,
  meRoute,
  recordRoute,
  referenceRoute,
  subListRoute,
  type Route,
  type VersionTable,
} from '../route.js';
import { SHAPES_V3_0, SHAPES_V3_1, NEW_IN_V3_1, type ShapesV3 } from '../shapes/v3.js';
import { unsupportedRoute } from '../unsupported.js';
import type { Version, View } from '../view.js';

/** Finds, in the text of a document, a field that came with v3.1: no value can hold an unescaped quote before the colon. */
const LATER_THAN_V3_0 = new RegExp(`"(?:${[...NEW_IN_V3_1.student, ...NEW_IN_V3_1.any].join('|')})":`);

/** A resource says when it changed in a word of its own, and its courses and sections are lists of their own. */
const resourceOf = (document: RecordDocument) => ({ ...document, updated: document.last_modified });

function viewsOf(version: Version, shapes: ShapesV3, later: RegExp | undefined) {
  const view = (
    own: Pick<View, 'collection' | 'words' | 'kind' | 'shape' | 'links'> & Partial<Pick<View, 'rendering'>>,
  ): View => ({
    version,
    hasPaging: false,
    rendering: { from: 'text', later },
    ...own,
  });
  const districts: DistrictView = {
    ...view({
      collection: 'districts',
      words: { one: 'a district', many: 'districts' },
      kind: undefined,
      shape: shapes.district,
      links: [],
    }),
    build: districtSince2,
  };
  return {
    districts,
    schools: view({
      collection: 'schools',
      words: { one: 'a school', many: 'schools' },
      kind: 'school',
      shape: shapes.school,
      links: ['district', 'courses', 'sections', 'terms', 'users'],
    }),
    terms: view({
      collection: 'terms',
      words: { one: 'a term', many: 'terms' },
      kind: 'term',
      shape: shapes.term,
      links: ['district', 'schools', 'sections'],
    }),
    courses: view({
      collection: 'courses',
      words: { one: 'a course', many: 'courses' },
      kind: 'course',
      shape: shapes.course,
      links: ['district', 'resources', 'schools', 'sections'],
    }),
    sections: view({
      collection: 'sections',
      words: { one: 'a section', many: 'sections' },
      kind: 'section',
      shape: shapes.section,
      links: ['district', 'course', 'resources', 'school', 'term', 'users'],
    }),
    users: view({
      collection: 'users',
      words: { one: 'a user', many: 'users: students, teachers, staff, contacts and district admins' },
      kind: 'user',
      shape: shapes.user,
      links: ['district', 'mycontacts', 'mystudents', 'myteachers', 'resources', 'schools', 'sections'],
    }),
    resources: view({
      collection: 'resources',
      words: { one: 'a resource', many: 'resources' },
      kind: 'resource',
      shape: shapes.resource,
      links: ['courses', 'sections', 'users'],
      rendering: { from: 'document', neighbours: [], build: resourceOf },
    }),
  };
}

function routesOf(version: Version, views: ReturnType<typeof viewsOf>): Route[] {
  const { districts, schools, terms, courses, sections, users, resources } = views;
  const named = (pick: (section: SectionDocument) => RecordId | undefined) => (document: RecordDocument) =>
    pick(document as SectionDocument);
  const linked = (of: View, ...relations: Relation[]) => ({ of, over: () => relations });
  // Ours, and so in the newest version alone.
  const hasFields = version === 'v3.1';
  const options = (...parameters: ListParameter[]): ListOptions => ({
    parameters: hasFields ? [...parameters, 'fields'] : parameters,
  });
  const COUNTED = options('count');
  const PLAIN = options();
  return [
    ...eventRoutes(eventTableOf(version, [schools, terms, courses, sections, users, resources])),
    districtsRoute(districts, { parameters: ['count'] }),
    districtRoute(districts),
    listRoute(schools, COUNTED),
    recordRoute(schools, {}, hasFields),
    districtOfRoute(schools, districts),
    subListRoute(schools, 'courses', linked(courses, 'school.courses'), PLAIN),
    subListRoute(schools, 'sections', linked(sections, 'school.sections'), PLAIN),
    subListRoute(schools, 'terms', linked(terms, 'school.terms'), PLAIN),
    subListRoute(
      schools,
      'users',
      { of: users, over: ({ isPrimary }) => [isPrimary ? 'school.primary-users' : 'school.users'] },
      options('role', 'primary'),
    ),
    listRoute(terms, COUNTED),
    recordRoute(terms, {}, hasFields),
    districtOfRoute(terms, districts),
    subListRoute(terms, 'schools', linked(schools, 'term.schools'), PLAIN),
    subListRoute(terms, 'sections', linked(sections, 'term.sections'), PLAIN),
    listRoute(courses, COUNTED),
    recordRoute(courses, {}, hasFields),
    districtOfRoute(courses, districts),
    subListRoute(courses, 'resources', linked(resources, 'course.resources'), PLAIN),
    subListRoute(courses, 'schools', linked(schools, 'course.schools'), PLAIN),
    subListRoute(courses, 'sections', linked(sections, 'course.sections'), PLAIN),
    listRoute(sections, COUNTED),
    recordRoute(sections, {}, hasFields),
    districtOfRoute(sections, districts),
    referenceRoute(sections, 'course', { of: courses, idIn: named(({ course }) => course) }),
    referenceRoute(sections, 'school', { of: schools, idIn: named(({ school }) => school) }),
    referenceRoute(sections, 'term', { of: terms, idIn: named(({ term_id: term }) => term) }),
    subListRoute(sections, 'resources', linked(resources, 'section.resources'), PLAIN),
    subListRoute(sections, 'users', { of: users, ids: usersOfSection }, options('role')),
    listRoute(users, options('count', 'role')),
    recordRoute(users, {}, hasFields),
    districtOfRoute(users, districts),
    subListRoute(users, 'mycontacts', linked(users, 'student.contacts'), PLAIN),
    subListRoute(users, 'mystudents', { of: users, role: 'student', ids: studentsOfUser }, PLAIN),
    subListRoute(users, 'myteachers', { of: users, role: 'teacher', ids: teachersOfStudent }, PLAIN),
    subListRoute(users, 'resources', { of: resources, ids: resourcesOfUser }, PLAIN),
    subListRoute(users, 'schools', { of: schools, ids: schoolsOfUser }, options('primary')),
    subListRoute(users, 'sections', linked(sections, 'student.sections', 'teacher.sections'), PLAIN),
    listRoute(resources, PLAIN),
    recordRoute(resources, {}, hasFields),
    subListRoute(resources, 'courses', { of: courses, ids: coursesOfResource }, PLAIN),
    subListRoute(resources, 'sections', { of: sections, ids: sectionsOfResource }, PLAIN),
    subListRoute(resources, 'users', { of: users, ids: usersOfResource }, options('role')),
    meRoute(districts),
  ];
}

/** What v3.1 added and is not served here: attendance, and assignments in learning platforms. */
const UNSUPPORTED: Route[] = [
  unsupportedRoute('get', '/attendance/schools/{id}', 'attendance', 'Lists the attendance of a school'),
  unsupportedRoute('get', '/attendance/sections/{id}', 'attendance', 'Lists the attendance of a section'),
  ...(
    [
      ['post', '/sections/{id}/assignments', 'Creates an assignment'],
      ['get', '/sections/{id}/assignments/{assignment_id}', 'Gives an assignment'],
      ['patch', '/sections/{id}/assignments/{assignment_id}', 'Changes an assignment'],
      ['delete', '/sections/{id}/assignments/{assignment_id}', 'Deletes an assignment'],
      ['get', '/sections/{id}/assignments/{assignment_id}/submissions', 'Lists submissions'],
      ['get', '/sections/{id}/assignments/{assignment_id}/submissions/{user_id}', 'Gives a submission'],
      ['patch', '/sections/{id}/assignments/{assignment_id}/submissions/{user_id}', 'Changes a submission'],
    ] as const
  ).map(([method, path, summary]) => unsupportedRoute(method, path, 'assignments', summary)),
];

export const V3_0: VersionTable = {
  version: 'v3.0',
  routes: routesOf('v3.0', viewsOf('v3.0', SHAPES_V3_0, LATER_THAN_V3_0)),
};

/** The collections of v3.1. */
export const VIEWS_V3_1 = viewsOf('v3.1', SHAPES_V3_1, undefined);

export const V3_1: VersionTable = {
  version: 'v3.1',
  routes: [...routesOf('v3.1', VIEWS_V3_1), ...UNSUPPORTED],
};
