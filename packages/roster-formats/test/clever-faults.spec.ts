import { describe, expect, it } from '@jest/globals';
import { addedClever, CLEVER, editedClever, readClever } from './clever-fixtures.js';
import { aSource, briefly, idsOf, readSource, recordOf } from './fixtures.js';

describe('files', () => {
  it.each(['schools.csv', 'students.csv', 'teachers.csv', 'sections.csv', 'enrollments.csv'])(
    '%s missing: refused, and no reference to it is an alarm',
    async (file) => {
      const { problems, isRead } = await readClever({ [file]: undefined });
      expect([isRead, briefly(problems)]).toEqual([false, [`refused file-missing ${file}`]]);
    },
  );

  it('several missing: the report goes on to what is wrong with the others', async () => {
    const { problems } = await readClever({
      'students.csv': undefined,
      'enrollments.csv': undefined,
      ...editedClever('sections.csv', 's1,k1,1', 's1,k1,9'),
      ...addedClever('teachers.csv', 's1,,,,Nobody,,,,,,'),
    });
    expect(briefly(problems)).toEqual([
      'refused file-missing students.csv',
      'refused file-missing enrollments.csv',
      'skipped id-blank teachers.csv:4 Teacher_id',
      'repaired reference-unknown sections.csv:2 Teacher_id',
    ]);
  });

  it('a file refused for its header does not stop the report either', async () => {
    const { problems } = await readClever({
      ...editedClever('teachers.csv', 'Teacher_id', 'Shoe_size'),
      ...editedClever('enrollments.csv', 'k1,1', 'k9,1'),
    });
    expect(briefly(problems)).toEqual([
      'refused header-missing-column teachers.csv:1 Teacher_id',
      'repaired reference-unknown enrollments.csv:2 Section_id',
    ]);
  });

  it('admins.csv: not read, and it says what to send', async () => {
    const { problems, isRead } = await readClever({ 'admins.csv': 'Staff_id\n1\n' });
    expect([isRead, briefly(problems)]).toEqual([true, ['repaired file-ignored admins.csv']]);
    expect(problems.listed[0]?.mend).toContain('staff.csv');
  });

  it('neither format: refused, naming the files of both', async () => {
    const { problems, isRead } = await readSource(aSource({ 'pupils.csv': 'a\n' }));
    expect([isRead, briefly(problems)]).toEqual([false, ['refused format-unknown']]);
    expect(problems.listed[0]?.mend).toMatch(/orgs\.csv.*schools\.csv/);
  });

  it('files of Clever beside an orgs.csv: read as OneRoster', async () => {
    const { problems } = await readClever({ 'orgs.csv': 'sourcedId,name,type\n' });
    expect(briefly(problems)).toContain('refused file-missing users.csv');
  });

  it('files that change between the two passes: refused at the end of the records', async () => {
    for (const file of Object.keys(CLEVER).filter((each) => each !== 'enrollments.csv')) {
      let opened = 0;
      const source = {
        ...aSource(CLEVER),
        open: (name: string) => {
          const isChanged = name === file && opened++ > 0;
          const text = `${CLEVER[file]!.split('\n')[0]}\n`;
          return aSource(isChanged ? { [file]: text } : CLEVER).open(name);
        },
      };
      const { problems, isRead } = await readSource(source);
      expect([isRead, briefly(problems)]).toEqual([true, [`refused file-unreadable ${file}`]]);
    }
  });
});

