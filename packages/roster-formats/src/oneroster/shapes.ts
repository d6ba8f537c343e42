import type { TableShape } from '../csv/header.js';

/** The columns of OneRoster 1.1 CSV. `password` stands among the ignored: it is never asked for, so never read. */
export const ORGS = shape({
  file: 'orgs.csv',
  read: ['sourcedId', 'status', 'name', 'type', 'identifier'],
  required: ['sourcedId', 'name', 'type'],
  ignored: ['dateLastModified', 'parentSourcedId'],
});

export const SESSIONS = shape({
  file: 'academicSessions.csv',
  read: ['sourcedId', 'status', 'title', 'startDate', 'endDate'],
  required: ['sourcedId', 'title', 'startDate', 'endDate'],
  ignored: ['dateLastModified', 'type', 'parentSourcedId', 'schoolYear'],
});

export const COURSES = shape({
  file: 'courses.csv',
  read: ['sourcedId', 'status', 'title', 'courseCode', 'subjects'],
  required: ['sourcedId', 'title'],
  ignored: ['dateLastModified', 'schoolYearSourcedId', 'grades', 'orgSourcedId', 'subjectCodes'],
});

export const CLASSES = shape({
  file: 'classes.csv',
  read: [
    'sourcedId',
    'status',
    'title',
    'grades',
    'courseSourcedId',
    'classCode',
    'classType',
    'schoolSourcedId',
    'termSourcedIds',
    'subjects',
    'periods',
  ],
  required: ['sourcedId', 'title', 'schoolSourcedId'],
  ignored: ['dateLastModified', 'location', 'subjectCodes'],
});

export const USERS = shape({
  file: 'users.csv',
  read: [
    'sourcedId',
    'status',
    'orgSourcedIds',
    'role',
    'username',
    'givenName',
    'familyName',
    'middleName',
    'identifier',
    'email',
    'sms',
    'phone',
    'agentSourcedIds',
    'grades',
  ],
  required: ['sourcedId', 'orgSourcedIds', 'role', 'givenName', 'familyName'],
  ignored: ['dateLastModified', 'enabledUser', 'userIds', 'password'],
});

export const DEMOGRAPHICS = shape({
  file: 'demographics.csv',
  read: [
    'sourcedId',
    'status',
    'birthDate',
    'sex',
    'americanIndianOrAlaskaNative',
    'asian',
    'blackOrAfricanAmerican',
    'nativeHawaiianOrOtherPacificIslander',
    'white',
    'demographicRaceTwoOrMoreRaces',
    'hispanicOrLatinoEthnicity',
  ],
  required: ['sourcedId'],
  ignored: [
    'dateLastModified',
    'countryOfBirthCode',
    'stateOfBirthAbbreviation',
    'cityOfBirth',
    'publicSchoolResidenceStatus',
  ],
});

export const ENROLLMENTS = shape({
  file: 'enrollments.csv',
  read: ['sourcedId', 'status', 'classSourcedId', 'userSourcedId', 'role', 'primary', 'beginDate', 'endDate'],
  required: ['sourcedId', 'classSourcedId', 'userSourcedId', 'role'],
  ignored: ['dateLastModified', 'schoolSourcedId'],
});

export const RESOURCES = shape({
  file: 'resources.csv',
  read: ['sourcedId', 'status', 'vendorResourceId', 'title', 'roles'],
  required: ['sourcedId', 'vendorResourceId'],
  ignored: ['dateLastModified', 'importance', 'vendorId', 'applicationId'],
});

export const CLASS_RESOURCES = shape({
  file: 'classResources.csv',
  read: ['sourcedId', 'status', 'classSourcedId', 'resourceSourcedId'],
  required: ['sourcedId', 'classSourcedId', 'resourceSourcedId'],
  ignored: ['dateLastModified', 'title'],
});

export const COURSE_RESOURCES = shape({
  file: 'courseResources.csv',
  read: ['sourcedId', 'status', 'courseSourcedId', 'resourceSourcedId'],
  required: ['sourcedId', 'courseSourcedId', 'resourceSourcedId'],
  ignored: ['dateLastModified', 'title'],
});

export const MANIFEST = shape({
  file: 'manifest.csv',
  read: ['propertyName', 'value'],
  required: ['propertyName', 'value'],
  ignored: [],
});

/** The files without which there is no roster. */
export const REQUIRED_FILES = [ORGS, SESSIONS, COURSES, CLASSES, USERS, ENROLLMENTS].map(({ file }) => file);

/** Those that are the district's to give. */
export const OPTIONAL_FILES = [DEMOGRAPHICS, RESOURCES, CLASS_RESOURCES, COURSE_RESOURCES].map(
  ({ file }) => file,
);

function shape<Column extends string>(of: TableShape<Column>): TableShape<Column> {
  return of;
}
