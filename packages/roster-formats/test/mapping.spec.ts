import { describe, expect, it } from '@jest/globals';
import { edited, idsOf, read, recordOf, ROSTER } from './fixtures.js';

describe('a OneRoster roster without faults', () => {
  it('yields schools, terms, courses, users, sections and resources, in this order, and no problem', async () => {
    const outcome = await read();
    expect(outcome.problems.listed).toEqual([]);
    expect(outcome.records.map(({ kind, sourceId }) => `${kind} ${sourceId}`)).toEqual([
      'school s1',
      'school s2',
      'term t1',
      'course c1',
      'user u1',
      'user u2',
      'user u3',
      'user g1',
      'section k1',
      'resource r1',
      'resource r2',
    ]);
  });

  it('gives every field its place', async () => {
    const outcome = await read();
    expect(recordOf(outcome, 'school', 's1')).toEqual({
      kind: 'school',
      sourceId: 's1',
      name: 'Oak School',
      schoolNumber: '101',
    });
    expect(recordOf(outcome, 'user', 'u1')).toEqual({
      kind: 'user',
      sourceId: 'u1',
      name: { first: 'Ada', last: 'Lovelace' },
      email: 'ada@students.alder.example',
      roles: {
        student: {
          schools: ['s1'],
          enrollments: [{ school: 's1', startDate: '2026-08-17', endDate: '2027-06-04' }],
          studentNumber: '9001',
          username: 'ada.l',
          grade: '9',
          dob: '2012-05-06',
          gender: 'F',
          race: 'Asian',
          hispanicEthnicity: 'Y',
        },
      },
    });
    expect(recordOf(outcome, 'user', 'u2')?.roles).toEqual({
      teacher: { schools: ['s1'], teacherNumber: 'T1' },
    });
    expect(recordOf(outcome, 'user', 'g1')?.roles).toEqual({
      contact: {
        phone: '555-0101',
        phoneType: 'Cell',
        relationships: [{ student: 'u1', relationship: 'Parent', type: 'Parent/Guardian' }],
      },
    });
    expect(recordOf(outcome, 'section', 'k1')).toEqual({
      kind: 'section',
      sourceId: 'k1',
      name: 'Algebra A',
      school: 's1',
      course: 'c1',
      term: 't1',
      sectionNumber: 'ALG-1',
      period: '3',
      grade: '9',
      subject: 'math',
      teachers: ['u2'],
      students: ['u1'],
    });
  });

  it('gives resources what they are assigned to', async () => {
    const outcome = await read();
    expect(recordOf(outcome, 'resource', 'r1')).toEqual({
      kind: 'resource',
      sourceId: 'r1',
      resourceId: 'V-1',
      title: 'Algebra book',
      roles: ['teacher', 'student'],
      courses: ['c1'],
      sections: ['k1'],
    });
    // Whom a class does not have is no role of a resource here.
    expect(recordOf(outcome, 'resource', 'r2')).toEqual({
      kind: 'resource',
      sourceId: 'r2',
      resourceId: 'V-2',
      roles: [],
      courses: ['c1'],
      sections: [],
    });
  });

  it('takes a resource without roles for everybody’s', async () => {
    const outcome = await read(edited('resources.csv', 'administrator', ''));
    expect(recordOf(outcome, 'resource', 'r2')?.roles).toEqual(['teacher', 'student']);
  });

  it('reads an assignment once, however often it stands there', async () => {
    const outcome = await read({ 'classResources.csv': `${ROSTER['classResources.csv']}x2,,k1,r1\n` });
    expect(recordOf(outcome, 'resource', 'r1')?.sections).toEqual(['k1']);
  });

  it('never yields a password', async () => {
    expect(JSON.stringify(await read())).not.toContain('Secret99');
  });
});

