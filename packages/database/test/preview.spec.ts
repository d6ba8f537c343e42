import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  newId,
  PREVIEW_KINDS,
  resolveField,
  type PreviewId,
  type QualifiedField,
  type Selection,
  type SharingRule,
} from '@hallpass/domain';
import {
  askPreview,
  narrowGrant,
  PreviewDesk,
  rows,
  rulesOfChange,
  rulesOfChoice,
  takePreview,
} from '../src/index.js';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '../src/testing/index.js';

let directory: TestDirectory;
let district: TestDistrict;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  district = await directory.district();
});
afterAll(() => directory.close());

/** Every record as a published rule shows it, by id. */
async function published(of: string): Promise<Map<string, unknown>> {
  const found = await rows<{ kind: string; id: string; doc: string }>(
    directory.dataSource,
    `select v.kind, v.record_id id, coalesce(v.doc, r.doc) doc from visible_versions v
     join grants g on g.district_id = v.district_id and g.fingerprint = v.fingerprint
     join record_versions r on r.district_id = v.district_id and r.kind = v.kind and r.record_id = v.record_id
       and r.to_seq = 9223372036854775807
     where g.id = $1 and v.to_seq = 9223372036854775807`,
    [of],
  );
  return new Map(
    found.map(({ kind, id, doc }) => [`${kind === 'user' ? 'user' : kind} ${id}`, JSON.parse(doc)]),
  );
}

const kindOf = (kind: string) =>
  ['student', 'teacher', 'staff', 'contact', 'district_admin'].includes(kind) ? 'user' : kind;

const fail = (error: unknown) => {
  throw error;
};

/** Every record that a preview shows, page by page, by id. */
async function previewed(rules: Parameters<PreviewDesk['answer']>[0]['rules'], isVanishing = false) {
  const desk = new PreviewDesk(directory.dataSource, fail);
  const seen = new Map<string, unknown>();
  let counted = 0;
  for (const kind of PREVIEW_KINDS) {
    for (let after: string | null = ''; after !== null;) {
      const query = { kind, isVanishing, search: '', after, limit: 2 };
      const { page } = await desk.answer({ rules, query });
      for (const { id, document } of page?.records ?? []) seen.set(`${kindOf(kind)} ${id}`, document);
      counted += page?.records.length ?? 0;
      after = page?.next ?? null;
      expect(after ?? '').not.toContain('\u0000');
    }
  }
  const { counts } = await desk.answer({ rules, query: null });
  const total = counts.reduce((sum, each) => sum + (isVanishing ? each.vanishing : each.shown), 0);
  expect(counted).toBe(total);
  return { seen, counts };
}

const CHOICES: [string, () => Selection, QualifiedField[]][] = [
  ['one school', () => ({ type: 'schools', schoolIds: [district.idOf('school', 'A')] }), []],
  [
    'one school without names',
    () => ({ type: 'schools', schoolIds: [district.idOf('school', 'A')] }),
    [...resolveField('user.name')],
  ],
  ['everything without birthdays', () => ({ type: 'everything' }), [...resolveField('student.dob')]],
];

