import { describe, expect, it } from '@jest/globals';
import { ProblemList } from '@hallpass/domain';
import { aSource, briefly, edited, idsOf, read, readSource, recordOf, ROSTER } from './fixtures.js';

const lines = (file: string) => ROSTER[file]!.trimEnd().split('\n');
const added = (file: string, row: string) => ({ [file]: `${ROSTER[file]}${row}\n` });

describe('files', () => {
  it.each(['orgs.csv', 'users.csv', 'classes.csv', 'enrollments.csv', 'courses.csv', 'academicSessions.csv'])(
    '%s missing: refused',
    async (file) => {
      const { problems, isRead } = await read({ [file]: undefined });
      expect([isRead, briefly(problems)]).toEqual([false, [`refused file-missing ${file}`]]);
    },
  );

  it('resources missing: nothing said, and none there', async () => {
    const without = { 'resources.csv': undefined, 'classResources.csv': undefined };
    const outcome = await read({ ...without, 'courseResources.csv': undefined });
    expect([outcome.problems.listed, idsOf(outcome, 'resource')]).toEqual([[], []]);
  });

  it.each(['resources', 'classResources', 'courseResources'])(
    '%s promised by the manifest and missing: refused; as a delta: refused',
    async (name) => {
      const manifest = (mode: string) => ({
        'manifest.csv': `${ROSTER['manifest.csv']}file.${name},${mode}\n`,
      });
      const missing = await read({ ...manifest('bulk'), [`${name}.csv`]: undefined });
      expect(briefly(missing.problems)).toEqual([`refused file-missing ${name}.csv`]);
      const delta = await read(manifest('delta'));
      expect(briefly(delta.problems)).toEqual(['refused format-unsupported manifest.csv:4 value']);
    },
  );

  it('demographics missing: nothing said', async () => {
    const outcome = await read({ 'demographics.csv': undefined });
    expect(outcome.problems.listed).toEqual([]);
    expect(recordOf(outcome, 'user', 'u1')?.roles.student?.dob).toBeUndefined();
  });

  it('demographics promised by the manifest and missing: refused', async () => {
    const manifest = `${ROSTER['manifest.csv']}file.demographics,bulk\n`;
    const { problems } = await read({ 'demographics.csv': undefined, 'manifest.csv': manifest });
    expect(briefly(problems)).toEqual(['refused file-missing demographics.csv']);
  });

  it('manifest missing: taken as 1.1 in bulk', async () => {
    const { problems, records } = await read({ 'manifest.csv': undefined });
    expect([records.length, briefly(problems)]).toEqual([11, ['repaired manifest-missing manifest.csv']]);
  });

  it.each([
    ['version 1.2', 'oneroster.version,1.1', 'oneroster.version,1.2', 2],
    ['a delta', 'file.users,bulk', 'file.users,delta', 3],
  ])('manifest says %s: refused, saying what to send', async (_, from, to, line) => {
    const { problems, isRead } = await read(edited('manifest.csv', from, to));
    expect([isRead, briefly(problems)]).toEqual([
      false,
      [`refused format-unsupported manifest.csv:${line} value`],
    ]);
    expect(problems.listed[0]?.mend).toContain('bulk');
  });

  it('another format: refused once', async () => {
    const { problems } = await readSource(aSource({ 'students.csv': 'Student_id\n1\n' }));
    expect(briefly(problems)).toEqual(['refused format-unknown']);
  });

  it.each(['', '\n\n\r\n', '\uFEFF'])('empty file (%j): refused', async (text) => {
    const { problems, isRead } = await read({ 'courses.csv': text });
    expect(isRead).toBe(false);
    expect(briefly(problems)).toContain('refused file-empty courses.csv');
  });

  it('a file that cannot be read to its end: refused, without saying where it lies', async () => {
    const source = aSource(ROSTER);
    const broken = {
      ...source,
      async *open(file: string) {
        yield* source.open(file);
        if (file === 'users.csv') throw Object.assign(new Error("EIO: read '/srv/secret'"), { code: 'EIO' });
      },
    };
    const { problems, isRead } = await readSource(broken);
    expect([isRead, briefly(problems)]).toEqual([false, ['refused file-unreadable users.csv']]);
    expect(problems.listed[0]?.message).toBe('The file could not be read to its end (EIO).');
  });

  it('a file that changes between the two passes: refused at the end of the records', async () => {
    let opened = 0;
    const changed = { ...ROSTER, ...edited('users.csv', 'u2,,s1,teacher', 'u7,,s1,teacher') };
    const source = {
      ...aSource(ROSTER),
      open: (file: string) => aSource(file === 'users.csv' && opened++ > 0 ? changed : ROSTER).open(file),
    };
    const { problems, isRead } = await readSource(source);
    expect([isRead, briefly(problems)]).toEqual([true, ['refused file-unreadable users.csv']]);
  });

  it('names in other case are found', async () => {
    const { 'users.csv': users, ...others } = ROSTER;
    const { problems, records } = await readSource(aSource({ ...others, 'Users.CSV': users }));
    expect([records.length, problems.listed]).toEqual([11, []]);
  });

  it('a list of problems that is refused already: nothing is read', async () => {
    const problems = new ProblemList();
    problems.add({ class: 'refused', code: 'archive-unreadable', message: '', mend: '' });
    expect((await readSource(aSource(ROSTER), {}, problems)).isRead).toBe(false);
  });
});

