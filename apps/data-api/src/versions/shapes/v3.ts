import { CONTACT_RELATIONSHIPS, CONTACT_TYPES, GRADES, PHONE_TYPES, RACES, SUBJECTS } from '@hallpass/domain';
import {
  date,
  flag,
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
import { IDENTIFIED, credentials, location, name, principal } from './common.js';

const yesOrNo = oneOf(['Y', 'N', '']);
const grade = oneOf([...GRADES, '']);

/** The shapes of one version of the third generation. */
export interface ShapesV3 {
  district: ObjectShape;
  school: ObjectShape;
  term: ObjectShape;
  course: ObjectShape;
  section: ObjectShape;
  user: ObjectShape;
  resource: ObjectShape;
}

const contact = object('Contact', {
  legacy_id: id,
  phone: text,
  phone_type: oneOf([...PHONE_TYPES, '']),
  sis_id: text,
  student_relationships: list(
    object('StudentRelationship', {
      relationship: oneOf([...CONTACT_RELATIONSHIPS, '']),
      student: id,
      type: oneOf([...CONTACT_TYPES, '']),
    }),
  ),
});

const staff = object('Staff', {
  credentials,
  department: text,
  ext: open,
  legacy_id: id,
  roles: list(text),
  schools: list(id),
  staff_id: text,
  title: text,
});

const student = object('Student', {
  credentials,
  disability: object('Disability', {
    disability_code: text,
    disability_status: yesOrNo,
    disability_type: text,
  }),
  dob: text,
  ell_status: yesOrNo,
  enrollments: list(object('SchoolEnrollment', { end_date: date, school: id, start_date: date })),
  ext: open,
  frl_status: oneOf(['Free', 'Reduced', 'Paid', 'Other', '']),
  gender: oneOf(['M', 'F', 'X', '']),
  gifted_status: yesOrNo,
  grade,
  graduation_year: text,
  hispanic_ethnicity: yesOrNo,
  home_language: text,
  home_language_code: text,
  iep_status: text,
  legacy_id: id,
  location,
  preferred_name: object('PreferredName', { first: text, last: text, middle: text }),
  race: oneOf([...RACES, '']),
  school: id,
  schools: list(id),
  section_504_status: yesOrNo,
  sis_id: text,
  state_id: text,
  student_number: text,
});

const teacher = object('Teacher', {
  credentials,
  ext: open,
  legacy_id: id,
  school: id,
  schools: list(id),
  sis_id: text,
  state_id: text,
  teacher_number: text,
  title: text,
});

const districtAdmin = object('DistrictAdmin', { legacy_id: id, title: text });

const user = object(
  'User',
  {
    created: time,
    district: id,
    email: text,
    id,
    last_modified: time,
    lms_status: object('LmsStatus', { synced_in_lms: flag }),
    name,
    roles: object('Roles', { contact, district_admin: districtAdmin, staff, student, teacher }),
  },
  [...IDENTIFIED, 'roles'],
);

export const SHAPES_V3_1: ShapesV3 = {
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
  term: object(
    'Term',
    { created: time, district: id, end_date: date, id, last_modified: time, name: text, start_date: date },
    IDENTIFIED,
  ),
  course: object(
    'Course',
    { created: time, district: id, id, last_modified: time, name: text, number: text },
    IDENTIFIED,
  ),
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
      lms_status: object('LmsStatus', { synced_in_lms: flag }),
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
  user,
  resource: object(
    'Resource',
    {
      created: time,
      district: id,
      id,
      resource_id: text,
      roles: list(oneOf(['teacher', 'student'])),
      title: text,
      updated: time,
    },
    IDENTIFIED,
  ),
};

/** What came with v3.1: of a student, and of the two kinds that are matched with a learning platform. */
export const NEW_IN_V3_1 = {
  student: [
    'disability',
    'frl_status',
    'gifted_status',
    'home_language',
    'home_language_code',
    'iep_status',
    'preferred_name',
    'section_504_status',
  ],
  any: ['lms_status'],
} as const;

export const SHAPES_V3_0: ShapesV3 = {
  ...SHAPES_V3_1,
  section: without(SHAPES_V3_1.section, ...NEW_IN_V3_1.any),
  user: withFields(without(user, ...NEW_IN_V3_1.any), {
    roles: object('Roles', {
      contact,
      district_admin: districtAdmin,
      staff,
      student: without(student, ...NEW_IN_V3_1.student),
      teacher,
    }),
  }),
};
