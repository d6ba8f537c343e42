import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openApiOf } from '@hallpass/service-kit';
import { resolveField, type RecordKind } from '@hallpass/domain';
import { smallRoster, type TestDistrict } from '@hallpass/database/testing';
import { TestDataApi, basic, bearer } from './fixtures.js';

/**
 * The isolation matrix: two apps × three districts × every roster route of the contract × every kind of id. A route without a
 * row here fails the build. `id`: what kind of record the path's {id} names; null: the route has none.
 */
const ROWS: Readonly<Record<string, { id: RecordKind | 'district' | null }>> = {
  '/v3.0/districts': { id: null },
  '/v3.0/districts/{id}': { id: 'district' },
  '/v3.0/schools': { id: null },
  '/v3.0/schools/{id}': { id: 'school' },
  '/v3.0/schools/{id}/district': { id: 'school' },
  '/v3.0/schools/{id}/courses': { id: 'school' },
  '/v3.0/schools/{id}/sections': { id: 'school' },
  '/v3.0/schools/{id}/terms': { id: 'school' },
  '/v3.0/schools/{id}/users': { id: 'school' },
  '/v3.0/terms': { id: null },
  '/v3.0/terms/{id}': { id: 'term' },
  '/v3.0/terms/{id}/district': { id: 'term' },
  '/v3.0/terms/{id}/schools': { id: 'term' },
  '/v3.0/terms/{id}/sections': { id: 'term' },
  '/v3.0/courses': { id: null },
  '/v3.0/courses/{id}': { id: 'course' },
  '/v3.0/courses/{id}/district': { id: 'course' },
  '/v3.0/courses/{id}/schools': { id: 'course' },
  '/v3.0/courses/{id}/sections': { id: 'course' },
  '/v3.0/sections': { id: null },
  '/v3.0/sections/{id}': { id: 'section' },
  '/v3.0/sections/{id}/district': { id: 'section' },
  '/v3.0/sections/{id}/course': { id: 'section' },
  '/v3.0/sections/{id}/school': { id: 'section' },
  '/v3.0/sections/{id}/term': { id: 'section' },
  '/v3.0/sections/{id}/users': { id: 'section' },
  '/v3.0/users': { id: null },
  '/v3.0/users/{id}': { id: 'user' },
  '/v3.0/users/{id}/district': { id: 'user' },
  '/v3.0/users/{id}/mycontacts': { id: 'user' },
  '/v3.0/users/{id}/mystudents': { id: 'user' },
  '/v3.0/users/{id}/myteachers': { id: 'user' },
  '/v3.0/users/{id}/schools': { id: 'user' },
  '/v3.0/users/{id}/sections': { id: 'user' },
};

const ABSENT = 'f'.repeat(24);
const ALL = smallRoster().map(({ kind, sourceId }) => [kind, sourceId] as const);
/** What belongs to school A: see smallRoster. */
const OF_SCHOOL_A = new Set([
  'A',
  'T',
  'math',
  'a1',
  'a2',
  'b1',
  'teacher-a',
  'parent-a1',
  'staff-a',
  'sec-a',
]);

interface Caller {
  name: string;
  authorization: string;
  /** The ids that the caller may see, of whatever kind. */
  visible: Set<string>;
}

let api: TestDataApi;
let districts: TestDistrict[];
let callers: Caller[];
let everyId: { id: string; kind: RecordKind | 'district' }[];