describe('roles', () => {
  it('an administrator of the district alone is a district admin', async () => {
    expect(recordOf(await read(), 'user', 'u3')?.roles).toEqual({ districtAdmin: {} });
  });

  it('an administrator of a school is staff', async () => {
    const outcome = await read(edited('users.csv', 'u3,,d1', 'u3,,s2'));
    expect(recordOf(outcome, 'user', 'u3')?.roles).toEqual({
      staff: { schools: ['s2'], title: 'Administrator' },
    });
  });

  it('an administrator who teaches a class is a teacher as well', async () => {
    const enrollments = `${ROSTER['enrollments.csv']}e3,,k1,u3,teacher,false,,\n`;
    const outcome = await read({ 'enrollments.csv': enrollments });
    expect(recordOf(outcome, 'user', 'u3')?.roles).toEqual({
      teacher: { schools: ['s1'] },
      districtAdmin: {},
    });
    expect(recordOf(outcome, 'section', 'k1')?.teachers).toEqual(['u2', 'u3']);
  });

  it('the primary teacher comes first, wherever its row stands', async () => {
    const enrollments = ROSTER['enrollments.csv']!.replace('e2', 'e3,,k1,u3,teacher,false,,\ne2');
    expect(recordOf(await read({ 'enrollments.csv': enrollments }), 'section', 'k1')?.teachers).toEqual([
      'u2',
      'u3',
    ]);
  });

  it('a pupil entered as a teacher of a class does not become one', async () => {
    const enrollments = `${ROSTER['enrollments.csv']}e3,,k1,u1,teacher,true,,\n`;
    const outcome = await read({ 'enrollments.csv': enrollments });
    expect(recordOf(outcome, 'user', 'u1')?.roles.teacher).toBeUndefined();
    expect(recordOf(outcome, 'section', 'k1')?.teachers).toEqual(['u2']);
    expect(outcome.problems.counts).toMatchObject([{ class: 'repaired', code: 'value-unknown', count: 1 }]);
  });

  it.each(['aide', 'proctor'])('%s is staff', async (role) => {
    const outcome = await read(edited('users.csv', 'administrator', role));
    expect(recordOf(outcome, 'user', 'u3')?.roles.staff).toBeDefined();
  });

  it.each([
    ['guardian', 'Other', 'Parent/Guardian'],
    ['parent', 'Parent', 'Parent/Guardian'],
    ['relative', 'Other', 'Family'],
  ])('%s is a contact', async (role, relationship, type) => {
    const outcome = await read(edited('users.csv', ',parent,', `,${role},`));
    expect(recordOf(outcome, 'user', 'g1')?.roles.contact?.relationships).toEqual([
      { student: 'u1', relationship, type },
    ]);
  });

  it.each([
    ['the student', ',u1,,\n', ',,,\n'],
    ['the guardian', ',g1,09', ',,09'],
  ])('a contact is known when only %s names the other', async (_, from, to) => {
    // Each edit takes away the other side's word.
    const outcome = await read(edited('users.csv', from, to));
    expect(recordOf(outcome, 'user', 'g1')?.roles.contact?.relationships).toHaveLength(1);
  });

  it('schools are those of the row, then those of classes', async () => {
    const outcome = await read(edited('users.csv', 'u1,,s1', 'u1,,s2'));
    expect(recordOf(outcome, 'user', 'u1')?.roles.student?.schools).toEqual(['s2', 's1']);
  });
});

describe('sections', () => {
  it.each([
    ['homeroom', 'k1,,Algebra A,09,c1,ALG-1,homeroom,s1', 'homeroom/advisory'],
    ['no course and no subject', 'k1,,Algebra A,09,,ALG-1,scheduled,s1', undefined],
  ])('the subject of %s', async (_, row, subject) => {
    const outcome = await read(edited('classes.csv', 'k1,,Algebra A,09,c1,ALG-1,scheduled,s1', row));
    expect(recordOf(outcome, 'section', 'k1')?.subject).toBe(subject);
  });

  it('several grades are Other', async () => {
    const outcome = await read(edited('classes.csv', 'A,09,c1', 'A,"09,10",c1'));
    expect(recordOf(outcome, 'section', 'k1')?.grade).toBe('Other');
    expect(outcome.problems.listed).toEqual([]);
  });

  it('the same person enrolled twice is there once', async () => {
    const enrollments = `${ROSTER['enrollments.csv']}e9,,k1,u1,student,,,\n`;
    expect(recordOf(await read({ 'enrollments.csv': enrollments }), 'section', 'k1')?.students).toEqual([
      'u1',
    ]);
  });
});