describe('rows', () => {
  it.each([
    ['schools.csv', 's3,,,,,,,,,,,,,', 'skipped value-missing schools.csv:4 School_name'],
    ['schools.csv', ',Ash,,,,,,,,,,,,', 'skipped id-blank schools.csv:4 School_id'],
    ['schools.csv', 's1,Ash,,,,,,,,,,,,', 'skipped id-repeated schools.csv:4 School_id'],
    ['schools.csv', 's3,Ash', 'skipped row-wrong-width schools.csv:4'],
    ['teachers.csv', 's1,,,,A,,B,,,,', 'skipped id-blank teachers.csv:4 Teacher_id'],
    ['teachers.csv', 's2,1,,,Other,,Person,,,,', 'skipped id-repeated teachers.csv:4 Teacher_id'],
    ['teachers.csv', 's9,3,,,A,,B,,,,', 'repaired reference-unknown teachers.csv:4 School_id'],
    ['teachers.csv', ',3,,,A,,B,,,,', 'repaired value-missing teachers.csv:4 School_id'],
    ['staff.csv', 's1,1,x@example.com,Other,Person,,,,,', 'skipped id-repeated staff.csv:3 Staff_id'],
    ['sections.csv', 's1,k1,1,,,Other,,,,,,,,Fall,,', 'skipped id-repeated sections.csv:4 Section_id'],
    ['sections.csv', 's9,k3,1,,,Other,,,,,,,,Fall,,', 'skipped reference-unknown sections.csv:4 School_id'],
    ['sections.csv', ',k3,1,,,Other,,,,,,,,Fall,,', 'skipped reference-unknown sections.csv:4 School_id'],
    ['sections.csv', 's1,k3,,,,Other,,,,,,,,Fall,,', 'repaired teacher-missing sections.csv:4 Teacher_id'],
    ['sections.csv', 's1,k3,1,,,Other,,,,,,,,,,', 'repaired term-missing sections.csv:4 Term_name'],
    ['sections.csv', 's1,k3,1,,,,,,,,,,,Fall,,', 'repaired value-missing sections.csv:4 Name'],
    ['sections.csv', 's1,k3,1,9,,N,,,,,,,,Fall,,', 'repaired reference-unknown sections.csv:4 Teacher_2_id'],
    ['sections.csv', 's1,k3,1,,,N,,,,,,,,F,soon,', 'repaired value-malformed sections.csv:4 Term_start'],
    ['enrollments.csv', 's1,k9,1', 'repaired reference-unknown enrollments.csv:5 Section_id'],
    ['enrollments.csv', 's1,k1,9', 'repaired reference-unknown enrollments.csv:5 Student_id'],
    ['enrollments.csv', 's1,k1,', 'repaired value-missing enrollments.csv:5 Student_id'],
  ])('%s + %s', async (file, row, problem) => {
    const { problems, isRead } = await readClever(addedClever(file, row));
    expect([isRead, briefly(problems)]).toEqual([true, [problem]]);
  });

  it.each([
    ['Grade', ',9,F', ',99,F', 'grade-repaired', { grade: 'Other' }],
    ['Grade', ',9,F', ',Grade 1,F', 'grade-repaired', { grade: '1' }],
    ['Grade', ',9,F', ',blue,F', 'value-unknown', { grade: undefined }],
    ['Gender', '9,F,', '9,blue,', 'value-unknown', { gender: undefined }],
    ['Dob', '05/06/2012', '25/06/2012', 'value-malformed', { dob: '2012-06-25' }],
    ['Dob', '05/06/2012', 'May', 'value-malformed', { dob: undefined }],
    ['Race', 'Asian', 'Martian', 'value-unknown', { race: undefined }],
    ['Hispanic_Latino', 'Asian,N', 'Asian,perhaps', 'value-unknown', { hispanicEthnicity: undefined }],
    ['Frl_status', 'Reduced', 'perhaps', 'value-unknown', { frlStatus: undefined }],
  ])('a student whose %s was %j and is %j', async (column, from, to, code, fields) => {
    const text = CLEVER['students.csv']!.replaceAll(from, to);
    const outcome = await readClever({ 'students.csv': text });
    expect(briefly(outcome.problems)).toEqual([`repaired ${code} students.csv:2 ${column}`]);
    expect(recordOf(outcome, 'user', 'student:1')?.roles.student).toMatchObject(
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    );
  });

  it('a further row that says something else of its student: reported, and its contact read', async () => {
    const text = CLEVER['students.csv']!.replace(
      'NY,10002,ada@example.com,Grand',
      'NY,10009,ada@example.com,Grand',
    );
    const outcome = await readClever({ 'students.csv': text });
    expect(briefly(outcome.problems)).toEqual(['repaired id-repeated students.csv:3 Student_id']);
    expect(outcome.records).toEqual((await readClever()).records);
  });

  it('a further row of a student without a contact: reported', async () => {
    const row = CLEVER['students.csv']!.trimEnd().split('\n').at(-1)!;
    const { problems } = await readClever(addedClever('students.csv', row));
    expect(briefly(problems)).toEqual(['skipped id-repeated students.csv:5 Student_id']);
  });

  it.each(['8-Jun', '12-Sep', '5-Jan'])(
    'a section of grades %s has no single grade, and the report says to format the column as text',
    async (grade) => {
      const outcome = await readClever(editedClever('sections.csv', 'ALG-1,9,', `ALG-1,${grade},`));
      expect(recordOf(outcome, 'section', 'k1')?.grade).toBe('Other');
      const [problem] = outcome.problems.listed;
      expect(problem).toMatchObject({ code: 'grade-repaired', line: 2, column: 'Grade' });
      expect(problem?.message).toContain(grade);
      expect(problem?.mend).toContain('as text');
    },
  );

  it('CR alone ends lines: repaired, and lines are counted as they stand', async () => {
    const text = addedClever('sections.csv', 's1,k3,,,,Other,,,,,,,,Fall,,')['sections.csv']!;
    const { problems } = await readClever({ 'sections.csv': text.replaceAll('\n', '\r') });
    expect(briefly(problems)).toEqual([
      'repaired teacher-missing sections.csv:4 Teacher_id',
      'repaired line-ends-converted sections.csv:1',
    ]);
  });

  it('messages quote nothing personal, even when cells have slipped', async () => {
    const slipped =
      'Lovelace,Ada,2012-05-06,555-123-4567,ada@example.com,Byron,King,blue,pink,Ada,Byron,Ada,Ada,Ada,Ada,Ada,Byron,Byron,Byron,Byron,Byron,Byron,Byron,Byron,Byron,Byron,Byron,Byron,Secret99';
    const { problems } = await readClever({
      ...addedClever('students.csv', slipped),
      ...addedClever('enrollments.csv', 'Ada,Ada Lovelace,2012-05-06'),
      ...addedClever('teachers.csv', 'Byron,Ada,x,x,x,x,x,x,x,x,Secret99'),
      ...addedClever('sections.csv', 'Ada Lovelace,k3,Ada Lovelace,555-123-4567,,x,,Byron,,,,,,Fall,Ada,'),
    });
    expect(problems.listed.length).toBeGreaterThan(5);
    expect(JSON.stringify(problems.listed)).not.toMatch(/Ada|Lovelace|Byron|2012|ada@|555-|Secret/);
  });
});

