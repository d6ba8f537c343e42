import { describe, expect, it } from '@jest/globals';
import { ProblemList } from '@hallpass/domain';
import { readRoster } from '../src/index.js';
import { addedClever, CLEVER, editedClever, readClever } from './clever-fixtures.js';
import { aSource, briefly, idsOf, recordOf } from './fixtures.js';

describe('a Clever roster without faults', () => {
  it('is told by its files', async () => {
    const reading = await readRoster(aSource(CLEVER), {
      problems: new ProblemList(),
      previous: async () => new Set(),
    });
    expect([reading?.format, reading?.keepsRelated]).toEqual(['clever-csv', true]);
  });

  it('yields schools, terms, courses, users and sections, in this order, and no problem', async () => {
    const outcome = await readClever();
    expect(outcome.problems.listed).toEqual([]);
    expect(outcome.records.map(({ kind, sourceId }) => `${kind} ${sourceId}`)).toEqual([
      'school s1',
      'school s2',
      'term Fall/2026-08-17/2026-12-18',
      'course ALG/Algebra',
      'user student:1',
      'user student:2',
      'user teacher:1',
      'user teacher:2',
      'user staff:1',
      'user contact:mail:anne@example.com',
      'user contact:named:george byron/5550100102',
      'section k1',
      'section k2',
    ]);
  });

  it('gives every field of a school its place', async () => {
    expect(recordOf(await readClever(), 'school', 's1')).toEqual({
      kind: 'school',
      sourceId: 's1',
      name: 'Oak School',
      schoolNumber: '101',
      stateId: 'ST1',
      ncesId: 'NC1',
      lowGrade: '9',
      highGrade: '12',
      phone: '555-0100',
      principal: { name: 'P. Oak', email: 'oak@example.com' },
      location: { address: '1 Oak St', city: 'Elm', state: 'NY', zip: '10001' },
    });
    expect(recordOf(await readClever(), 'school', 's2')).toEqual({
      kind: 'school',
      sourceId: 's2',
      name: 'Elm School',
      schoolNumber: '102',
    });
  });

  it('gives every field of a person its place', async () => {
    const outcome = await readClever();
    expect(recordOf(outcome, 'user', 'student:1')).toEqual({
      kind: 'user',
      sourceId: 'student:1',
      sisId: '1',
      name: { first: 'Ada', middle: 'King', last: 'Lovelace' },
      email: 'ada@example.com',
      roles: {
        student: {
          schools: ['s1', 's2'],
          studentNumber: '9001',
          stateId: 'ST9',
          username: 'ada.l',
          grade: '9',
          dob: '2012-05-06',
          gender: 'F',
          race: 'Asian',
          hispanicEthnicity: 'N',
          ellStatus: 'Y',
          frlStatus: 'Reduced',
          iepStatus: 'N',
          homeLanguage: 'Spanish',
          location: { address: '2 Elm St', city: 'Elm', state: 'NY', zip: '10002' },
        },
      },
    });
    expect(recordOf(outcome, 'user', 'student:2')?.roles).toEqual({ student: { schools: ['s2'] } });
    expect(recordOf(outcome, 'user', 'teacher:1')).toEqual({
      kind: 'user',
      sourceId: 'teacher:1',
      sisId: '1',
      name: { first: 'Grace', middle: 'B', last: 'Hopper' },
      email: 'grace@example.com',
      roles: {
        teacher: {
          schools: ['s1'],
          teacherNumber: 'T1',
          stateId: 'ST1',
          username: 'grace.h',
          title: 'Teacher',
        },
      },
    });
    expect(recordOf(outcome, 'user', 'staff:1')?.roles).toEqual({
      staff: { schools: ['s1'], staffId: '1', title: 'Registrar', department: 'Office', username: 'carla' },
    });
  });

  it('gives every field of a section its place, and the first teacher the first', async () => {
    expect(recordOf(await readClever(), 'section', 'k1')).toEqual({
      kind: 'section',
      sourceId: 'k1',
      name: 'Algebra A',
      school: 's1',
      course: 'ALG/Algebra',
      term: 'Fall/2026-08-17/2026-12-18',
      sectionNumber: 'ALG-1',
      period: '3',
      grade: '9',
      subject: 'math',
      teachers: ['teacher:1', 'teacher:2'],
      students: ['student:1'],
    });
  });

  it('reads what the later columns of the format say of a student', async () => {
    const header =
      'School_id,Student_id,First_name,Last_name,Preferred_first_name,Preferred_last_name,Gifted_status,Section_504_status,Home_language_code,Graduation_year';
    const outcome = await readClever({
      'students.csv': `${header}\ns1,1,Ada,Lovelace,Addie,L,Y,no,spa,2030\ns2,2,Alan,Turing,,,,,,\n`,
    });
    expect(recordOf(outcome, 'user', 'student:1')?.roles.student).toMatchObject({
      preferredName: { first: 'Addie', last: 'L' },
      giftedStatus: 'Y',
      section504Status: 'N',
      homeLanguageCode: 'spa',
      graduationYear: '2030',
    });
    expect(outcome.problems.listed).toEqual([]);
  });

  it('never yields a password', async () => {
    const { records, problems } = await readClever();
    expect(JSON.stringify([records, problems.listed])).not.toContain('Secret99');
  });
});