describe('a preview', () => {
  it.each(CHOICES)('of %s shows exactly what the grant then serves', async (_, selection, hiddenFields) => {
    app = await directory.app();
    const choice = { appId: app.id, districtId: district.id, selection: selection(), hiddenFields };
    const rules = await rulesOfChoice(directory.dataSource.manager, choice);
    const { seen } = await previewed(rules);
    const grant = await directory.grant(app, district, choice);
    expect(seen).toEqual(await published(grant.id));
    expect(seen.size).toBeGreaterThan(4);
  });

  it('of a narrowing names exactly what vanishes', async () => {
    app = await directory.app();
    const fields: QualifiedField[] = [...resolveField('student.dob')];
    const grant = await directory.grant(app, district, { hiddenFields: fields });
    const before = await published(grant.id);
    const change = { selection: { type: 'schools', schoolIds: [district.idOf('school', 'B')] } } as const;
    const rules = await rulesOfChange(directory.dataSource.manager, grant.id, change);
    const gone = (await previewed(rules, true)).seen;
    const { seen } = await previewed(rules);
    await narrowGrant(directory.dataSource, grant.id, change, SYSTEM);
    const after = await published(grant.id);
    expect(seen).toEqual(after);
    const vanished = [...before].filter(([key]) => !after.has(key));
    // A person may lose one role and keep another: whoever is gone whole is among them.
    for (const [key, document] of vanished) expect([key, gone.get(key)]).toEqual([key, document]);
    expect(vanished.length).toBeGreaterThan(0);
    for (const [key] of gone) expect(before.has(key)).toBe(true);
  });

  it('finds by name as the app would see it, and never by a hidden one', async () => {
    app = await directory.app();
    const desk = new PreviewDesk(directory.dataSource, fail);
    const query = { kind: 'teacher', isVanishing: false, search: 'alder', after: '', limit: 10 } as const;
    const rulesWith = (hiddenFields: QualifiedField[]) =>
      rulesOfChoice(directory.dataSource.manager, {
        appId: app.id,
        districtId: district.id,
        selection: { type: 'everything' },
        hiddenFields,
      });
    const open = await desk.answer({ rules: await rulesWith([]), query });
    expect(open.page?.records.map(({ title }) => title)).toEqual(['Alder, Ann']);
    const hidden: QualifiedField[] = [...resolveField('user.name'), ...resolveField('user.email')];
    const closed = await desk.answer({ rules: await rulesWith(hidden), query });
    expect(closed.page?.records).toEqual([]);
    expect(closed.counts.find(({ kind }) => kind === 'teacher')).toMatchObject({ shown: 2, of: 2 });
  });

  it('follows the roster: what is kept worked out is not told after an import', async () => {
    app = await directory.app();
    const desk = new PreviewDesk(directory.dataSource, fail);
    const own = await directory.district();
    const rule: SharingRule = (
      await rulesOfChoice(directory.dataSource.manager, {
        appId: app.id,
        districtId: own.id,
        selection: { type: 'everything' },
        hiddenFields: [],
      })
    ).rule;
    const ask = () => desk.answer({ rules: { districtId: own.id, rule, before: null }, query: null });
    const schools = async () => (await ask()).counts.find(({ kind }) => kind === 'school');
    expect(await schools()).toMatchObject({ shown: 2, of: 2 });
    await directory.import(own.id, [{ kind: 'school', sourceId: 'A', name: 'Alder School' }]);
    expect(await schools()).toMatchObject({ shown: 1, of: 1 });
  });

  it('answers what waits, each once, and what one fails by keeps no other waiting', async () => {
    const { dataSource } = directory;
    const errors: unknown[] = [];
    const desk = new PreviewDesk(dataSource, (error) => errors.push(error));
    const { id: districtId } = await directory.district();
    const rule: SharingRule = { selection: { type: 'everything' }, fields: { school: ['name'] } };
    const ask = async (asked: SharingRule) => {
      const id = newId<PreviewId>();
      await askPreview(dataSource, id, { rules: { districtId, rule: asked, before: null }, query: null });
      return id;
    };
    const broken = await ask({ ...rule, selection: { type: 'nothing known' } as never });
    const good = await Promise.all(Array.from({ length: 10 }, () => ask(rule)));
    await Promise.all([desk.answerAll(), desk.answerAll()]);
    expect(errors.length).toBe(1);
    for (const id of good)
      expect(await takePreview(dataSource, id)).toMatchObject({
        counts: expect.arrayContaining([expect.objectContaining({ kind: 'school', shown: 2 })]),
      });
    expect(await rows(dataSource, 'select from previews where id = $1', [broken])).toEqual([]);
  });
});
