import type { TableShape } from '../csv/header.js';

/** The columns that say who a contact is, in students.csv and in contacts.csv alike. */
const CONTACT_COLUMNS = [
  'Contact_sis_id',
  'Contact_name',
  'Contact_type',
  'Contact_relationship',
  'Contact_phone',
  'Contact_phone_type',
  'Contact_email',
] as const;

/** Where a section names its teachers, the primary one first. */
export const TEACHER_COLUMNS = [
  'Teacher_id',
  'Teacher_2_id',
  'Teacher_3_id',
  'Teacher_4_id',
  'Teacher_5_id',
  'Teacher_6_id',
  'Teacher_7_id',
  'Teacher_8_id',
  'Teacher_9_id',
  'Teacher_10_id',
] as const;

/** The columns of Clever's SFTP files. `Password` stands among the ignored: it is never asked for, so never read. */
export const SCHOOLS = shape({
  file: 'schools.csv',
  read: [
    'School_id',
    'School_name',
    'School_number',
    'State_id',
    'Nces_id',
    'Mdr_number',
    'Low_grade',
    'High_grade',
    'Principal',
    'Principal_email',
    'School_address',
    'School_city',
    'School_state',
    'School_zip',
    'School_phone',
  ],
  required: ['School_id', 'School_name'],
  ignored: [],
});

export const STUDENTS = shape({
  file: 'students.csv',
  read: [
    'School_id',
    'Student_id',
    'Student_number',
    'State_id',
    'First_name',
    'Middle_name',
    'Last_name',
    'Preferred_first_name',
    'Preferred_middle_name',
    'Preferred_last_name',
    'Grade',
    'Graduation_year',
    'Gender',
    'Dob',
    'Race',
    'Hispanic_Latino',
    'Home_language',
    'Home_language_code',
    'Ell_status',
    'Frl_status',
    'Iep_status',
    'Gifted_status',
    'Section_504_status',
    'Student_street',
    'Student_address',
    'Student_city',
    'Student_state',
    'Student_zip',
    'Student_email',
    'Username',
    ...CONTACT_COLUMNS,
  ],
  required: ['School_id', 'Student_id', 'First_name', 'Last_name'],
  ignored: ['Password', 'Unweighted_gpa', 'Weighted_gpa'],
});

/** A file of ours: the contacts of students.csv, one row each, for those who would rather not repeat their students. */
export const CONTACTS = shape({
  file: 'contacts.csv',
  read: ['Student_id', ...CONTACT_COLUMNS],
  required: ['Student_id'],
  ignored: [],
});

export const TEACHERS = shape({
  file: 'teachers.csv',
  read: [
    'School_id',
    'Teacher_id',
    'Teacher_number',
    'State_teacher_id',
    'First_name',
    'Middle_name',
    'Last_name',
    'Teacher_email',
    'Title',
    'Username',
  ],
  required: ['School_id', 'Teacher_id', 'First_name', 'Last_name'],
  ignored: ['Password'],
});

export const STAFF = shape({
  file: 'staff.csv',
  read: [
    'School_id',
    'Staff_id',
    'First_name',
    'Middle_name',
    'Last_name',
    'Staff_email',
    'Title',
    'Department',
    'Username',
  ],
  required: ['School_id', 'Staff_id', 'First_name', 'Last_name'],
  ignored: ['Password', 'Role'],
});

export const SECTIONS = shape({
  file: 'sections.csv',
  read: [
    'School_id',
    'Section_id',
    ...TEACHER_COLUMNS,
    'Name',
    'Section_number',
    'Grade',
    'Course_name',
    'Course_number',
    'Period',
    'Subject',
    'Term_name',
    'Term_start',
    'Term_end',
  ],
  required: ['School_id', 'Section_id', 'Teacher_id'],
  ignored: ['Course_description'],
});

export const ENROLLMENTS = shape({
  file: 'enrollments.csv',
  read: ['Section_id', 'Student_id'],
  required: ['Section_id', 'Student_id'],
  ignored: ['School_id'],
});

/** The files without which there is no roster. */
export const REQUIRED_FILES = [SCHOOLS, STUDENTS, TEACHERS, SECTIONS, ENROLLMENTS].map(({ file }) => file);

/** An older file, in whose place Clever put staff.csv. */
export const FORMER_FILE = 'admins.csv';

function shape<Column extends string>(of: Omit<TableShape<Column>, 'isLoose'>): TableShape<Column> {
  return { ...of, isLoose: true };
}
