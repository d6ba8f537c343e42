import type { RecordDocument, RecordId, Relation, SectionDocument, UserDocument } from '@hallpass/domain';
import type { DistrictView } from '../../answers/district-answers.js';
import type { ListOptions } from '../../answers/list-answers.js';
import { eventTableOf } from '../../events/event-views.js';
import { districtSince2 } from '../district-document.js';
import { asItIs, contact, personIn, schoolAdmin, section } from '../legacy-documents.js';
import {
  isAtSchool,
  schoolsOfRole,
  studentsOfContact,
  studentsOfSection,
  studentsOfTeacher,
  teachersOfSection,
  teachersOfStudent,
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
import { SHAPES_V2_0, SHAPES_V2_1, type ShapesV2 } from '../shapes/v2.js';
import type { Rendering, Version, View } from '../view.js';

const COUNTED: ListOptions = { parameters: ['count'] };
const PLAIN: ListOptions = { parameters: [] };

type Build = (Rendering & { from: 'document' })['build'];

function viewsOf(version: Version, shapes: ShapesV2) {
  const view = (
    own: Pick<View, 'collection' | 'words' | 'kind' | 'role' | 'shape' | 'links'>,
    build: Build,
  ): View => ({
    version,
    hasPaging: false,
    rendering: { from: 'document', neighbours: [], build },
    ...own,
  });
  const districts: DistrictView = {
    ...view(
      {
        collection: 'districts',
        words: { one: 'a district', many: 'districts' },
        kind: undefined,
        shape: shapes.district,
        links: [],
      },
      asItIs,
    ),
    build: districtSince2,
  };
  return {
    districts,
    schools: view(
      {
        collection: 'schools',
        words: { one: 'a school', many: 'schools' },
        kind: 'school',
        shape: shapes.school,
        links: ['district', 'sections', 'students', 'teachers'],
      },
      asItIs,
    ),
    terms: view(
      {
        collection: 'terms',
        words: { one: 'a term', many: 'terms' },
        kind: 'term',
        shape: shapes.term,
        links: ['district', 'sections'],
      },
      asItIs,
    ),
    courses: view(
      {
        collection: 'courses',
        words: { one: 'a course', many: 'courses' },
        kind: 'course',
        shape: shapes.course,
        links: ['district', 'sections'],
      },
      asItIs,
    ),
    sections: view(
      {
        collection: 'sections',
        words: { one: 'a section', many: 'sections' },
        kind: 'section',
        shape: shapes.section,
        links: ['course', 'district', 'school', 'students', 'teacher', 'teachers', 'term'],
      },
      section,
    ),
    students: view(
      {
        collection: 'students',
        words: { one: 'a student', many: 'students' },
        kind: 'user',
        role: 'student',
        shape: shapes.student,
        links: ['contacts', 'district', 'school', 'schools', 'sections', 'teachers'],
      },
      personIn('student'),
    ),
    teachers: view(
      {
        collection: 'teachers',
        words: { one: 'a teacher', many: 'teachers' },
        kind: 'user',
        role: 'teacher',
        shape: shapes.teacher,
        links: ['district', 'school', 'schools', 'sections', 'students'],
      },
      personIn('teacher'),
    ),
    schoolAdmins: view(
      {
        collection: 'school_admins',
        words: { one: 'a school admin', many: 'school admins' },
        kind: 'user',
        role: 'staff',
        shape: shapes.schoolAdmin,
        links: ['district', 'schools'],
      },
      schoolAdmin,
    ),
    districtAdmins: view(
      {
        collection: 'district_admins',
        words: { one: 'a district admin', many: 'district admins' },
        kind: 'user',
        role: 'district_admin',
        shape: shapes.districtAdmin,
        links: ['district'],
      },
      personIn('district_admin'),
    ),
    contacts: view(
      {
        collection: 'contacts',
        words: { one: 'a contact', many: 'contacts' },
        kind: 'user',
        role: 'contact',
        shape: shapes.contact,
        links: ['district', 'students'],
      },
      contact,
    ),
  };
}

function routesOf(version: Version, shapes: ShapesV2): Route[] {
  const views = viewsOf(version, shapes);
  const { districts, schools, terms, courses, sections, students, teachers } = views;
  const { schoolAdmins, districtAdmins, contacts } = views;
  const inSection =
    (pick: (section: SectionDocument) => RecordId | undefined) => (document: RecordDocument) =>
      pick(document as SectionDocument);
  const homeOf = (role: 'student' | 'teacher') => (document: RecordDocument) =>
    (document as UserDocument).roles[role]?.school;
  const linked = (of: View, ...relations: Relation[]) => ({ of, over: () => relations });
  const told = [
    schools,
    terms,
    courses,
    sections,
    students,
    teachers,
    schoolAdmins,
    districtAdmins,
    contacts,
  ];
  return [
    ...eventRoutes(eventTableOf(version, told)),
    districtsRoute(districts, COUNTED),
    districtRoute(districts),
    listRoute(schools, COUNTED),
    recordRoute(schools),
    districtOfRoute(schools, districts),
    subListRoute(schools, 'sections', linked(sections, 'school.sections'), PLAIN),
    subListRoute(
      schools,
      'students',
      { ...linked(students, 'school.users'), keeps: isAtSchool('student') },
      PLAIN,
    ),
    subListRoute(
      schools,
      'teachers',
      { ...linked(teachers, 'school.users'), keeps: isAtSchool('teacher') },
      PLAIN,
    ),
    listRoute(terms, COUNTED),
    recordRoute(terms),
    districtOfRoute(terms, districts),
    subListRoute(terms, 'sections', linked(sections, 'term.sections'), PLAIN),
    listRoute(courses, COUNTED),
    recordRoute(courses),
    districtOfRoute(courses, districts),
    subListRoute(courses, 'sections', linked(sections, 'course.sections'), PLAIN),
    listRoute(sections, COUNTED),
    recordRoute(sections),
    districtOfRoute(sections, districts),
    referenceRoute(sections, 'course', { of: courses, idIn: inSection(({ course }) => course) }),
    referenceRoute(sections, 'school', { of: schools, idIn: inSection(({ school }) => school) }),
    referenceRoute(sections, 'teacher', { of: teachers, idIn: inSection(({ teacher }) => teacher) }),
    referenceRoute(sections, 'term', { of: terms, idIn: inSection(({ term_id: term }) => term) }),
    subListRoute(sections, 'students', { of: students, ids: studentsOfSection }, PLAIN),
    subListRoute(sections, 'teachers', { of: teachers, ids: teachersOfSection }, PLAIN),
    listRoute(students, COUNTED),
    recordRoute(students),
    districtOfRoute(students, districts),
    referenceRoute(students, 'school', { of: schools, idIn: homeOf('student') }),
    subListRoute(students, 'contacts', { ...linked(contacts, 'student.contacts'), isOfStudent: true }, PLAIN),
    subListRoute(students, 'schools', { of: schools, ids: schoolsOfRole('student') }, PLAIN),
    subListRoute(students, 'sections', linked(sections, 'student.sections'), PLAIN),
    subListRoute(students, 'teachers', { of: teachers, ids: teachersOfStudent }, PLAIN),
    listRoute(teachers, COUNTED),
    recordRoute(teachers),
    districtOfRoute(teachers, districts),
    referenceRoute(teachers, 'school', { of: schools, idIn: homeOf('teacher') }),
    subListRoute(teachers, 'schools', { of: schools, ids: schoolsOfRole('teacher') }, PLAIN),
    subListRoute(teachers, 'sections', linked(sections, 'teacher.sections'), PLAIN),
    subListRoute(teachers, 'students', { of: students, ids: studentsOfTeacher }, PLAIN),
    listRoute(schoolAdmins, COUNTED),
    recordRoute(schoolAdmins),
    districtOfRoute(schoolAdmins, districts),
    subListRoute(schoolAdmins, 'schools', { of: schools, ids: schoolsOfRole('staff') }, PLAIN),
    listRoute(districtAdmins, COUNTED),
    recordRoute(districtAdmins),
    districtOfRoute(districtAdmins, districts),
    listRoute(contacts, COUNTED),
    recordRoute(contacts),
    districtOfRoute(contacts, districts),
    subListRoute(contacts, 'students', { of: students, ids: studentsOfContact }, PLAIN),
    meRoute(districts),
  ];
}

export const V2_0: VersionTable = { version: 'v2.0', routes: routesOf('v2.0', SHAPES_V2_0) };
export const V2_1: VersionTable = { version: 'v2.1', routes: routesOf('v2.1', SHAPES_V2_1) };
