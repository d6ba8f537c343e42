import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  PreviewDesk,
  askPreview,
  beginImport,
  confirmImport,
  discardImport,
  importChanges,
  takePreview,
  type ImportChangesQuery,
} from '../src/index.js';
import { SYSTEM, TestDirectory, smallRoster, student, type TestDistrict } from '../src/testing/index.js';
import { newId, type ImportId, type PreviewId, type SourceRecord } from '@hallpass/domain';

let directory: TestDirectory;
let district: TestDistrict;
let published: ImportId;

const school = (sourceId: string, name: string, phone?: string) => ({
  kind: 'school' as const,
  sourceId,
  name,
  ...(phone ? { phone } : {}),
});
/** Asks for all that became of the schools, unless it is said otherwise. */
const ask = (importId: ImportId, more: Partial<ImportChangesQuery> = {}) =>
  importChanges(directory.dataSource, {
    districtId: district.id,
    importId,
    kind: 'school',
    type: null,
    search: '',
    after: '',
    limit: 10,
    ...more,
  });
/** All pages of one record each, by title. */
const paged = async (importId: ImportId, more: Partial<ImportChangesQuery>) => {
  const titles: string[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: Awaited<ReturnType<typeof ask>> = await ask(importId, { ...more, after, limit: 1 });
    expect(page.data.length).toBeLessThanOrEqual(1);
    titles.push(...page.data.map(({ title }) => title));
    after = page.next;
  }
  return titles;
};
const titlesOf = ({ data }: Awaited<ReturnType<typeof ask>>) => data.map(({ title }) => title);

beforeAll(async () => {
  directory = await TestDirectory.open();
  district = await directory.district([
    school('A', 'Alder School', '555-0100'),
    school('B', 'Birch School'),
    school('C', 'Cedar School'),
  ]);
  const { id } = await directory.import(district.id, [
    school('A', 'Alder School', '555-0199'),
    school('B', 'Birch School'),
    school('D', 'Dogwood School'),
  ]);
  published = id;
});
afterAll(() => directory.close());

describe('what an import changed', () => {
  it('is told record by record, with what was before, and what stayed is not told', async () => {
    const { data, next } = await ask(published);
    const told = Object.fromEntries(data.map(({ title, change, before }) => [title, { change, before }]));
    expect(told).toEqual({
      'Alder School': {
        change: {
          type: 'updated',
          object: expect.objectContaining({ phone: '555-0199' }),
          previousAttributes: { phone: '555-0100' },
        },
        before: expect.objectContaining({ phone: '555-0100' }),
      },
      'Cedar School': {
        change: { type: 'deleted', object: { id: district.idOf('school', 'C') } },
        before: expect.objectContaining({ name: 'Cedar School' }),
      },
      'Dogwood School': {
        change: { type: 'created', object: expect.objectContaining({ name: 'Dogwood School' }) },
        before: null,
      },
    });
    expect(next).toBeNull();
    expect((await ask(published, { kind: 'term' })).data).toEqual([]);
  });

  it('is searched by name, and by what became of it', async () => {
    expect(titlesOf(await ask(published, { search: 'CEDAR' }))).toEqual(['Cedar School']);
    expect(titlesOf(await ask(published, { search: 'birch' }))).toEqual([]);
    for (const [type, title] of [
      ['created', 'Dogwood School'],
      ['updated', 'Alder School'],
      ['deleted', 'Cedar School'],
    ] as const)
      expect(titlesOf(await ask(published, { type }))).toEqual([title]);
  });

  it.each(['', 'school'])('is paged without gap, searched for “%s”', async (search) => {
    expect(await paged(published, { search })).toEqual(titlesOf(await ask(published)));
  });

  it('is another district’s never', async () => {
    const other = await directory.district();
    expect(await ask(published, { districtId: other.id })).toEqual({ data: [], next: null });
  });

  it('is answered through the mailbox by which previews are', async () => {
    const id = newId<PreviewId>();
    const changes: ImportChangesQuery = {
      districtId: district.id,
      importId: published,
      kind: 'school',
      type: 'deleted',
      search: '',
      after: '',
      limit: 10,
    };
    await askPreview(directory.dataSource, id, { changes });
    const errors: unknown[] = [];
    await new PreviewDesk(directory.dataSource, (error) => errors.push(error)).answerAll();
    expect(errors).toEqual([]);
    expect(await takePreview(directory.dataSource, id)).toEqual(
      JSON.parse(JSON.stringify(await ask(published, { type: 'deleted' }))),
    );
  });
});