describe('headers', () => {
  it.each([
    ['an unknown column', ['agentSourcedIds', 'shoeSize'], 'header-unknown-column users.csv:1 shoeSize'],
    ['other case', ['familyName', 'FAMILYNAME'], 'header-misspelled-column users.csv:1 FAMILYNAME'],
    ['other spelling', ['familyName', 'Family_Name'], 'header-misspelled-column users.csv:1 Family_Name'],
    ['padding', [',familyName', ', familyName '], 'header-misspelled-column users.csv:1 familyName'],
    ['a repeated column that is not read', ['password', 'password,password'], undefined],
  ])('%s: repaired', async (_, [from, to], problem) => {
    const { problems, isRead } = await read(edited('users.csv', from!, to!));
    if (problem !== undefined) expect(briefly(problems)).toContain(`repaired ${problem}`);
    expect(isRead).toBe(true);
  });

  it('an extension column of OneRoster is passed over in silence', async () => {
    const users = lines('users.csv').map((line, at) => `${line},${at === 0 ? 'metadata.shoe' : '9'}`);
    expect((await read({ 'users.csv': users.join('\n') })).problems.listed).toEqual([]);
  });

  it('a column that is not required missing: repaired, and it says so', async () => {
    const { problems } = await read(edited('courses.csv', ',subjects', ',shoes'));
    expect(briefly(problems)).toContain('repaired header-missing-column courses.csv:1 subjects');
  });

  it('a required column missing: refused', async () => {
    const { problems, isRead } = await read(edited('users.csv', 'role', 'rule'));
    expect([isRead, briefly(problems)]).toEqual([false, ['refused header-missing-column users.csv:1 role']]);
  });

  it('no header at all: refused, quoting nothing of the first row', async () => {
    const { problems, isRead } = await read({ 'users.csv': lines('users.csv').slice(1).join('\n') });
    expect(isRead).toBe(false);
    expect(JSON.stringify(problems.listed)).not.toMatch(/Ada|Lovelace|ada@/);
  });

  it('semicolons: refused, and it says to use commas', async () => {
    const { problems } = await read({ 'courses.csv': ROSTER['courses.csv']!.replaceAll(',', ';') });
    expect(problems.listed[0]?.mend).toContain('commas');
  });

  it('a column that is read standing there twice: refused', async () => {
    const { problems, isRead } = await read(edited('users.csv', 'middleName', 'givenName'));
    expect(isRead).toBe(false);
    expect(briefly(problems)).toContain('refused header-repeated-column users.csv:1 givenName');
  });
});

