import { expect, it } from '@jest/globals';
import { PROBLEMS_LISTED_MAX } from '@hallpass/domain';
import { openFolder } from '../src/index.js';
import { aSource, briefly, idsOf, readSource } from './fixtures.js';
import { describeWithData } from './present-data.js';

describeWithData('oneroster-1.1-district', (path) => {
  it('is read whole, without a problem', async () => {
    const outcome = await readSource(await openFolder(path));
    expect(outcome.problems.counts).toEqual([]);
    expect(idsOf(outcome, 'school')).toHaveLength(20);
    expect(idsOf(outcome, 'user')).toHaveLength(4441);
    expect(idsOf(outcome, 'section')).toHaveLength(1470);
    const sections = outcome.records.filter((record) => record.kind === 'section');
    const places = sections.flatMap(({ students, teachers }) => [...students, ...teachers]);
    expect(places).toHaveLength(31_045);
  });
});

describeWithData('clever-csv-dirty-district', (path) => {
  const dirty = async () => readSource(await openFolder(path));

  it('is refused for the files that are missing, so that nothing is lost', async () => {
    const { problems, isRead } = await dirty();
    expect(isRead).toBe(false);
    expect(briefly(problems).slice(0, 2)).toEqual([
      'refused file-missing students.csv',
      'refused file-missing enrollments.csv',
    ]);
  });

  it('is told all that is to be mended in the other files, counted exactly', async () => {
    const { problems } = await dirty();
    const counts = problems.counts.map(({ class: found, code, file, count }) => [found, code, file, count]);
    expect(counts).toEqual([
      ['refused', 'file-missing', 'students.csv', 1],
      ['refused', 'file-missing', 'enrollments.csv', 1],
      ['skipped', 'id-blank', 'teachers.csv', 18],
      ['repaired', 'grade-repaired', 'sections.csv', 28_164],
      ['repaired', 'term-missing', 'sections.csv', 28_164],
      ['repaired', 'teacher-missing', 'sections.csv', 538],
      // 14,595 of them in Teacher_id.
      ['repaired', 'reference-unknown', 'sections.csv', 14_726],
      ['skipped', 'id-repeated', 'sections.csv', 4],
      ['repaired', 'line-ends-converted', 'sections.csv', 1],
    ]);
  });

  it('is told the line and column of each', async () => {
    const listed = (await dirty()).problems.listed;
    const inColumn = (code: string, column: string) =>
      listed.filter((each) => each.code === code && each.column === column);
    expect(inColumn('reference-unknown', 'Teacher_id')).toHaveLength(14_595);
    expect(inColumn('teacher-missing', 'Teacher_id')).toHaveLength(538);
    expect(inColumn('id-blank', 'Teacher_id').map(({ line }) => line)).toContain(63);
    expect(inColumn('id-repeated', 'Section_id').map(({ line }) => line)).toHaveLength(4);
    expect(inColumn('grade-repaired', 'Grade')).toHaveLength(PROBLEMS_LISTED_MAX);
    expect(listed.every(({ line }) => line === undefined || line > 0)).toBe(true);
  });

  it('is read once the missing files are there, with the rows that can be', async () => {
    const folder = await openFolder(path);
    const added = aSource({
      'students.csv': 'School_id,Student_id,First_name,Last_name\n',
      'enrollments.csv': 'Section_id,Student_id\n',
    });
    const outcome = await readSource({
      ...folder,
      list: () => [...folder.list(), ...added.list()],
      open: (file) => (added.list().includes(file) ? added.open(file) : folder.open(file)),
    });
    expect(outcome.problems.isRefused).toBe(false);
    expect(idsOf(outcome, 'school')).toHaveLength(240);
    expect(idsOf(outcome, 'user')).toHaveLength(8_422 - 18);
    expect(idsOf(outcome, 'section')).toHaveLength(28_164 - 4);
    expect([...idsOf(outcome, 'term'), ...idsOf(outcome, 'course')]).toEqual([]);
  });
});