describe('what a held import would change', () => {
  const many = (count: number) => [
    ...smallRoster(),
    ...Array.from({ length: count }, (_, i) => student(`many-${i}`, ['A'])),
  ];
  const before: SourceRecord[] = [...many(100), school('Z', 'Zelkova School', '555-0100')];
  const after: SourceRecord[] = [
    ...many(80),
    student('new', ['A']),
    school('Z', 'Zelkova\tSchool', '555-0199'),
    school('Y', 'Yew \\ School'),
  ];
  let holder: TestDistrict;
  let held: ImportId;
  const kept = async (importId: ImportId) => {
    const [row] = await directory.dataSource.query<{ count: string }[]>(
      'select count(*) from held_changes where import_id = $1',
      [importId],
    );
    return Number(row?.count);
  };
  const hold = async () => {
    const place = await directory.district(before);
    const { id, status } = await directory.import(place.id, after);
    expect(status).toBe('held');
    return { place, id };
  };

  beforeAll(async () => {
    ({ place: holder, id: held } = await hold());
  });
  const askHeld = (more: Partial<ImportChangesQuery> = {}) => ask(held, { districtId: holder.id, ...more });

  it('is told record by record before anything has changed, by name', async () => {
    const { data } = await askHeld();
    expect(data).toEqual([
      {
        id: holder.idOf('school', 'Y'),
        title: 'Yew \\ School',
        change: { type: 'created', object: expect.objectContaining({ name: 'Yew \\ School' }) },
        before: null,
      },
      {
        id: holder.idOf('school', 'Z'),
        title: 'Zelkova School',
        change: {
          type: 'updated',
          object: expect.objectContaining({ name: 'Zelkova\tSchool', phone: '555-0199' }),
          previousAttributes: { name: 'Zelkova School', phone: '555-0100' },
        },
        before: expect.objectContaining({ phone: '555-0100' }),
      },
    ]);
  });

  it('is exactly who would vanish, as the report counts them', async () => {
    const gone = await askHeld({ kind: 'student', type: 'deleted', limit: 100 });
    expect(gone.data.map(({ id }) => id).toSorted()).toEqual(
      Array.from({ length: 20 }, (_, i) => holder.idOf('user', `many-${80 + i}`)).toSorted(),
    );
    for (const { change, before: was } of gone.data) {
      expect(change.type).toBe('deleted');
      expect(was).toMatchObject({ roles: { student: expect.anything() } });
    }
    expect(titlesOf(await askHeld({ kind: 'user', type: 'deleted', limit: 100 }))).toEqual(titlesOf(gone));
    expect((await askHeld({ kind: 'teacher' })).data).toEqual([]);
    expect((await askHeld({ kind: 'user', type: 'created' })).data.map(({ id }) => id)).toEqual([
      holder.idOf('user', 'new'),
    ]);
  });

  it.each(['', 'MANY-8'])('is paged without gap, searched for “%s”', async (search) => {
    const all = titlesOf(await askHeld({ kind: 'user', search, limit: 100 }));
    expect(await paged(held, { districtId: holder.id, kind: 'user', search })).toEqual(all);
    expect(all.length).toBeGreaterThan(0);
  });

  it('is another district’s never', async () => {
    expect(await ask(held)).toEqual({ data: [], next: null });
  });

  it.each([
    ['discarded', discardImport],
    ['confirmed', confirmImport],
  ])('is kept no longer than the hold: %s', async (_name, answer) => {
    const { place, id } = await hold();
    expect(await kept(id)).toBe(23);
    await answer(directory.dataSource, place.id, id, SYSTEM);
    expect(await kept(id)).toBe(0);
  });

  it('is kept through an answer that is refused', async () => {
    const { place, id } = await hold();
    await beginImport(directory.dataSource, place.id, newId<ImportId>(), SYSTEM);
    await expect(confirmImport(directory.dataSource, place.id, id, SYSTEM)).rejects.toMatchObject({
      code: 'import-running',
    });
    expect(await kept(id)).toBe(23);
  });
});