describe('headers', () => {
  it.each([
    ['lower case', (header: string) => header.toLowerCase()],
    ['upper case', (header: string) => header.toUpperCase()],
    ['spaces', (header: string) => header.replaceAll('_', ' ')],
  ])('in %s are read without a word', async (_, change) => {
    const files = Object.entries(CLEVER).map(([file, text]) => {
      const [header, ...rows] = text.split('\n');
      return [file, [change(header!), ...rows].join('\n')];
    });
    const outcome = await readClever(Object.fromEntries(files) as Record<string, string>);
    expect(outcome.problems.listed).toEqual([]);
    expect(outcome.records).toEqual((await readClever()).records);
  });

  it('in another order, and without the columns that need not be there, are read without a word', async () => {
    const teachers = 'Last_name,First_name,Teacher_id,School_id\nHopper,Grace,1,s1\nJackson,Mary,2,s1\n';
    const outcome = await readClever({ 'teachers.csv': teachers });
    expect(outcome.problems.listed).toEqual([]);
    expect(recordOf(outcome, 'user', 'teacher:1')?.name).toEqual({ first: 'Grace', last: 'Hopper' });
  });

  it('with an unknown column say so once, and an extension column is passed over', async () => {
    const { problems } = await readClever({
      'enrollments.csv': 'Section_id,Student_id,Shoe_size,ext.hat\nk1,1,9,8\nk2,1,9,8\n',
    });
    expect(briefly(problems)).toEqual(['repaired header-unknown-column enrollments.csv:1 Shoe_size']);
  });

  it.each([
    ['schools.csv', 'School_name'],
    ['students.csv', 'Student_id'],
    ['teachers.csv', 'Teacher_id'],
    ['sections.csv', 'Section_id'],
    ['enrollments.csv', 'Student_id'],
    ['staff.csv', 'Staff_id'],
  ])('%s without %s: refused', async (file, column) => {
    const { problems, isRead } = await readClever(editedClever(file, column, 'Shoe_size'));
    expect([isRead, briefly(problems)]).toEqual([
      false,
      [`refused header-missing-column ${file}:1 ${column}`],
    ]);
  });
});