describe('characters and lines', () => {
  const accented = ROSTER['users.csv']!.replace('Ada', 'Zoë');
  const firstOf = async (users: string | Buffer) => {
    const outcome = await read({ 'users.csv': users });
    return [recordOf(outcome, 'user', 'u1')?.name.first, ...briefly(outcome.problems)];
  };

  it('UTF-8: as it is', async () => {
    expect(await firstOf(accented)).toEqual(['Zoë']);
  });

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${accented}`), 1],
    ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${accented}`, 'utf16le'), 1],
    ['UTF-16 without one', Buffer.from(accented, 'utf16le'), 1],
    ['big-endian UTF-16', Buffer.from(`\uFEFF${accented}`, 'utf16le').swap16(), 1],
    ['Windows-1252', Buffer.from(accented, 'latin1'), 2],
  ])('%s: decoded', async (_, users, line) => {
    expect(await firstOf(users)).toEqual(['Zoë', `repaired encoding-converted users.csv:${line}`]);
  });

  it('NUL and control characters: removed', async () => {
    const problem = 'repaired control-characters-removed users.csv:2';
    expect(await firstOf(ROSTER['users.csv']!.replace('Ada', 'A\0d\u0007a'))).toEqual(['Ada', problem]);
  });

  it.each([
    ['CR alone', (text: string) => text.replaceAll('\n', '\r')],
    ['a mixture', (text: string) => text.replace('\n', '\r\n')],
  ])('%s: repaired', async (_, change) => {
    expect(await firstOf(change(ROSTER['users.csv']!))).toEqual([
      'Ada',
      'repaired line-ends-converted users.csv:1',
    ]);
  });

  it('CRLF, and a last line without an end: as they are', async () => {
    expect(await firstOf(ROSTER['users.csv']!.trimEnd().replaceAll('\n', '\r\n'))).toEqual(['Ada']);
  });

  it('lines are counted as they stand in the file, across quoted line breaks and blank lines', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const rows = [...lines('courses.csv'), '', 'c2,,"Two\nlines",,', 'c3,,x'];
      const { problems } = await read({ 'courses.csv': rows.join('\n').replaceAll('\n', end) });
      expect(briefly(problems)).toContain('skipped row-wrong-width courses.csv:6');
    }
  });
});

describe('rows', () => {
  it.each([
    ['too few cells', 'c2,,x', 'row-wrong-width courses.csv:3'],
    ['too many cells', 'c2,,x,,,y', 'row-wrong-width courses.csv:3'],
    ['a value over 100 kB', `c2,,${'x'.repeat(100_001)},,`, 'row-too-long courses.csv:3'],
    ['a line over 1 MB', `c2,,${'x'.repeat(2_000_000)},,`, 'row-too-long courses.csv:3'],
    ['text after a closing quote', 'c2,,"x"y,,', 'value-malformed courses.csv:3'],
    ['a blank id', ',,x,,', 'id-blank courses.csv:3 sourcedId'],
    ['an unknown status', 'c2,perhaps,x,,', 'status-unknown courses.csv:3 status'],
  ])('%s: skipped, and the next is read', async (_, row, problem) => {
    const outcome = await read(added('courses.csv', `${row}\nc3,,Next,,`), { chunkBytes: 4096 });
    expect(briefly(outcome.problems)).toEqual([`skipped ${problem}`]);
    expect(idsOf(outcome, 'course')).toEqual(['c1', 'c3']);
  });

  it('more cells that are all blank: read', async () => {
    const outcome = await read(added('courses.csv', 'c2,,x,,,,'));
    expect(briefly(outcome.problems)).toEqual(['repaired row-wrong-width courses.csv:3']);
    expect(idsOf(outcome, 'course')).toEqual(['c1', 'c2']);
  });

  it('rows of nothing but commas: passed over', async () => {
    expect((await read(added('courses.csv', ',,,,'))).problems.listed).toEqual([]);
  });

  it('a repeated id: the first row wins, and the later one is not kept', async () => {
    const outcome = await read(added('courses.csv', 'c1,,Other,,'), { previous: { course: ['c1'] } });
    expect(briefly(outcome.problems)).toEqual(['skipped id-repeated courses.csv:3 sourcedId']);
    expect([recordOf(outcome, 'course', 'c1')?.name, outcome.kept]).toEqual(['Algebra', {}]);
  });

  it('an unclosed quote: refused, at the line where it opened', async () => {
    const { problems, isRead } = await read(added('courses.csv', 'c2,,"Two,,\nc3,,Three,,'));
    expect([isRead, briefly(problems)]).toEqual([false, ['refused quote-unclosed courses.csv:3']]);
  });

  it.each([
    ['closes in the middle of a later value', 'c2,,"Two,,\nc3,,Th"ree",,'],
    ['closes in a later row, which makes one wide row of several', 'c2,,"Two,,\nc3,,Three",,,,x\nc4,,Four,,'],
    ['runs over more than 100 kB', `c2,,"Two,,\n${'c3,,Three,,\n'.repeat(10_000)}c4,,x",,`],
  ])('a quote that swallows rows and %s: refused, as nobody knows which', async (_, rows) => {
    const { problems, isRead } = await read(added('courses.csv', rows), { chunkBytes: 4096 });
    expect([isRead, briefly(problems)]).toEqual([false, ['refused quote-unclosed courses.csv:3']]);
  });
});

