import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { ProblemList, type SourceRecord } from '@hallpass/domain';
import { openFolder, readRoster } from '@hallpass/roster-formats';
import { districtShape, generateDistrict, writeFolder, type GeneratedDistrict } from '../src/index.js';

// The larger districts take a while on a busy machine.
jest.setTimeout(120_000);

const OPTIONS = { seed: 7, students: 2_000, name: 'Cedar Falls Public Schools' };

function digestOf(district: GeneratedDistrict): string {
  const hash = createHash('sha256');
  for (const file of district.files()) {
    hash.update(file.name);
    for (const chunk of file.chunks()) hash.update(chunk);
  }
  return hash.digest('hex');
}

async function readBack(district: GeneratedDistrict) {
  const folder = await mkdtemp(join(tmpdir(), 'hallpass-district-'));
  try {
    await writeFolder(district, folder);
    const problems = new ProblemList();
    const source = await openFolder(folder);
    const reading = await readRoster(source, { problems, previous: async () => new Set() });
    const records: SourceRecord[] = [];
    for await (const record of reading?.records() ?? []) records.push(record);
    return { problems, records };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const kindOf = <Kind extends SourceRecord['kind']>(records: readonly SourceRecord[], kind: Kind) =>
  records.filter((record): record is Extract<SourceRecord, { kind: Kind }> => record.kind === kind);

describe('a generated district', () => {
  it('is the same for the same seed, and another for another', () => {
    const digest = digestOf(generateDistrict(OPTIONS));
    expect(digestOf(generateDistrict(OPTIONS))).toBe(digest);
    expect(digestOf(generateDistrict({ ...OPTIONS, seed: 8 }))).not.toBe(digest);
  });

  it.each([1, 30, 500, 6_000])('of %i students is read back without a problem', async (students) => {
    const { problems, records } = await readBack(generateDistrict({ ...OPTIONS, students }));
    expect(problems.counts).toEqual([]);
    expect(kindOf(records, 'user').filter(({ roles }) => roles.student)).toHaveLength(students);
  });

  it('looks like one', async () => {
    const { records } = await readBack(generateDistrict({ ...OPTIONS, students: 6_000 }));
    const users = kindOf(records, 'user');
    const having = (role: keyof (typeof users)[number]['roles']) =>
      users.filter(({ roles }) => roles[role]).length;
    const expectNear = (count: number, low: number, high: number) => {
      expect(count).toBeGreaterThanOrEqual(low);
      expect(count).toBeLessThanOrEqual(high);
    };
    expectNear(kindOf(records, 'school').length, 9, 11);
    expectNear(having('teacher'), 300, 480);
    expectNear(having('contact'), 6_600, 7_800);
    expectNear(having('staff'), 50, 120);
    expect(having('districtAdmin')).toBe(3);
    const sizes = kindOf(records, 'section').map(({ students }) => students.length);
    expectNear(sizes.reduce((sum, size) => sum + size, 0) / sizes.length, 18, 27);
    expect(users.some(({ roles }) => roles.teacher !== undefined && roles.teacher.schools.length > 1)).toBe(
      true,
    );
    expect(kindOf(records, 'section').some(({ teachers }) => teachers.length > 1)).toBe(true);
    expect(new Set(users.map(({ email }) => email)).size).toBe(users.length);
    expect(users.every(({ email }) => email?.endsWith('.cedarfallspublicschools.example'))).toBe(false);
    expect(users.every(({ email }) => email?.endsWith('cedarfallspublicschools.example'))).toBe(true);
  });

  it('gives without files the records that its files are read as', async () => {
    const district = generateDistrict({ ...OPTIONS, changedShare: 0.1 });
    const { records } = await readBack(district);
    // Files of their own order; what belongs to a record is compared whatever the order of its keys.
    const byId = (all: Iterable<SourceRecord>) =>
      new Map(Array.from(all, (each) => [`${each.kind} ${each.sourceId}`, each]));
    expect(byId(district.records())).toEqual(byId(records));
  });

  it('has siblings who share a surname and guardians', async () => {
    const { records } = await readBack(generateDistrict(OPTIONS));
    const users = new Map(kindOf(records, 'user').map((user) => [user.sourceId, user]));
    const families = [...users.values()].filter(
      ({ roles }) => (roles.contact?.relationships.length ?? 0) > 1,
    );
    expect(families.length).toBeGreaterThan(100);
    for (const { roles } of families) {
      const names = roles.contact!.relationships.map(({ student }) => users.get(student)!.name.last);
      expect(new Set(names).size).toBe(1);
    }
  });

  it('puts nobody in two places in one period', async () => {
    const { records } = await readBack(generateDistrict(OPTIONS));
    const places = kindOf(records, 'section').flatMap(({ period, students, teachers }) =>
      period === undefined ? [] : [...students, ...teachers].map((person) => `${person} ${period}`),
    );
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('a later picture of it', () => {
  it('has about that share of students changed, some gone and some new, and nobody else moved', async () => {
    const [before, after] = await Promise.all([
      readBack(generateDistrict(OPTIONS)),
      readBack(generateDistrict({ ...OPTIONS, changedShare: 0.1 })),
    ]);
    expect(after.problems.counts).toEqual([]);
    const [old, now] = [studentsOf(before.records), studentsOf(after.records)];
    const gone = [...old.keys()].filter((id) => !now.has(id)).length;
    const come = [...now.keys()].filter((id) => !old.has(id)).length;
    const changed = [...now].filter(([id, text]) => old.has(id) && old.get(id) !== text).length;
    expect(gone).toBeGreaterThan(10);
    expect(come).toBeGreaterThan(10);
    const share = (gone + come + changed) / 2_000;
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.13);
    const sections = (records: readonly SourceRecord[]) =>
      kindOf(records, 'section').map(({ sourceId }) => sourceId);
    expect(sections(after.records)).toEqual(sections(before.records));
  });

  it('is the first picture when nothing changed', () => {
    expect(digestOf(generateDistrict({ ...OPTIONS, changedShare: 0 }))).toBe(
      digestOf(generateDistrict(OPTIONS)),
    );
  });
});

/** Each student with what is known of it, its sections included, as text to compare. */
function studentsOf(records: readonly SourceRecord[]): Map<string, string> {
  const sections = new Map<string, string[]>();
  for (const { sourceId, students } of kindOf(records, 'section')) {
    for (const student of students) sections.set(student, [...(sections.get(student) ?? []), sourceId]);
  }
  const students = kindOf(records, 'user').filter(({ roles }) => roles.student);
  return new Map(
    students.map((user) => [user.sourceId, JSON.stringify([user, sections.get(user.sourceId)?.sort()])]),
  );
}

describe('districtShape', () => {
  it.each([
    [1, 1, 1, 1],
    [2_000, 2, 1, 1],
    [100_000, 103, 33, 26],
  ])('%i students: %i elementary, %i middle, %i high', (students, elementary, middle, high) => {
    const { levels } = districtShape({ students });
    expect([levels.elementary.length, levels.middle.length, levels.high.length]).toEqual([
      elementary,
      middle,
      high,
    ]);
  });
});
