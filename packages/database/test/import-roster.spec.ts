import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, resolveField, type ImportId, type RecordId, type SourceRecord } from '@hallpass/domain';
import {
  beginImport,
  confirmImport,
  discardImport,
  failImport,
  finishNarrowings,
  importRoster,
  moveGrant,
  narrowGrant,
  pruneHistory,
  rows,
} from '../src/index.js';
import { SYSTEM, TestDirectory, smallRoster, student, type TestDistrict } from '../src/testing/index.js';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterAll(() => directory.close());

const read = async (
  district: TestDistrict,
  kind: string,
  at: number | null = null,
  fingerprint = '',
  grantId = '',
) => {
  const found = await rows<{ doc: string }>(
    directory.dataSource,
    `select read_page($1, $2, $3, $4, 0, $5, '', null, 10000) doc`,
    [district.id, grantId, fingerprint, kind, at],
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
    const { id: grantId } = await directory.grant(await directory.app(), district);
    const before = await read(district, 'user', 2, '', grantId);
    const changed = smallRoster().map((each) =>
      each.sourceId === 'a1' ? student('a1', ['A'], '2011-01-01') : each,
    );
    const outcome = await directory.import(district.id, [...without(changed, 'b2'), student('new', ['B'])]);
    expect(outcome.kinds?.user).toEqual({ created: 1, updated: 1, deleted: 1, unchanged: 7 });
    expect(await read(district, 'user', 2, '', grantId)).toEqual(before);
    await expect(read(district, 'user', 1, '', grantId)).rejects.toMatchObject({ code: 'HP410' });
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

  describe('of a format whose contacts, courses and terms have no rows of their own', () => {
    const related = (): SourceRecord[] => [
      { kind: 'course', sourceId: 'lone', name: 'Lone' },
      { kind: 'term', sourceId: 'spring', name: 'Spring' },
      {
        kind: 'section',
        sourceId: 'Lone A',
        name: 'Lone A',
        school: 'A',
        course: 'lone',
        term: 'spring',
        teachers: [],
        students: ['a2'],
      },
      {
        kind: 'user',
        sourceId: 'aunt',
        name: { last: 'Aunt' },
        roles: {
          contact: { relationships: [{ student: 'a2', relationship: 'Aunt/Uncle', type: 'Family' }] },
        },
      },
    ];
    const kept = new Map([
      ['user', new Set(['a2'])],
      ['section', new Set(['Lone A'])],
    ] as const);

    it('keeps those of a kept student and section', async () => {
      const district = await directory.district([...smallRoster(), ...related()]);
      const left = without(smallRoster(), 'a2');
      const outcome = await directory.import(district.id, left, { kept, keepsRelated: true });
      expect(outcome.status).toBe('unchanged');
    });

    it('lets them go with what is gone, and where they have rows of their own', async () => {
      const district = await directory.district([...smallRoster(), ...related()]);
      const deleted = (change: object) => ({ kinds: { user: { deleted: 1 }, ...change } });
      expect(await directory.import(district.id, smallRoster(), { keepsRelated: true })).toMatchObject(
        deleted({ course: { deleted: 1 }, section: { deleted: 1 } }),
      );
      const other = await directory.district([...smallRoster(), ...related()]);
      const left = without(smallRoster(), 'a2');
      expect(await directory.import(other.id, left, { kept })).toMatchObject(
        deleted({ course: { deleted: 1 }, term: { deleted: 1 }, section: { deleted: 0 } }),
      );
    });
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

  it('counts one answer to a held report, of all that come at once', async () => {
    const district = await directory.district(many(100));
    const { id } = await directory.import(district.id, many(80));
    const answers = await Promise.allSettled([
      confirmImport(directory.dataSource, district.id, id, SYSTEM),
      discardImport(directory.dataSource, district.id, id, SYSTEM),
      confirmImport(directory.dataSource, district.id, id, SYSTEM),
    ]);
    const refused = answers.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toHaveLength(2);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'import-not-held' });
  });

  it('confirms no import while another of the district runs', async () => {
    const district = await directory.district(many(100));
    const { id } = await directory.import(district.id, many(80));
    await beginImport(directory.dataSource, district.id, newId<ImportId>(), SYSTEM);
    await expect(confirmImport(directory.dataSource, district.id, id, SYSTEM)).rejects.toMatchObject({
      code: 'import-running',
    });
  });

  it.each([
    ['a first roster', []],
    ['a later one', smallRoster()],
  ])('publishes nothing of %s that was ended from elsewhere', async (_name, before) => {
    const district = await directory.district(before);
    const importId = newId<ImportId>();
    await beginImport(directory.dataSource, district.id, importId, SYSTEM);
    const records = [...smallRoster(), student('late', ['A'])];
    const files = {
      contentHash: Buffer.alloc(32, 7),
      carriedIds: () => Promise.resolve([]),
      read: () =>
        Promise.resolve({
          kept: new Map(),
          async *records() {
            await failImport(directory.dataSource, district.id, importId);
            yield* records;
          },
        }),
    };
    const place = { districtId: district.id, importId };
    await expect(importRoster(directory.dataSource, place, files, SYSTEM)).rejects.toMatchObject({
      code: 'import-superseded',
    });
    const { docs } = await read(district, 'user');
    expect(docs).toHaveLength(before.length === 0 ? 0 : 9);
    const [row] = await rows(directory.dataSource, 'select status, seq from imports where id = $1', [
      importId,
    ]);
    expect(row).toEqual({ status: 'failed', seq: null });
  });

  it.each([
    ['a first roster', []],
    ['a later one', smallRoster()],
  ])('leaves nothing of %s whose files break off', async (_name, before) => {
    const district = await directory.district(before);
    const importId = newId<ImportId>();
    await beginImport(directory.dataSource, district.id, importId, SYSTEM);
    const files = {
      contentHash: Buffer.alloc(32, 7),
      carriedIds: () => Promise.resolve([]),
      read: () =>
        Promise.resolve({
          kept: new Map(),
          async *records() {
            yield* many(3000);
            await Promise.reject(new Error('the disk is gone'));
          },
        }),
    };
    const place = { districtId: district.id, importId };
    await expect(importRoster(directory.dataSource, place, files, SYSTEM)).rejects.toThrow(
      'the disk is gone',
    );
    expect((await read(district, 'user')).docs).toHaveLength(before.length === 0 ? 0 : 9);
    const again = await directory.import(district.id, many(1));
    expect(again.status).toBe('published');
  });

  it('does not lay its changes upon the roster of another import', async () => {
    const district = await directory.district();
    const importId = newId<ImportId>();
    await beginImport(directory.dataSource, district.id, importId, SYSTEM);
    const files = {
      contentHash: Buffer.alloc(32, 7),
      carriedIds: () => Promise.resolve([]),
      read: () =>
        Promise.resolve({
          kept: new Map(),
          async *records() {
            yield* without(smallRoster(), 'a2');
          },
        }),
    };
    // The other holds the clock while this one compares, and lets it go with its roster published.
    const runner = directory.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('select from districts where id = $1 for update', [district.id]);
    const place = { districtId: district.id, importId };
    const outcome = importRoster(directory.dataSource, place, files, SYSTEM).catch((error: unknown) => error);
    for (;;) {
      const [waiting] = await rows<{ count: number }>(
        directory.dataSource,
        `select count(*)::int count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      if (waiting?.count) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await runner.query(
      `insert into publications (district_id, seq, edition, published_at, cause) values ($1, 2, 1000000, now(), 'import')`,
      [district.id],
    );
    await runner.query('update districts set seq = 2 where id = $1', [district.id]);
    await runner.commitTransaction();
    await runner.release();
    expect(await outcome).toMatchObject({ code: 'import-superseded' });
    expect((await read(district, 'user')).docs).toHaveLength(9);
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

describe('pruneHistory', () => {
  const MONTH_MS = 31 * 86_400_000;

  it('forgets what is older than it is kept, and nothing that is shown or told of since', async () => {
    const district = await directory.district();
    const { id: grantId } = await directory.grant(await directory.app(), district, {
      selection: { type: 'schools', schoolIds: [district.idOf('school', 'A')] },
    });
    await directory.import(district.id, without(smallRoster(), 'a2'));
    await directory.dataSource.query(
      `update publications set published_at = now() - interval '31 days' where district_id = $1`,
      [district.id],
    );
    await directory.import(district.id, smallRoster());
    const changes = () =>
      rows<{ edition: string }>(
        directory.dataSource,
        `select * from read_changes($1, $2, '{user,section}', null, null, null, false, 100)`,
        [district.id, grantId],
      );
    const kept = (await changes()).filter((each, _, all) => each.edition === all.at(-1)?.edition);
    const before = await read(district, 'user');
    expect(await pruneHistory(directory.dataSource, new Date())).toBeGreaterThan(0);
    expect(await pruneHistory(directory.dataSource, new Date())).toBe(0);
    expect(await read(district, 'user')).toEqual(before);
    expect(await changes()).toEqual(kept);
    expect(kept.length).toBeGreaterThan(0);
    await expect(read(district, 'user', 2)).rejects.toMatchObject({ code: 'HP410' });
    // A month on everything closed is gone, and the roster stands.
    await pruneHistory(directory.dataSource, new Date(Date.now() + MONTH_MS));
    const [closed] = await rows<{ count: number }>(
      directory.dataSource,
      'select count(*)::int count from record_versions where district_id = $1 and to_seq < 9000000000000000000',
      [district.id],
    );
    expect(closed?.count).toBe(0);
    expect((await read(district, 'user')).docs).toEqual(before.docs);
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
    expect(narrowed).toMatchObject({ status: 'active', narrowingTo: null });
    expect((await shownTo(id, district, 'school')).map((school) => school.id)).toEqual([
      district.idOf('school', 'B'),
    ]);
  });

  it('adds changes up, also those that come at once, and shows again only what is named', async () => {
    const district = await directory.district();
    const { id } = await directory.grant(await directory.app(), district, {
      hiddenFields: resolveField('school.phone'),
    });
    const narrow = (change: Parameters<typeof narrowGrant>[2]) =>
      narrowGrant(directory.dataSource, id, change, SYSTEM);
    const answers = await Promise.allSettled([
      narrow({ selection: { type: 'schools', schoolIds: [district.idOf('school', 'A')] } }),
      narrow({ hidden: resolveField('user.email') }),
      narrow({ hidden: resolveField('student.dob') }),
    ]);
    for (const each of answers)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'grant-changed' });
    const shown = await narrow({ shown: resolveField('school.phone') });
    expect(shown).toMatchObject({ selection: { type: 'schools' }, narrowingTo: null });
    expect(shown.fields.school).toContain('phone');
    expect(shown.fields.user).not.toContain('email');
    expect(shown.fields.user).not.toContain('roles.student.dob');
  });

  it('is brought to the rule that a stopped process was changing it to', async () => {
    const district = await directory.district();
    const { id } = await directory.grant(await directory.app(), district);
    const [grant] = await rows<{ fields: object }>(
      directory.dataSource,
      'select fields from grants where id = $1',
      [id],
    );
    const selection = { type: 'schools', schoolIds: [district.idOf('school', 'B')] };
    await directory.dataSource.query('update grants set narrowing_to = $2 where id = $1', [
      id,
      JSON.stringify({ selection, fields: grant?.fields }),
    ]);
    await finishNarrowings(directory.dataSource);
    const [after] = await rows(
      directory.dataSource,
      'select selection, narrowing_to from grants where id = $1',
      [id],
    );
    expect(after).toEqual({ selection, narrowing_to: null });
    expect(await shownTo(id, district, 'school')).toHaveLength(1);
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
