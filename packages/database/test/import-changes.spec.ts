import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PreviewDesk, askPreview, importChanges, takePreview } from '../src/index.js';
import { TestDirectory, type TestDistrict } from '../src/testing/index.js';
import { newId, type PreviewId, type RecordKind } from '@hallpass/domain';

let directory: TestDirectory;
let district: TestDistrict;

const school = (sourceId: string, name: string, phone?: string) => ({
  kind: 'school' as const,
  sourceId,
  name,
  ...(phone ? { phone } : {}),
});
const seqOf = async () => {
  const [row] = await directory.dataSource.query<{ seq: string }[]>(
    'select seq from districts where id = $1',
    [district.id],
  );
  return Number(row?.seq);
};

beforeAll(async () => {
  directory = await TestDirectory.open();
  district = await directory.district([
    school('A', 'Alder School', '555-0100'),
    school('B', 'Birch School'),
    school('C', 'Cedar School'),
  ]);
  await directory.import(district.id, [
    school('A', 'Alder School', '555-0199'),
    school('B', 'Birch School'),
    school('D', 'Dogwood School'),
  ]);
});
afterAll(() => directory.close());

describe('what an import changed', () => {
  const ask = async (more: { kind?: RecordKind; after?: string; limit?: number; seq?: number } = {}) =>
    importChanges(directory.dataSource, {
      districtId: district.id,
      seq: await seqOf(),
      kind: 'school',
      after: '',
      limit: 10,
      ...more,
    });

  it('is told record by record, with what was before, and what stayed is not told', async () => {
    const { data, next } = await ask();
    const told = Object.fromEntries(data.map(({ title, change }) => [title, change]));
    expect(told).toEqual({
      'Alder School': {
        type: 'updated',
        object: expect.objectContaining({ phone: '555-0199' }),
        previousAttributes: { phone: '555-0100' },
      },
      'Cedar School': { type: 'deleted', object: { id: district.idOf('school', 'C') } },
      'Dogwood School': { type: 'created', object: expect.objectContaining({ name: 'Dogwood School' }) },
    });
    expect(next).toBeNull();
    expect((await ask({ kind: 'term' })).data).toEqual([]);
  });

  it('is paged without gap, and is another district’s never', async () => {
    const all = (await ask()).data.map(({ id }) => id);
    const paged: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: Awaited<ReturnType<typeof ask>> = await ask({ after, limit: 1 });
      paged.push(...page.data.map(({ id }) => id));
      after = page.next;
    }
    expect(paged).toEqual(all);
    const other = await directory.district();
    expect(
      await importChanges(directory.dataSource, {
        districtId: other.id,
        seq: await seqOf(),
        kind: 'school',
        after: '',
        limit: 10,
      }),
    ).toEqual({ data: [], next: null });
  });

  it('is answered through the mailbox by which previews are', async () => {
    const id = newId<PreviewId>();
    const changes = {
      districtId: district.id,
      seq: await seqOf(),
      kind: 'school',
      after: '',
      limit: 10,
    } as const;
    await askPreview(directory.dataSource, id, { changes });
    await new PreviewDesk(directory.dataSource).answerAll();
    expect(await takePreview(directory.dataSource, id)).toEqual(JSON.parse(JSON.stringify(await ask())));
  });
});