describe('what the district had', () => {
  it.each([
    ['school', 'schools.csv', 's1,Oak School', 's1,', 's1'],
    ['user', 'students.csv', 's2,2,', 's2,2', 'student:2'],
    ['user', 'teachers.csv', 's1,2,', 's1,2', 'teacher:2'],
    ['user', 'staff.csv', 'Registrar,', 'Registrar', 'staff:1'],
    ['section', 'sections.csv', 's2,k2,2,', 's2,k2,2', 'k2'],
    ['section', 'enrollments.csv', 's1,k1,1', 's1,k1', 'k1'],
  ] as const)('a %s whose row in %s cannot be read is kept', async (kind, file, from, to, id) => {
    const outcome = await readClever(editedClever(file, from, to), { [kind]: [id] });
    expect(outcome.kept).toEqual({ [kind]: [id] });
    expect(idsOf(outcome, kind)).not.toContain(id);
    expect(outcome.problems.isRefused).toBe(false);
  });

  it('and may be referred to', async () => {
    const outcome = await readClever(editedClever('teachers.csv', 's1,2,', 's1,2'), { user: ['teacher:2'] });
    expect(recordOf(outcome, 'section', 'k1')?.teachers).toEqual(['teacher:1', 'teacher:2']);
    expect(briefly(outcome.problems)).toEqual(['skipped row-wrong-width teachers.csv:3']);
  });

  it('a student one of whose rows cannot be read stays as it was', async () => {
    const rows = CLEVER['students.csv']!.split('\n');
    const unreadable = { 'students.csv': [rows[0], `${rows[1]},x`, ...rows.slice(2)].join('\n') };
    const outcome = await readClever(unreadable, { user: ['student:1'] });
    expect(outcome.kept).toEqual({ user: ['student:1'] });
    const fresh = await readClever(unreadable);
    expect(idsOf(fresh, 'user')).toContain('student:1');
  });

  it('a teacher whose row of staff cannot be read stays as it was, for it may be the second role', async () => {
    const outcome = await readClever(editedClever('staff.csv', 'Registrar,', 'Registrar'), {
      user: ['teacher:1'],
    });
    expect(outcome.kept).toEqual({ user: ['teacher:1'] });
  });

  it('staff whose teacher cannot be read become nobody new', async () => {
    const broken = editedClever('teachers.csv', 'T1,ST1', 'T1ST1');
    const outcome = await readClever(broken, { user: ['teacher:1'] });
    expect(outcome.kept).toEqual({ user: ['teacher:1'] });
    expect(idsOf(outcome, 'user')).not.toContain('staff:1');
    expect(briefly(outcome.problems)).toContain('skipped reference-unknown staff.csv:2 Staff_id');
    const both = await readClever(broken, { user: ['teacher:1', 'staff:1'] });
    expect(both.kept).toEqual({ user: ['teacher:1', 'staff:1'] });
  });
});
