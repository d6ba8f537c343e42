import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type ImportId, type RecordId, type SourceRecord } from '@hallpass/domain';
import { beginImport, narrowGrant, moveGrant, rows } from '../src/index.js';
import { SYSTEM, TestDirectory, smallRoster, student, type TestDistrict } from '../src/testing/index.js';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterAll(() => directory.close());

const read = async (district: TestDistrict, kind: string, at: number | null = null, fingerprint = '') => {
  const found = await rows<{ doc: string }>(
    directory.dataSource,
    `select read_page($1, $2, $3, 0, $4, '', null, 10000) doc`,
    [district.id, fingerprint, kind, at],
  );
  const [seq, ...docs] = found.map(({ doc }) => doc);
  return {
    seq: Number(seq),
    docs: docs.map((doc) => JSON.parse(doc) as Record<string, unknown> & { id: string }),
  };
};
const versions = async (district: TestDistrict) => {
  const [row] = await rows<{ count: number }>(
    directory.dataSource,
    'select count(*)::int count from record_versions where district_id = $1',
    [district.id],
  );
  return row?.count;
};
const without = (records: SourceRecord[], ...ids: string[]) =>
  records.filter(({ sourceId }) => !ids.includes(sourceId));
const many = (count: number) => [
  ...smallRoster(),
  ...Array.from({ length: count }, (_, i) => student(`extra-${i}`, ['A'])),
];

