import type { RecordDocument, RecordId, Relation, SectionDocument, UserDocument } from '@hallpass/domain';
import type { DistrictView } from '../../answers/district-answers.js';
import type { ListOptions } from '../../answers/list-answers.js';
import { eventTableOf } from '../../events/event-views.js';
import type { Includes } from '../../answers/record-answers.js';
import {
  asItIs,
  contact,
  firstStudent,
  personIn,
  schoolAdmin,
  sectionWithCourse,
} from '../legacy-documents.js';
import {
  isAtSchool,
  schoolsOfRole,
  studentsOfSection,
  studentsOfTeacher,
  teachersOfSection,
  teachersOfStudent,
} from '../members.js';
import {
  districtListRoute,
  districtOfRoute,
  districtRoute,
  districtsRoute,
  eventRoutes,
  gradeLevelsRoute,
  listRoute,
  meRoute,
  recordRoute,
  referenceRoute,
  statusRoute,
  subListRoute,
  type Route,
  type VersionTable,
} from '../route.js';
import { EARLY_GRADE } from '../shapes/early-grade.js';
import { SHAPES_V1_1, SHAPES_V1_2, type ShapesV1 } from '../shapes/v1.js';
import type { Neighbour, Rendering, Version, View } from '../view.js';

/** Every list of v1 can be sifted, counted and asked for by page number. */
const LIST: ListOptions = { parameters: ['count', 'where', 'sort', 'page'] };

const COURSE_AND_TERM: readonly Neighbour[] = [
  { kind: 'course', idIn: (document) => (document as SectionDocument).course },
  { kind: 'term', idIn: (document) => (document as SectionDocument).term_id },
];

type Build = (Rendering & { from: 'document' })['build'];

function viewsOf(version: Version, shapes: ShapesV1) {
  const view = (
    own: Pick<View, 'collection' | 'words' | 'kind' | 'role' | 'shape' | 'links'>,
    build: Build,
    neighbours: readonly Neighbour[] = [],
  ): View => ({
    version,
    hasPaging: true,
    rendering: { from: 'document', neighbours, build },
    ...own,
  });
  const districts: DistrictView = {
    ...view(
      {
        collection: 'districts',
        words: { one: 'a district', many: 'districts' },
        kind: undefined,
        shape: shapes.district,
        links: ['schools', 'teachers', 'students', 'sections', 'events'],
      },
      asItIs,
    ),
    build: ({ id, name }) => ({ id, name }),
  };
  return {
    districts,
    schools: view(
      {
        collection: 'schools',
        words: { one: 'a school', many: 'schools' },
        kind: 'school',
        shape: shapes.school,
        links: ['district', 'teachers', 'students', 'sections', 'events'],
      },
      asItIs,
    ),
    sections: view(
      {
        collection: 'sections',
        words: { one: 'a section', many: 'sections' },
        kind: 'section',
        shape: shapes.section,
        links: ['district', 'teacher', 'students', 'school', 'events'],
      },
      sectionWithCourse,
      COURSE_AND_TERM,
    ),
    students: view(
      {
        collection: 'students',
        words: { one: 'a student', many: 'students' },
        kind: 'user',
        role: 'student',
        shape: shapes.student,
        links: ['district', 'sections', 'school', 'teachers', 'contacts', 'events'],
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
        links: ['district', 'school', 'students', 'sections', 'grade_levels', 'events'],
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
        links: ['schools'],
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
        links: [],
      },
      personIn('district_admin'),
    ),
    contacts: view(
      {
        collection: 'contacts',
        words: { one: 'a contact', many: 'contacts, each with its first student' },
        kind: 'user',
        role: 'contact',
        shape: shapes.contact,
        links: ['district', 'student'],
      },
      contact,
    ),
  };
}