beforeAll(async () => {
  api = await TestDataApi.start();
  const { directory } = api;
  districts = [await directory.district(), await directory.district(), await directory.district()];
  const [first, second, third] = districts as [TestDistrict, TestDistrict, TestDistrict];
  const [whole, narrow] = [await directory.app(), await directory.app()];
  const idsIn = (district: TestDistrict, isIn = (_: string) => true) => [
    district.id as string,
    ...ALL.filter(([, sourceId]) => isIn(sourceId)).map(
      ([kind, sourceId]) => district.idOf(kind, sourceId) as string,
    ),
  ];
  const selection = { type: 'schools' as const, schoolIds: [first.idOf('school', 'A')] };
  const tokens = {
    wholeFirst: await directory.grant(whole, first),
    wholeSecond: await directory.grant(whole, second),
    narrowFirst: await directory.grant(narrow, first, {
      selection,
      hiddenFields: resolveField('student.dob'),
    }),
    narrowThird: await directory.grant(narrow, third),
  };
  const inA = (sourceId: string) => OF_SCHOOL_A.has(sourceId);
  callers = [
    {
      name: 'app 1, district 1',
      authorization: bearer(tokens.wholeFirst.token),
      visible: new Set(idsIn(first)),
    },
    {
      name: 'app 1, district 2',
      authorization: bearer(tokens.wholeSecond.token),
      visible: new Set(idsIn(second)),
    },
    {
      name: 'app 2, school A of district 1',
      authorization: bearer(tokens.narrowFirst.token),
      visible: new Set(idsIn(first, inA)),
    },
    {
      name: 'app 2, district 3',
      authorization: bearer(tokens.narrowThird.token),
      visible: new Set(idsIn(third)),
    },
    {
      name: 'app 1 by key',
      authorization: basic(whole.apiKey),
      visible: new Set([...idsIn(first), ...idsIn(second)]),
    },
    {
      name: 'app 2 by key',
      authorization: basic(narrow.apiKey),
      visible: new Set([...idsIn(first, inA), ...idsIn(third)]),
    },
  ];
  everyId = districts.flatMap((district) => [
    { id: district.id, kind: 'district' as const },
    ...ALL.map(([kind, sourceId]) => ({ id: district.idOf(kind, sourceId) as string, kind })),
  ]);
  await directory.dataSource.query(
    `insert into rate_policies values ('token', 'token', 1000000, 60, 'enforce'), ('api-key', 'api-key', 1000000, 60, 'enforce')`,
  );
  await directory.dataSource.query(
    `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
  );
  await api.heed();
});
afterAll(() => api.stop());

const anonymous = (text: string) => text.replace(/"requestId":"[^"]*"/, '');

describe('the isolation matrix', () => {
  it('has a row for every roster route of the contract', () => {
    const paths = Object.keys(openApiOf(api.app, '', '').paths).filter((path) => /^\/v\d/.test(path));
    expect(paths.sort()).toEqual(Object.keys(ROWS).sort());
  });

  it.each(Object.entries(ROWS))(
    '%s shows each caller its own and nothing else',
    async (path, { id: kind }) => {
      for (const { name, authorization, visible } of callers) {
        const absent = kind && (await api.get(path.replace('{id}', ABSENT), authorization));
        const ids = kind === null ? [''] : everyId.map(({ id }) => id);
        for (const id of ids) {
          const answer = await api.get(path.replace('{id}', id), authorization);
          const isOwn =
            kind === null || (visible.has(id) && everyId.find((each) => each.id === id)?.kind === kind);
          const where = `${path} of ${id} to ${name}`;
          expect([where, answer.status]).toEqual([where, isOwn ? 200 : 404]);
          if (!isOwn) expect(anonymous(answer.text)).toBe(anonymous(absent ? absent.text : ''));
          const foreign = everyId.filter((each) => each.id !== id && !visible.has(each.id));
          expect([where, foreign.filter((each) => answer.text.includes(each.id))]).toEqual([where, []]);
        }
      }
    },
  );

  it('hides a field that the grant does not share, wherever it may come up', async () => {
    const narrow = callers[2] as Caller;
    for (const [path, { id: kind }] of Object.entries(ROWS)) {
      const ids = kind === null ? [''] : [...narrow.visible];
      for (const id of ids) {
        const { text } = await api.get(path.replace('{id}', id), narrow.authorization);
        expect([path, text.includes('2012-03-04'), text.includes('"dob"')]).toEqual([path, false, false]);
      }
    }
  });

  it('does not take the cursor of another district for its own', async () => {
    const [own, other] = callers as [Caller, Caller];
    const { body } = await api.get('/v3.0/users?limit=2', other.authorization);
    const next = body.links.find((link: { rel: string }) => link.rel === 'next').uri as string;
    const { status, text } = await api.get(next, own.authorization);
    expect(status).toBe(200);
    for (const { id } of everyId.filter((each) => !own.visible.has(each.id))) {
      // The caller's own cursor comes back in the links; nothing else of the other district does.
      expect(text.replaceAll(/(starting_after|ending_before)=[0-9a-f]{24}/g, '')).not.toContain(id);
    }
  });

  it.each(Object.keys(ROWS))('%s refuses a caller without a credential', async (path) => {
    const { status, headers, body } = await api.get(path.replace('{id}', ABSENT));
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="hallpass"');
    expect(body).toMatchObject({ code: 'credentials-missing', error: expect.any(String) });
  });
});