describe('importRoster', () => {
  it('publishes a first roster as seq 1 and counts what it created', async () => {
    const district = await directory.district([]);
    const outcome = await directory.import(district.id, smallRoster());
    expect(outcome).toMatchObject({
      status: 'published',
      seq: 1,
      kinds: { school: { created: 2 }, user: { created: 9 }, section: { created: 2 } },
    });
    expect((await read(district, 'school')).docs.map(({ name }) => String(name)).sort()).toEqual([
      'Alder School',
      'Birch School',
    ]);
  });

  it('opens no version when nothing changed', async () => {
    const district = await directory.district();
    const before = await versions(district);
    const outcome = await directory.import(district.id, smallRoster().reverse());
    expect(outcome).toMatchObject({ status: 'unchanged', seq: null, kinds: { user: { unchanged: 9 } } });
    expect(await versions(district)).toBe(before);
  });

  it('keeps the picture of an earlier seq while later ones land', async () => {
    const district = await directory.district();
    const before = await read(district, 'user', 1);
    const changed = smallRoster().map((each) =>
      each.sourceId === 'a1' ? student('a1', ['A'], '2011-01-01') : each,
    );
    const outcome = await directory.import(district.id, [...without(changed, 'b2'), student('new', ['B'])]);
    expect(outcome.kinds?.user).toEqual({ created: 1, updated: 1, deleted: 1, unchanged: 7 });
    expect(await read(district, 'user', 1)).toEqual(before);
    const now = await read(district, 'user');
    expect(now.docs.map(({ id }) => id)).not.toContain(district.idOf('user', 'b2'));
    expect(now.docs.find(({ id }) => id === district.idOf('user', 'a1'))).toMatchObject({
      roles: { student: { dob: '2011-01-01' } },
    });
  });

  it('keeps `created` and moves `last_modified` when a record changes', async () => {
    const district = await directory.district();
    const idOfA1 = district.idOf('user', 'a1');
    const before = (await read(district, 'user')).docs.find(({ id }) => id === idOfA1);
    await directory.import(
      district.id,
      smallRoster().map((each) => (each.sourceId === 'a1' ? student('a1', ['A'], '2010-01-01') : each)),
    );
    const after = (await read(district, 'user')).docs.find(({ id }) => id === idOfA1);
    expect(after?.['created']).toBe(before?.['created']);
    expect(String(after?.['last_modified']) > String(before?.['last_modified'])).toBe(true);
  });

  it('gives a record that left and came back its id again', async () => {
    const district = await directory.district();
    await directory.import(district.id, without(smallRoster(), 'a2'));
    await directory.import(district.id, smallRoster());
    expect((await read(district, 'user')).docs.map(({ id }) => id)).toContain(district.idOf('user', 'a2'));
  });

  it('gives a record the id that it brings along, for good, and renames nobody', async () => {
    const district = await directory.district([]);
    const id = newId<RecordId>();
    const carry = (kind: 'user' | 'school', sourceId: string, as: RecordId) => ({
      kind,
      sourceId,
      id: as,
      line: 2,
    });
    const first = await directory.import(district.id, without(smallRoster(), 'a2'), {
      carriedIds: [carry('user', 'a1', id)],
    });
    expect(first).toMatchObject({ status: 'published', problems: [] });
    const later = await directory.import(district.id, smallRoster(), {
      carriedIds: [
        carry('user', 'a1', newId<RecordId>()),
        carry('user', 'b1', newId<RecordId>()),
        carry('user', 'a2', id),
      ],
    });
    expect(later.problems.map(({ code }) => code)).toEqual(Array(3).fill('id-carried-elsewhere'));
    const ids = (await read(district, 'user')).docs.map((each) => each.id);
    expect(ids).toEqual(
      expect.arrayContaining([id, district.idOf('user', 'a2'), district.idOf('user', 'b1')]),
    );
    expect(ids).not.toContain(district.idOf('user', 'a1'));
    const section = (await read(district, 'section')).docs.find((each) => each['name'] === 'Math A');
    expect(section?.['students']).toContain(id);
  });

  it('keeps a record whose row could not be read', async () => {
    const district = await directory.district();
    const kept = new Map([['user', new Set(['a2'])]] as const);
    const outcome = await directory.import(district.id, without(smallRoster(), 'a2'), { kept });
    expect(outcome.status).toBe('unchanged');
    expect((await read(district, 'user')).docs).toHaveLength(9);
  });

  it('holds an import that would delete too much, and lands it once it is confirmed', async () => {
    const district = await directory.district(many(100));
    const fewer = many(80);
    const held = await directory.import(district.id, fewer);
    expect(held).toMatchObject({
      status: 'held',
      heldKinds: ['user'],
      baseSeq: 1,
      kinds: { user: { deleted: 20 } },
    });
    expect((await read(district, 'user')).docs).toHaveLength(109);
    const confirmed = await directory.import(district.id, fewer, { confirmed: { baseSeq: 1 } });
    expect(confirmed.status).toBe('published');
    expect((await read(district, 'user')).docs).toHaveLength(89);
  });

  it('does not take a confirmation of another picture', async () => {
    const district = await directory.district(many(100));
    await directory.import(district.id, many(101));
    const outcome = await directory.import(district.id, many(80), { confirmed: { baseSeq: 1 } });
    expect(outcome.status).toBe('held');
  });

  it('refuses to begin while another import of the district runs', async () => {
    const district = await directory.district([]);
    await beginImport(directory.dataSource, district.id, newId<ImportId>(), SYSTEM);
    await expect(
      beginImport(directory.dataSource, district.id, newId<ImportId>(), SYSTEM),
    ).rejects.toMatchObject({
      code: 'import-running',
    });
  });

  it('reads a pin of the future or of a pruned picture as an error of its own', async () => {
    const district = await directory.district();
    await expect(read(district, 'user', 99)).rejects.toMatchObject({ code: 'HP400' });
    await directory.dataSource.query('update districts set floor_seq = 1 where id = $1', [district.id]);
    await expect(read(district, 'user', 0)).rejects.toMatchObject({ code: 'HP410' });
  });
});