function routesOf(version: Version, shapes: ShapesV1): Route[] {
  const views = viewsOf(version, shapes);
  const { districts, schools, sections, students, teachers, schoolAdmins, districtAdmins, contacts } = views;
  const inSection =
    (pick: (section: SectionDocument) => RecordId | undefined) => (document: RecordDocument) =>
      pick(document as SectionDocument);
  const linked = (of: View, ...relations: Relation[]) => ({ of, over: () => relations });
  const schoolOf = (role: 'student' | 'teacher') => ({
    of: schools,
    idIn: (document: RecordDocument) => (document as UserDocument).roles[role]?.school,
  });
  const ofSchool = {
    sections: linked(sections, 'school.sections'),
    students: { ...linked(students, 'school.users'), keeps: isAtSchool('student') },
    teachers: { ...linked(teachers, 'school.users'), keeps: isAtSchool('teacher') },
  };
  const ofStudent = {
    sections: linked(sections, 'student.sections'),
    teachers: { of: teachers, ids: teachersOfStudent },
    contacts: { ...linked(contacts, 'student.contacts'), isOfStudent: true },
  };
  const ofTeacher = {
    sections: linked(sections, 'teacher.sections'),
    students: { of: students, ids: studentsOfTeacher },
  };
  const ofSchoolAdmin = { schools: { of: schools, ids: schoolsOfRole('staff') } };
  const ofDistrict = { schools, sections, students, teachers };
  const includedInStudent: Includes = {
    school: schoolOf('student'),
    schools: { of: schools, ids: schoolsOfRole('student') },
    ...ofStudent,
  };
  const includedInTeacher: Includes = {
    school: schoolOf('teacher'),
    schools: { of: schools, ids: schoolsOfRole('teacher') },
    ...ofTeacher,
  };
  const bareAdmins: ListOptions = { parameters: ['where', 'sort', 'page'], bare: 'always' };
  const told = [schools, sections, students, teachers, schoolAdmins, contacts];
  const withEvents = { views: [schoolAdmins, schools, sections, students, teachers], ofDistrict: true };
  return [
    ...eventRoutes(eventTableOf(version, told), withEvents),
    districtsRoute(districts, { parameters: ['count', 'where', 'page'] }),
    districtRoute(districts, ofDistrict),
    ...Object.entries(ofDistrict).map(([name, view]) => districtListRoute(name, view, LIST)),
    districtListRoute('admins', districtAdmins, bareAdmins),
    statusRoute(shapes.districtStatus),
    listRoute(schools, LIST),
    recordRoute(schools),
    districtOfRoute(schools, districts),
    ...Object.entries(ofSchool).map(([name, list]) => subListRoute(schools, name, list, LIST)),
    listRoute(sections, LIST),
    recordRoute(sections),
    districtOfRoute(sections, districts),
    referenceRoute(sections, 'school', { of: schools, idIn: inSection(({ school }) => school) }),
    referenceRoute(sections, 'teacher', { of: teachers, idIn: inSection(({ teacher }) => teacher) }),
    subListRoute(sections, 'students', { of: students, ids: studentsOfSection }, LIST),
    subListRoute(sections, 'teachers', { of: teachers, ids: teachersOfSection }, LIST),
    listRoute(students, LIST),
    recordRoute(students, includedInStudent),
    districtOfRoute(students, districts),
    referenceRoute(students, 'school', schoolOf('student')),
    subListRoute(students, 'sections', ofStudent.sections, LIST),
    subListRoute(students, 'teachers', ofStudent.teachers, LIST),
    subListRoute(students, 'contacts', ofStudent.contacts, { ...LIST, bare: 'always' }),
    listRoute(teachers, LIST),
    recordRoute(teachers, includedInTeacher),
    districtOfRoute(teachers, districts),
    referenceRoute(teachers, 'school', schoolOf('teacher')),
    subListRoute(teachers, 'sections', ofTeacher.sections, LIST),
    subListRoute(teachers, 'students', ofTeacher.students, LIST),
    gradeLevelsRoute(teachers, EARLY_GRADE),
    // Recorded: these lists tell no paging.
    listRoute(schoolAdmins, { ...LIST, hasPaging: false }),
    recordRoute(schoolAdmins, ofSchoolAdmin),
    subListRoute(schoolAdmins, 'schools', ofSchoolAdmin.schools, LIST),
    listRoute(districtAdmins, { parameters: ['where', 'sort', 'page', 'show_links'], bare: 'by-default' }),
    recordRoute(districtAdmins),
    listRoute(contacts, LIST),
    recordRoute(contacts),
    districtOfRoute(contacts, districts),
    referenceRoute(contacts, 'student', { of: students, idIn: firstStudent }),
    meRoute(districts),
  ];
}

export const V1_1: VersionTable = { version: 'v1.1', routes: routesOf('v1.1', SHAPES_V1_1) };
export const V1_2: VersionTable = { version: 'v1.2', routes: routesOf('v1.2', SHAPES_V1_2) };