describe('values', () => {
  it.each([
    [
      'users.csv',
      ',administrator,',
      ',wizard,',
      'skipped value-unknown users.csv:4 role',
      ['u1', 'u2', 'g1'],
    ],
    [
      'orgs.csv',
      'Elm School,school',
      'Elm School,castle',
      'skipped value-unknown orgs.csv:4 type',
      undefined,
    ],
    ['orgs.csv', 'Elm School', '', 'skipped value-missing orgs.csv:4 name', undefined],
    ['enrollments.csv', 'student', 'pupil', 'skipped value-unknown enrollments.csv:2 role', undefined],
    ['users.csv', 'u3,,', 'u3,inactive,', 'repaired status-unknown users.csv:4 status', ['u1', 'u2', 'g1']],
    ['users.csv', ',09,', ',blue,', 'repaired value-unknown users.csv:2 grades', undefined],
    ['users.csv', ',09,', ',12-Sep,', 'repaired grade-repaired users.csv:2 grades', undefined],
    ['classes.csv', ',09,', ',Grade 1,', 'repaired grade-repaired classes.csv:2 grades', undefined],
    ['classes.csv', 'Algebra A', '', 'repaired value-missing classes.csv:2 title', undefined],
    [
      'academicSessions.csv',
      '2026-08-17',
      'soon',
      'repaired value-malformed academicSessions.csv:2 startDate',
      undefined,
    ],
    [
      'demographics.csv',
      '2012-05-06',
      '2012-13-06',
      'repaired value-malformed demographics.csv:2 birthDate',
      undefined,
    ],
    [
      'demographics.csv',
      '2012-05-06',
      '5/6/2012',
      'repaired value-malformed demographics.csv:2 birthDate',
      undefined,
    ],
    ['demographics.csv', 'female', 'blue', 'repaired value-unknown demographics.csv:2 sex', undefined],
    [
      'demographics.csv',
      'false,true',
      'perhaps,true',
      'repaired value-unknown demographics.csv:2 americanIndianOrAlaskaNative',
      undefined,
    ],
    [
      'demographics.csv',
      'u1,,',
      'u1,perhaps,',
      'skipped status-unknown demographics.csv:2 status',
      undefined,
    ],
    ['enrollments.csv', 'e1,', ',', 'repaired id-blank enrollments.csv:2 sourcedId', undefined],
    ['enrollments.csv', 'e2,', 'e1,', 'repaired id-repeated enrollments.csv:3 sourcedId', undefined],
  ])('%s: %j for %j', async (file, from, to, problem, users) => {
    const outcome = await read(edited(file, from, to));
    expect(briefly(outcome.problems)).toEqual([problem]);
    expect(idsOf(outcome, 'user')).toEqual(users ?? ['u1', 'u2', 'u3', 'g1']);
  });

  it('messages quote nothing personal, even when cells have slipped', async () => {
    const slipped = 'u9,,s1,Lovelace,Ada,2012-05-06,ada@alder.example,555-123-4567,x,,,Byron,Secret99,y\n';
    const row = 'u8,,Byron,student,,Ada,Lovelace,,,,,,ada@alder.example,Lovelace,\n';
    const { problems } = await read({ 'users.csv': `${ROSTER['users.csv']}${slipped}${row}` });
    expect(problems.listed.length).toBeGreaterThan(2);
    expect(JSON.stringify(problems.listed)).not.toMatch(/Ada|Lovelace|Byron|2012|ada@|555-|Secret/);
  });
});

describe('references', () => {
  it.each([
    ['users.csv', 'u1,,s1', 'u1,,s9', 'users.csv:2 orgSourcedIds'],
    ['users.csv', ',g1,', ',g9,', 'users.csv:2 agentSourcedIds'],
    ['classes.csv', ',c1,', ',c9,', 'classes.csv:2 courseSourcedId'],
    ['classes.csv', ',t1,', ',t9,', 'classes.csv:2 termSourcedIds'],
    ['enrollments.csv', 'k1,u1', 'k9,u1', 'enrollments.csv:2 classSourcedId'],
    ['enrollments.csv', 'k1,u1', 'k1,u9', 'enrollments.csv:2 userSourcedId'],
    ['demographics.csv', 'u1,', 'u9,', 'demographics.csv:2 sourcedId'],
    ['classResources.csv', 'k1', 'k9', 'classResources.csv:2 classSourcedId'],
    ['classResources.csv', 'r1', 'r9', 'classResources.csv:2 resourceSourcedId'],
    ['courseResources.csv', 'c1,r1', 'c9,r1', 'courseResources.csv:2 courseSourcedId'],
    ['courseResources.csv', 'c1,r1', 'c1,r9', 'courseResources.csv:2 resourceSourcedId'],
  ])('%s: %j for %j: left out', async (file, from, to, place) => {
    const outcome = await read(edited(file, from, to));
    expect(briefly(outcome.problems)).toEqual([`repaired reference-unknown ${place}`]);
    expect(outcome.problems.listed[0]?.message).toMatch(/"[sgctkur]9"/);
    expect(outcome.records).toHaveLength(11);
    expect(JSON.stringify(outcome.records)).not.toMatch(/"[sgctkur]9"/);
  });

  it.each(['s9', '', 'd1'])('a class whose school is %j: skipped', async (school) => {
    const outcome = await read(edited('classes.csv', ',s1,', `,${school},`));
    expect(briefly(outcome.problems)[0]).toBe('skipped reference-unknown classes.csv:2 schoolSourcedId');
    expect(idsOf(outcome, 'section')).toEqual([]);
  });
});

