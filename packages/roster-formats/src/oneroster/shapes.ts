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
  read: ['sourcedId', 'status', 'classSourcedId', 'userSourcedId', 'role', 'primary'],
  required: ['sourcedId', 'classSourcedId', 'userSourcedId', 'role'],
  ignored: ['dateLastModified', 'schoolSourcedId', 'beginDate', 'endDate'],
});

export const MANIFEST = shape({
  file: 'manifest.csv',
  read: ['propertyName', 'value'],
  required: ['propertyName', 'value'],
  ignored: [],
});

/** The files without which there is no roster; demographics are the district's to give. */
export const REQUIRED_FILES = [ORGS, SESSIONS, COURSES, CLASSES, USERS, ENROLLMENTS].map(({ file }) => file);

function shape<Column extends string>(of: TableShape<Column>): TableShape<Column> {
  return of;
}
