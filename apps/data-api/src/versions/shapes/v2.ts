import { CONTACT_RELATIONSHIPS, CONTACT_TYPES, GRADES, PHONE_TYPES, RACES, SUBJECTS } from '@hallpass/domain';
import {
  date,
  id,
  list,
  object,
  oneOf,
  open,
  text,
  time,
  withFields,
  without,
  type ObjectShape,
} from '../shape.js';
import { IDENTIFIED, adminName, credentials, location, name, principal } from './common.js';
import { EARLY_GRADE } from './early-grade.js';

const yesOrNo = oneOf(['Y', 'N', '']);
const grade = oneOf([...GRADES, '']);

/** The shapes of one version of the second generation. */
export interface ShapesV2 {
  district: ObjectShape;
  school: ObjectShape;
  term: ObjectShape;
  course: ObjectShape;
  section: ObjectShape;
  student: ObjectShape;
  teacher: ObjectShape;
  schoolAdmin: ObjectShape;
  districtAdmin: ObjectShape;
  contact: ObjectShape;
}

export const SHAPES_V2_1: ShapesV2 = {
  district: object('District', { id, last_sync: time, name: text, state: oneOf(['success', 'pending']) }, [
    'id',
    'name',
    'state',
  ]),
  school: object(
    'School',
    {
      created: time,
      district: id,
      ext: open,
      high_grade: grade,
      id,
      last_modified: time,
      location,
      low_grade: grade,
      mdr_number: text,
      name: text,
      nces_id: text,
      phone: text,
      principal,
      school_number: text,
      sis_id: text,
      state_id: text,
    },
    IDENTIFIED,
  ),
  term: object('Term', { district: id, end_date: date, id, name: text, start_date: date }, IDENTIFIED),
  course: object('Course', { district: id, id, name: text, number: text }, IDENTIFIED),
  section: object(
    'Section',
    {
      course: id,
      created: time,
      district: id,
      ext: open,
      grade,
      id,
      last_modified: time,
      name: text,
      period: text,
      school: id,
      section_number: text,
      sis_id: text,
      students: list(id),
      subject: oneOf([...SUBJECTS, '']),
      teacher: id,
      teachers: list(id),
      term_id: id,
    },
    IDENTIFIED,
  ),
  student: object(
    'Student',
    {
      created: time,
      credentials,
      district: id,
      dob: text,
      ell_status: yesOrNo,
      email: text,
      enrollments: list(object('SchoolEnrollment', { end_date: date, school: id, start_date: date })),
      ext: open,
      gender: oneOf(['M', 'F', 'X', '']),
      grade,
      graduation_year: text,
      hispanic_ethnicity: yesOrNo,
      id,
      last_modified: time,
      location,
      name,
      race: oneOf([...RACES, '']),
      school: id,
      schools: list(id),
      sis_id: text,
      state_id: text,
      student_number: text,
    },
    IDENTIFIED,
  ),
  teacher: object(
    'Teacher',
    {
      created: time,
      credentials,
      district: id,
      email: text,
      ext: open,
      id,
      last_modified: time,
      name,
      school: id,
      schools: list(id),
      sis_id: text,
      state_id: text,
      teacher_number: text,
      title: text,
    },
    IDENTIFIED,
  ),
  schoolAdmin: object(
    'SchoolAdmin',
    {
      credentials,
      department: text,
      district: id,
      email: text,
      ext: open,
      id,
      name: adminName,
      schools: list(id),
      staff_id: text,
      title: text,
    },
    IDENTIFIED,
  ),
  districtAdmin: object(
    'DistrictAdmin',
    { district: id, email: text, id, name: adminName, title: text },
    IDENTIFIED,
  ),
  contact: object(
    'Contact',
    {
      district: id,
      email: text,
      id,
      name: text,
      phone: text,
      phone_type: oneOf([...PHONE_TYPES, '']),
      relationship: oneOf([...CONTACT_RELATIONSHIPS, '']),
      sis_id: text,
      students: list(id),
      type: oneOf([...CONTACT_TYPES, '']),
    },
    IDENTIFIED,
  ),
};

const early = { grade: EARLY_GRADE };

/** v2.0 had the grades and genders of v1, and neither `ext` nor `enrollments`. */
export const SHAPES_V2_0: ShapesV2 = {
  ...SHAPES_V2_1,
  school: withFields(without(SHAPES_V2_1.school, 'ext'), {
    high_grade: EARLY_GRADE,
    low_grade: EARLY_GRADE,
  }),
  section: withFields(without(SHAPES_V2_1.section, 'ext'), early),
  student: withFields(without(SHAPES_V2_1.student, 'ext', 'enrollments'), {
    ...early,
    gender: oneOf(['M', 'F', '']),
  }),
  teacher: without(SHAPES_V2_1.teacher, 'ext'),
  schoolAdmin: without(SHAPES_V2_1.schoolAdmin, 'ext'),
};
