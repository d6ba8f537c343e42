import { RACES, SUBJECTS } from '@hallpass/domain';
import {
  date,
  id,
  list,
  object,
  oneOf,
  text,
  time,
  withFields,
  without,
  type ObjectShape,
} from '../shape.js';
import { IDENTIFIED, credentials, location, name, principal } from './common.js';
import { EARLY_GRADE } from './early-grade.js';

const yesOrNo = oneOf(['Y', 'N', '']);

/** The shapes of one version of the first generation. */
export interface ShapesV1 {
  district: ObjectShape;
  districtStatus: ObjectShape;
  school: ObjectShape;
  section: ObjectShape;
  student: ObjectShape;
  teacher: ObjectShape;
  schoolAdmin: ObjectShape;
  districtAdmin: ObjectShape;
  contact: ObjectShape;
}

export const SHAPES_V1_2: ShapesV1 = {
  district: object('District', { id, name: text }, ['id', 'name']),
  districtStatus: object(
    'DistrictStatus',
    { id, last_sync: time, state: oneOf(['running', 'pending', 'error', 'paused']) },
    ['id', 'state'],
  ),
  school: object(
    'School',
    {
      created: time,
      district: id,
      high_grade: EARLY_GRADE,
      id,
      last_modified: time,
      location,
      low_grade: EARLY_GRADE,
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
  section: object(
    'Section',
    {
      course_name: text,
      course_number: text,
      created: time,
      district: id,
      grade: EARLY_GRADE,
      id,
      last_modified: time,
      name: text,
      period: text,
      school: id,
      section_number: text,
      sis_id: text,
      students: list(id),
      subject: oneOf(SUBJECTS),
      teacher: id,
      teachers: list(id),
      term: object('Term', { end_date: date, name: text, start_date: date }),
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
      gender: oneOf(['M', 'F', '']),
      grade: EARLY_GRADE,
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
      district: id,
      email: text,
      id,
      name,
      schools: list(id),
      staff_id: text,
      title: text,
    },
    IDENTIFIED,
  ),
  districtAdmin: object('DistrictAdmin', { district: id, email: text, id, name, title: text }, IDENTIFIED),
  contact: object(
    'StudentContact',
    {
      district: id,
      email: text,
      id,
      name: text,
      phone: text,
      phone_type: text,
      relationship: text,
      sis_id: text,
      student: id,
      type: text,
    },
    IDENTIFIED,
  ),
};

/** v1.1 knew one school of a person, no year of graduation, and no number of a contact. */
export const SHAPES_V1_1: ShapesV1 = {
  ...SHAPES_V1_2,
  districtStatus: withFields(SHAPES_V1_2.districtStatus, { state: oneOf(['running', 'pending', 'error']) }),
  student: without(SHAPES_V1_2.student, 'schools', 'graduation_year'),
  teacher: without(SHAPES_V1_2.teacher, 'schools'),
  contact: without(SHAPES_V1_2.contact, 'sis_id'),
};