describe('a grant of one school', () => {
  const shownTo = async (grantId: string, district: TestDistrict, kind: string) => {
    const [grant] = await rows<{ fingerprint: string }>(
      directory.dataSource,
      'select fingerprint from grants where id = $1',
      [grantId],
    );
    return (await read(district, kind, null, grant?.fingerprint ?? 'none')).docs;
  };
  const idsOf = (district: TestDistrict, ...ids: string[]) =>
    ids.map((id) => district.idOf('user', id)).sort();

  it('shows what belongs to the school, and cuts every reference that leads elsewhere', async () => {
    const district = await directory.district();
    const { id } = await directory.grant(await directory.app(), district, {
      selection: { type: 'schools', schoolIds: [district.idOf('school', 'A')] },
    });
    const users = await shownTo(id, district, 'user');
    expect(users.map((user) => user.id)).toEqual(
      idsOf(district, 'a1', 'a2', 'b1', 'parent-a1', 'staff-a', 'teacher-a'),
    );
    const text = JSON.stringify([users, await shownTo(id, district, 'section')]);
    expect(text).not.toContain(district.idOf('user', 'b2'));
    expect(text).not.toContain(district.idOf('school', 'B'));
    expect(
      users.find((user) => user.id === district.idOf('user', 'teacher-a'))?.['roles'],
    ).not.toHaveProperty('contact');
  });

  it('moves with the roster, in the transaction that publishes it', async () => {
    const district = await directory.district();
    const { id } = await directory.grant(await directory.app(), district, {
      selection: { type: 'schools', schoolIds: [district.idOf('school', 'A')] },
    });
    const moved = smallRoster().map((each) => (each.sourceId === 'b2' ? student('b2', ['A']) : each));
    await directory.import(district.id, moved);
    const users = await shownTo(id, district, 'user');
    expect(users.map((user) => user.id)).toContain(district.idOf('user', 'b2'));
    expect(users.find((user) => user.id === district.idOf('user', 'teacher-a'))?.['roles']).toHaveProperty(
      'contact',
    );
  });

  it('is refused for a school that the roster does not have', async () => {
    const district = await directory.district();
    const other = await directory.district();
    const approval = directory.grant(await directory.app(), district, {
      selection: { type: 'schools', schoolIds: [other.idOf('school', 'A')] },
    });
    await expect(approval).rejects.toMatchObject({ code: 'unknown-school' });
  });

  it('is one for an app and a district, until it is revoked', async () => {
    const district = await directory.district();
    const app = await directory.app();
    const { id } = await directory.grant(app, district);
    await expect(directory.grant(app, district)).rejects.toMatchObject({ code: 'grant-exists' });
    await moveGrant(directory.dataSource, id, 'revoke', SYSTEM);
    await expect(directory.grant(app, district)).resolves.toHaveProperty('token');
    await expect(moveGrant(directory.dataSource, id, 'resume', SYSTEM)).rejects.toMatchObject({
      code: 'grant-action-closed',
    });
  });

  it('narrows and widens without a new token', async () => {
    const district = await directory.district();
    const { id } = await directory.grant(await directory.app(), district);
    const narrowed = await narrowGrant(
      directory.dataSource,
      id,
      { selection: { type: 'schools', schoolIds: [district.idOf('school', 'B')] } },
      SYSTEM,
    );
    expect(narrowed).toMatchObject({ status: 'active', isNarrowing: false });
    expect((await shownTo(id, district, 'school')).map((school) => school.id)).toEqual([
      district.idOf('school', 'B'),
    ]);
  });

  it('approves and imports side by side, and its set is that of the roster', async () => {
    const district = await directory.district();
    const app = await directory.app();
    const selection = { type: 'schools' as const, schoolIds: [district.idOf('school', 'A')] };
    const [, { id }] = await Promise.all([
      directory.import(district.id, [...smallRoster(), student('late', ['A'])]),
      directory.grant(app, district, { selection }),
    ]);
    const ids = (await shownTo(id, district, 'user')).map((user) => user.id);
    expect(ids).toContain(district.idOf('user', 'late'));
  });
});