describe('teachers and staff', () => {
  const staffRow = (id: string, email: string) => `s2,${id},${email},Grace,Hopper,Maths,Head,,,`;

  it('of one id are two people', async () => {
    expect(recordOf(await readClever(), 'user', 'teacher:1')?.roles.staff).toBeUndefined();
  });

  it('of one id and e-mail are one person with both roles', async () => {
    const staff = CLEVER['staff.csv']!.split('\n')[0]! + `\n${staffRow('1', 'Grace@Example.com')}\n`;
    const outcome = await readClever({ 'staff.csv': staff });
    expect(idsOf(outcome, 'user')).not.toContain('staff:1');
    expect(recordOf(outcome, 'user', 'teacher:1')?.roles).toEqual({
      teacher: expect.objectContaining({ schools: ['s1'] }),
      staff: { schools: ['s2'], staffId: '1', title: 'Head', department: 'Maths' },
    });
  });

  it('of one e-mail alone are two people', async () => {
    const outcome = await readClever(addedClever('staff.csv', staffRow('7', 'grace@example.com')));
    expect(idsOf(outcome, 'user')).toEqual(expect.arrayContaining(['staff:7', 'teacher:1']));
  });

  it('may have a row for each school', async () => {
    const outcome = await readClever({
      ...addedClever('teachers.csv', 's2,1,T1,ST1,Hopper,B,Grace,grace@example.com,Teacher,grace.h,Secret99'),
      ...addedClever('staff.csv', 's2,1,carla@example.com,Carla,Clerk,Office,Registrar,carla,Secret99,'),
    });
    expect(outcome.problems.listed).toEqual([]);
    expect(recordOf(outcome, 'user', 'teacher:1')?.roles.teacher?.schools).toEqual(['s1', 's2']);
    expect(recordOf(outcome, 'user', 'staff:1')?.roles.staff?.schools).toEqual(['s1', 's2']);
  });

  it('need no file of staff', async () => {
    const outcome = await readClever({ 'staff.csv': undefined });
    expect(outcome.problems.listed).toEqual([]);
    expect(idsOf(outcome, 'user')).not.toContain('staff:1');
  });
});

describe('sections', () => {
  it('have up to ten teachers, each once', async () => {
    const ids = Array.from({ length: 10 }, (_, at) => `${at + 1}`);
    const columns = ids.map((id) => (id === '1' ? 'Teacher_id' : `Teacher_${id}_id`));
    const teachers = ids.map((id) => `s1,${id},Last${id},First`).join('\n');
    const outcome = await readClever({
      'teachers.csv': `School_id,Teacher_id,Last_name,First_name\n${teachers}\n`,
      'sections.csv': `School_id,Section_id,Name,Term_name,${columns.join(',')}\ns1,k1,A,Fall,${ids.toReversed().join(',')}\ns2,k2,B,Fall,3,3,4,,,,,,,\n`,
    });
    expect(outcome.problems.listed).toEqual([]);
    expect(recordOf(outcome, 'section', 'k1')?.teachers).toEqual(
      ids.toReversed().map((id) => `teacher:${id}`),
    );
    expect(recordOf(outcome, 'section', 'k2')?.teachers).toEqual(['teacher:3', 'teacher:4']);
    expect(recordOf(outcome, 'user', 'teacher:3')?.roles.teacher?.schools).toEqual(['s1', 's2']);
  });

  it('are called by their course where they have no name', async () => {
    expect(recordOf(await readClever(), 'section', 'k2')?.name).toBe('Algebra');
  });

  it('share a course of one number and name, and a term of one name and days', async () => {
    const row = (id: string, course: string, term: string) => `s1,${id},1,,,N,,,${course},,,,${term}`;
    const fall = 'Fall,2026-08-17,2026-12-18';
    const outcome = await readClever(
      addedClever(
        'sections.csv',
        row('k3', 'Algebra,ALG', fall),
        row('k4', 'Algebra,ALG2', 'Fall,2026-08-17,2026-12-19'),
        row('k5', ',', 'Year,,'),
        row('k6', 'A/B,C%2F', fall),
        row('k7', 'B,C%2F/A', fall),
      ),
    );
    expect(outcome.problems.listed).toEqual([]);
    const courses = outcome.records.filter((record) => record.kind === 'course');
    expect(courses.map(({ number, name }) => [number, name])).toEqual([
      ['ALG', 'Algebra'],
      ['ALG2', 'Algebra'],
      ['C%2F', 'A/B'],
      ['C%2F/A', 'B'],
    ]);
    expect(new Set(courses.map(({ sourceId }) => sourceId)).size).toBe(4);
    expect(recordOf(outcome, 'section', 'k3')?.course).toBe(recordOf(outcome, 'section', 'k1')?.course);
    expect(recordOf(outcome, 'section', 'k5')?.course).toBeUndefined();
    expect(outcome.records.filter((record) => record.kind === 'term')).toEqual([
      expect.objectContaining({ name: 'Fall', startDate: '2026-08-17', endDate: '2026-12-18' }),
      expect.objectContaining({ name: 'Fall', startDate: '2026-08-17', endDate: '2026-12-19' }),
      { kind: 'term', sourceId: 'Year//', name: 'Year' },
    ]);
  });
});
