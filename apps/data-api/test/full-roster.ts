import type { SourceRecord } from '@hallpass/domain';

const location = {
  address: '1 Elm St',
  city: 'Alder',
  state: 'OR',
  zip: '97001',
  lat: '45.1',
  lon: '-122.1',
};

/** A roster in which every field is given, in values that older versions do not know where there are such. */
export function fullRoster(): SourceRecord[] {
  return [
    {
      kind: 'school',
      sourceId: 'A',
      name: 'Alder School',
      schoolNumber: '7',
      stateId: 'OR-7',
      ncesId: '410001',
      mdrNumber: '00123',
      lowGrade: 'TransitionalKindergarten',
      highGrade: '13',
      phone: '(555) 555-0101',
      principal: { name: 'Paula Poe', email: 'poe@alder.example' },
      location,
    },
    { kind: 'school', sourceId: 'B', name: 'Birch School' },
    { kind: 'term', sourceId: 'T', name: 'Fall', startDate: '2026-08-15', endDate: '2026-12-20' },
    { kind: 'course', sourceId: 'math', name: 'Math', number: 'M1' },
    {
      kind: 'user',
      sourceId: 's1',
      name: { first: 'Sam', middle: 'Q', last: 'Student' },
      email: 'sam@alder.example',
      roles: {
        student: {
          schools: ['A', 'B'],
          studentNumber: '42',
          stateId: 'OR-42',
          username: 'sam',
          grade: '13',
          graduationYear: '2027',
          dob: '2008-02-03',
          gender: 'X',
          race: 'Asian',
          hispanicEthnicity: 'N',
          ellStatus: 'Y',
          location,
        },
      },
    },
    {
      kind: 'user',
      sourceId: 's2',
      name: { first: 'Sue', last: 'Student' },
      roles: { student: { schools: ['B'], grade: 'Preschool', gender: 'F' } },
    },
    {
      kind: 'user',
      sourceId: 't1',
      name: { first: 'Ann', middle: 'B', last: 'Alder' },
      email: 'ann@alder.example',
      roles: {
        teacher: { schools: ['A', 'B'], teacherNumber: '9', stateId: 'OR-9', username: 'ann', title: 'Ms' },
        // At school B she is staff as well, and there only.
        staff: { schools: ['B'], staffId: 'st-9', title: 'Head', department: 'Maths', username: 'ann.b' },
      },
    },
    {
      kind: 'user',
      sourceId: 't2',
      name: { first: 'Tom', last: 'Birch' },
      roles: { teacher: { schools: ['B'] }, staff: { schools: ['A'] } },
    },
    {
      kind: 'user',
      sourceId: 'p1',
      name: { first: 'Pat', middle: 'R', last: 'Pine' },
      email: 'pat@pine.example',
      roles: {
        contact: {
          phone: '(555) 555-0102',
          phoneType: 'Cell',
          relationships: [
            { student: 's1', relationship: 'Grandparent', type: 'Family' },
            { student: 's2', relationship: 'Parent', type: 'Parent/Guardian' },
          ],
        },
      },
    },
    {
      kind: 'user',
      sourceId: 'd1',
      name: { first: 'Dee', middle: 'M', last: 'Oak' },
      email: 'dee@alder.example',
      roles: { districtAdmin: { title: 'IT' } },
    },
    {
      kind: 'section',
      sourceId: 'sec',
      name: 'Math 1',
      school: 'A',
      course: 'math',
      term: 'T',
      sectionNumber: '11',
      period: '3',
      grade: 'Ungraded',
      subject: 'math',
      teachers: ['t1', 't2'],
      students: ['s1'],
    },
    {
      kind: 'section',
      sourceId: 'sec-3',
      name: 'Art 3',
      school: 'B',
      grade: '3',
      subject: 'arts and music',
      teachers: ['t1'],
      students: ['s2'],
    },
  ];
}