describe('enrollments of a student', () => {
  const classes = `${ROSTER['classes.csv']}k2,,Art,09,,ART,scheduled,s1,t1,,4\nk3,,Band,09,,BND,scheduled,s2,t1,,5\n`;
  const spansOf = async (...rows: string[]) => {
    const header = ROSTER['enrollments.csv']!.split('\n')[0];
    const text = [header, ...rows.map((row, i) => `e${i},,${row}`), ''].join('\n');
    const outcome = await read({ 'classes.csv': classes, 'enrollments.csv': text });
    return [recordOf(outcome, 'user', 'u1')?.roles.student?.enrollments, outcome.problems.counts.length];
  };

  it.each([
    ['no day: none', ['k1,u1,student,,,'], undefined],
    ['the day that is given', ['k1,u1,student,,2026-08-17,'], [{ school: 's1', startDate: '2026-08-17' }]],
    [
      'the earliest and the latest day at a school',
      [
        'k1,u1,student,,2026-08-17,2026-12-18',
        'k2,u1,student,,2026-08-10,2027-06-04',
        'k1,u1,student,,2026-09-01,',
      ],
      [{ school: 's1', startDate: '2026-08-10', endDate: '2027-06-04' }],
    ],
    [
      'each school its own',
      ['k1,u1,student,,2026-08-17,2026-12-18', 'k3,u1,student,,,2027-06-04'],
      [
        { school: 's1', startDate: '2026-08-17', endDate: '2026-12-18' },
        { school: 's2', endDate: '2027-06-04' },
      ],
    ],
    ['not those of others', ['k1,u1,student,,,', 'k1,u2,teacher,true,2026-08-17,'], undefined],
  ])('%s', async (_, rows, expected) => {
    expect(await spansOf(...rows)).toEqual([expected, 0]);
  });

  it('a day that cannot be read is reported and left out', async () => {
    expect(await spansOf('k1,u1,student,,soon,2027-06-04')).toEqual([
      [{ school: 's1', endDate: '2027-06-04' }],
      1,
    ]);
  });
});

describe('demographics', () => {
  it.each([
    ['male,false,true,false,false,false,false,false', { gender: 'M', race: 'Asian', hispanicEthnicity: 'N' }],
    ['other,false,true,false,false,true,false,', { gender: 'X', race: 'Two or More Races' }],
    [',false,false,false,false,false,true,', { race: 'Two or More Races' }],
    [',false,false,false,false,true,,', { race: 'Caucasian' }],
    [',,,,,,,', {}],
  ])('%s', async (cells, facts) => {
    const from = 'female,false,true,false,false,false,false,true';
    const outcome = await read(edited('demographics.csv', from, cells));
    const { dob, gender, race, hispanicEthnicity } = recordOf(outcome, 'user', 'u1')!.roles.student!;
    expect({ dob, gender, race, hispanicEthnicity }).toEqual({ dob: '2012-05-06', ...facts });
  });
});

describe('status', () => {
  it.each(['tobedeleted', 'ToBeDeleted'])('%s is as absent, without a problem', async (status) => {
    const outcome = await read(edited('users.csv', 'u1,,s1', `u1,${status},s1`));
    expect(idsOf(outcome, 'user')).toEqual(['u2', 'u3', 'g1']);
    expect(recordOf(outcome, 'section', 'k1')?.students).toEqual([]);
    expect(recordOf(outcome, 'user', 'g1')?.roles.contact?.relationships).toEqual([]);
    expect(outcome.problems.listed).toEqual([]);
  });

  it.each(['active', 'ACTIVE'])('%s is as blank', async (status) => {
    const outcome = await read(edited('users.csv', 'u1,,s1', `u1,${status},s1`));
    expect(idsOf(outcome, 'user')).toContain('u1');
    expect(outcome.problems.listed).toEqual([]);
  });
});