describe('what the district had', () => {
  it('a record whose row cannot be read is kept, and may be referred to', async () => {
    const outcome = await read(edited('users.csv', ',teacher,', ',wizard,'), {
      previous: { user: ['u1', 'u2'] },
    });
    expect(outcome.kept).toEqual({ user: ['u2'] });
    expect(idsOf(outcome, 'user')).toEqual(['u1', 'u3', 'g1']);
    expect(recordOf(outcome, 'section', 'k1')?.teachers).toEqual(['u2']);
  });

  it('a record that the district never had is not, and references to it are left out', async () => {
    const outcome = await read(edited('users.csv', ',teacher,', ',wizard,'), { previous: { user: ['u1'] } });
    expect(outcome.kept).toEqual({});
    expect(recordOf(outcome, 'section', 'k1')?.teachers).toEqual([]);
    expect(briefly(outcome.problems)[1]).toBe('repaired reference-unknown enrollments.csv:3 userSourcedId');
  });

  it.each([
    ['school', edited('orgs.csv', 'Oak School,school', 'Oak School,castle'), 's1'],
    ['term', edited('academicSessions.csv', 't1,,', 't1,perhaps,'), 't1'],
    ['course', edited('courses.csv', 'c1,,Algebra', 'c1,Algebra'), 'c1'],
    ['section', edited('classes.csv', 'k1,,Algebra A', 'k1,Algebra A'), 'k1'],
    ['resource', edited('resources.csv', 'V-1', ''), 'r1'],
  ] as const)('so it is with a %s', async (kind, change, id) => {
    const outcome = await read(change, { previous: { [kind]: [id] } });
    expect(outcome.kept).toEqual({ [kind]: [id] });
    expect(idsOf(outcome, kind)).not.toContain(id);
    expect(outcome.problems.counts).toMatchObject([{ class: 'skipped', count: 1 }]);
  });

  it('a section of which an enrollment cannot be read stays as it was', async () => {
    const change = edited('enrollments.csv', ',u1,student,,2026-08-17,2027-06-04', ',u1');
    const outcome = await read(change, { previous: { section: ['k1'] } });
    expect([outcome.kept, idsOf(outcome, 'section')]).toEqual([{ section: ['k1'] }, []]);
  });

  it('a new one has the enrollments that could be read', async () => {
    const outcome = await read(edited('enrollments.csv', ',u1,student,,2026-08-17,2027-06-04', ',u1'));
    expect(recordOf(outcome, 'section', 'k1')).toMatchObject({ students: [], teachers: ['u2'] });
  });

  it('a user whose demographics cannot be read stays as it was', async () => {
    const outcome = await read(edited('demographics.csv', ',true\n', '\n'), { previous: { user: ['u1'] } });
    expect([outcome.kept, idsOf(outcome, 'user')]).toEqual([{ user: ['u1'] }, ['u2', 'u3', 'g1']]);
    expect(recordOf(outcome, 'section', 'k1')?.students).toEqual(['u1']);
  });

  it('a resource of which an assignment cannot be read stays as it was', async () => {
    const change = edited('classResources.csv', 'x1,,k1,r1', 'x1,perhaps,k1,r1');
    const outcome = await read(change, { previous: { resource: ['r1'] } });
    expect([outcome.kept, idsOf(outcome, 'resource')]).toEqual([{ resource: ['r1'] }, ['r2']]);
  });

  it('a readable row for the same id wins over an unreadable one', async () => {
    const outcome = await read(added('courses.csv', 'c2,x\nc2,,Two,,'), { previous: { course: ['c2'] } });
    expect([outcome.kept, idsOf(outcome, 'course')]).toEqual([{}, ['c1', 'c2']]);
  });
});
