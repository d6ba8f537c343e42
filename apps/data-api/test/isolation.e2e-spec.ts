import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openApiOf } from '@hallpass/service-kit';
import { USER_ROLES, legacyIdOf, resolveField, type RecordId, type UserRole } from '@hallpass/domain';
import { smallRoster, student, type TestDistrict } from '@hallpass/database/testing';
import { ALL_VERSIONS } from '../src/versions/all-versions.js';
import type { Named, Route } from '../src/versions/route.js';
import { contractFaults } from './contract-schemas.js';
import { TestDataApi, basic, bearer } from './fixtures.js';

/**
 * The isolation matrix: two apps × three districts × every roster route × every kind of id. Its rows are those of the version
 * tables; a route that comes from elsewhere needs a row here, or the build fails.
 */
interface Row {
  /** With its version and {id}. */
  path: string;
  named: Named | undefined;
  route: Route;
}
const ROWS: readonly Row[] = ALL_VERSIONS.flatMap(({ version, routes }) =>
  routes.map((route) => ({ path: `/${version}${route.path}`, named: route.named, route })),
);
/** Routes that no version table has. */
const OURS = ['/access', '/me', '/v3.1/export'];
const READ = ROWS.filter(({ route }) => route.form.of !== 'nothing');
const UNSUPPORTED = ROWS.filter(({ route }) => route.form.of === 'nothing');
const LISTS = READ.filter(({ route, named }) => route.isList && named === undefined);

const ABSENT = 'f'.repeat(24);
const MALFORMED = ['x', 'null', '0'.repeat(23), `${'0'.repeat(24)}'`, '%00'];
const RECORDS = smallRoster();
/** What belongs to school A, and in which roles: see smallRoster. The teacher's child is at school B. */
const OF_SCHOOL_A = new Set(
  [
    'school A, term T, course math, section sec-a, resource book, resource guide, user a1, user a2, user b1, user teacher-a, user parent-a1, user staff-a',
    'student a1, student a2, student b1, teacher teacher-a, contact parent-a1, staff staff-a',
  ].flatMap((names) => names.split(', ')),
);

/** An id as some version spells it, and what it names there: a kind, a role, or a district. */
interface Spelling {
  id: string;
  names: string;
}

interface Caller {
  name: string;
  authorization: string;
  visible: Set<string>;
  spellings: Set<string>;
  /** Ids of its app, its grants and its credential, which it may be told. */
  directory: Set<string>;
}

let api: TestDataApi;
let callers: Caller[];
let everything: Spelling[][];

/** Every id of a district's records, in every spelling. `isIn` is asked as `kind source` and as `role source`. */
function spellingsOf(district: TestDistrict, isIn: (what: string) => boolean = () => true): Spelling[] {
  return [
    { id: district.id, names: 'district' },
    ...RECORDS.flatMap((record): Spelling[] => {
      const { kind, sourceId } = record;
      const id: RecordId = district.idOf(kind, sourceId);
      const roles = kind === 'user' ? USER_ROLES.filter((role) => hasRole(record, role)) : [];
      return [
        ...(isIn(`${kind} ${sourceId}`) ? [{ id, names: kind }] : []),
        ...roles
          .filter((role) => isIn(`${role} ${sourceId}`))
          .map((role) => ({ id: legacyIdOf(role, id), names: role })),
      ];
    }),
  ];
}

function hasRole(record: (typeof RECORDS)[number], role: UserRole): boolean {
  if (record.kind !== 'user') return false;
  return role === 'district_admin'
    ? record.roles.districtAdmin !== undefined
    : record.roles[role] !== undefined;
}

const keyOf = ({ id, names }: Spelling) => `${names} ${id}`;
/** Two publications that change a home school and change it back: events, and the same roster as before. */
async function changeForth(district: TestDistrict): Promise<void> {
  const changed = RECORDS.map((each) => (each.sourceId === 'a1' ? student('a1', ['B', 'A']) : each));
  await api.directory.import(district.id, changed);
  await api.directory.import(district.id, RECORDS);
}

const namesOf = (named: Named) => (typeof named === 'string' ? named : (named.role ?? named.kind));

beforeAll(async () => {
  api = await TestDataApi.start();
  const { directory } = api;
  const districts = [await directory.district(), await directory.district(), await directory.district()];
  const [first, second, third] = districts as [TestDistrict, TestDistrict, TestDistrict];
  const [whole, narrow] = [await directory.app(), await directory.app()];
  const selection = { type: 'schools' as const, schoolIds: [first.idOf('school', 'A')] };
  const hiddenFields = resolveField('student.dob');
  const tokens = {
    wholeFirst: await directory.grant(whole, first),
    wholeSecond: await directory.grant(whole, second),
    narrowFirst: await directory.grant(narrow, first, { selection, hiddenFields }),
    narrowThird: await directory.grant(narrow, third),
  };
  for (const each of districts) await changeForth(each);
  const inA = spellingsOf(first, (what) => OF_SCHOOL_A.has(what));
  const caller = (name: string, authorization: string, visible: Spelling[]): Caller => ({
    name,
    authorization,
    visible: new Set(visible.map(keyOf)),
    spellings: new Set(visible.map(({ id }) => id)),
    directory: new Set(),
  });
  everything = districts.map((district) => spellingsOf(district));
  const [all1 = [], all2 = [], all3 = []] = everything;
  callers = [
    caller('app 1, district 1', bearer(tokens.wholeFirst.token), all1),
    caller('app 1, district 2', bearer(tokens.wholeSecond.token), all2),
    caller('app 2, school A of district 1', bearer(tokens.narrowFirst.token), inA),
    caller('app 2, district 3', bearer(tokens.narrowThird.token), all3),
    caller('app 1 by key', basic(whole.apiKey), [...all1, ...all2]),
    caller('app 2 by key', basic(narrow.apiKey), [...inA, ...all3]),
  ];
  for (const each of callers) {
    const { body } = await api.get('/access', each.authorization);
    const { credential, app, districts: opened } = body.data;
    const grants = opened.map(({ grantId }: { grantId: string }) => grantId);
    each.directory = new Set([credential.id, app.id, ...grants]);
  }
  await api.limitRequests(10_000_000);
});
afterAll(() => api.stop());

const anonymous = (text: string) => text.replace(/"requestId":"[^"]*"/, '');
/** Where events go on is told by a number of publications, and is no record's id. */
const idsIn = (text: string) =>
  new Set(text.replaceAll(/events\?starting_after=[0-9a-f]{8}f{16}/g, '').match(/[0-9a-f]{24}/g) ?? []);

/** The ids in a text that are neither the caller's nor of events of the caller's records, whose ends they bear. */
function foreignIn(text: string, { spellings }: Caller): string[] {
  const tails = new Set([...spellings].map((id) => id.slice(9)));
  return [...idsIn(text)].filter((id) => !spellings.has(id) && !tails.has(id.slice(8, 23)));
}

/** All that the path could name, of each district, and of one district one of every other spelling. */
function idsFor(named: Named): Spelling[] {
  const others = new Map(everything[0]?.map((each) => [each.names, each]));
  others.delete(namesOf(named));
  const own = everything.flatMap((spellings) => spellings.filter(({ names }) => names === namesOf(named)));
  return [...own, ...others.values()];
}

describe('the isolation matrix', () => {
  it('has a row for every roster route of the contract', () => {
    const paths = Object.keys(openApiOf(api.app, '', '').paths).filter(
      (path) => !/^\/(docs|health|\.well-known)\//.test(path),
    );
    expect(paths.sort()).toEqual([...new Set([...ROWS.map(({ path }) => path), ...OURS])].sort());
  });

  it.each(
    READ.filter(({ named }) => named !== undefined && named !== 'event').map(
      (row) => [row.path, row] as const,
    ),
  )('%s shows each caller its own and nothing else', async (path, { named = 'district', route }) => {
    for (const caller of callers) {
      const { name, authorization, visible } = caller;
      const absent = await api.get(path.replace('{id}', ABSENT), authorization);
      expect([path, absent.status]).toEqual([path, 404]);
      for (const each of idsFor(named)) {
        const { status, text, body } = await api.get(path.replace('{id}', each.id), authorization);
        const where = `${path} of ${keyOf(each)} to ${name}`;
        const isOwn = visible.has(`${namesOf(named)} ${each.id}`);
        // The record that a reference names may itself be hidden.
        const isReference = route.form.of === 'record' && /\}\/[a-z]+$/.test(path);
        const expected = !isOwn ? 404 : isReference && status === 404 ? 404 : 200;
        expect([where, status]).toEqual([where, expected]);
        if (!isOwn) expect(anonymous(text)).toBe(anonymous(absent.text));
        if (status === 200) expect([where, contractFaults(path, body)]).toEqual([where, []]);
        const foreign = foreignIn(text, caller).filter((id) => id !== each.id);
        expect([where, foreign]).toEqual([where, []]);
      }
    }
    const [{ authorization }] = callers as [Caller];
    const absent = await api.get(path.replace('{id}', ABSENT), authorization);
    for (const bad of MALFORMED) {
      const answer = await api.get(path.replace('{id}', bad), authorization);
      expect(anonymous(answer.text)).toBe(anonymous(absent.text));
    }
  });

  it.each(READ.filter(({ named }) => named === undefined).map(({ path }) => path))(
    '%s shows each caller its own and nothing else',
    async (path) => {
      for (const caller of callers) {
        const { name, authorization } = caller;
        const { status, text, body } = await api.get(path, authorization);
        const where = `${path} to ${name}`;
        const isKeyOfSeveral = path.endsWith('/me') && name.endsWith('by key');
        expect([where, status]).toEqual([where, isKeyOfSeveral ? 404 : 200]);
        if (status === 200) expect([where, contractFaults(path, body)]).toEqual([where, []]);
        expect([where, foreignIn(text, caller)]).toEqual([where, []]);
      }
    },
  );

  it.each(OURS)('%s shows each caller its own and nothing else', async (path) => {
    for (const caller of callers) {
      const { status, text } = await api.get(path, caller.authorization);
      const isKeyOfSeveral = path === '/me' && caller.name.endsWith('by key');
      expect([path, caller.name, status]).toEqual([path, caller.name, isKeyOfSeveral ? 404 : 200]);
      const foreign = foreignIn(text, caller).filter((id) => !caller.directory.has(id));
      expect([path, caller.name, foreign]).toEqual([path, caller.name, []]);
      if (caller === callers[2]) expect(text).not.toContain('"2012-03-04"');
    }
  });

  it.each(READ.filter(({ named }) => named === 'event').map(({ path }) => path))(
    '%s shows each caller its own and nothing else',
    async (path) => {
      const told = new Map<Caller, Set<string>>();
      for (const caller of callers) {
        const { body } = await api.get(path.replace('/{id}', ''), caller.authorization);
        told.set(caller, new Set(body.data.map((each: { data: { id: string } }) => each.data.id)));
      }
      const all = new Set([...told.values()].flatMap((ids) => [...ids]));
      expect(all.size).toBeGreaterThan(5);
      for (const caller of callers) {
        const absent = await api.get(path.replace('{id}', ABSENT), caller.authorization);
        for (const id of [...all, ...MALFORMED]) {
          const { status, text, body } = await api.get(path.replace('{id}', id), caller.authorization);
          const isOwn = told.get(caller)?.has(id) ?? false;
          expect([id, status]).toEqual([id, isOwn ? 200 : 404]);
          if (!isOwn) expect(anonymous(text)).toBe(anonymous(absent.text));
          else expect([contractFaults(path, body), foreignIn(text, caller)]).toEqual([[], []]);
        }
      }
    },
  );

  it.each(UNSUPPORTED.map(({ path, route }) => [route.method, path] as const))(
    '%s %s tells nobody whether there is such a record',
    async (method, path) => {
      const verb = method.toUpperCase() as 'GET';
      for (const { authorization } of callers) {
        const ask = (id: string) =>
          api
            .ask(verb, path.replaceAll(/\{\w+\}/g, id), authorization)
            .then(({ status, text }) => [status, anonymous(text)]);
        const absent = await ask(ABSENT);
        expect(absent[0]).toBe(501);
        for (const [spelling] of everything) expect(await ask(spelling?.id ?? '')).toEqual(absent);
      }
      expect((await api.ask(verb, path.replaceAll(/\{\w+\}/g, ABSENT))).status).toBe(401);
    },
  );

  it.each(LISTS.map(({ path }) => path))(
    '%s does not take the cursor of another district for its own',
    async (path) => {
      const [own, other] = callers as [Caller, Caller];
      const { body } = await api.get(`${path}?limit=1`, other.authorization);
      const next = body.links.find((link: { rel: string }) => link.rel === 'next')?.uri as string | undefined;
      if (next === undefined) return;
      const { status, text } = await api.get(next, own.authorization);
      expect(status).toBe(200);
      // The caller's own cursor comes back in the links; nothing else of the other district does.
      const shown = text.replaceAll(/(starting_after|ending_before)=[0-9a-f]{24}/g, '');
      expect(foreignIn(shown, own)).toEqual([]);
    },
  );
});

describe('a field that the grant does not share', () => {
  /** The caller who shares no date of birth. */
  const narrow = () => callers[2] as Caller;

  it('comes up in no route', async () => {
    for (const { path, named } of READ) {
      const ids = named === undefined ? [''] : [...narrow().spellings];
      for (const id of ids) {
        const { text } = await api.get(path.replace('{id}', id), narrow().authorization);
        expect([path, text.includes('2012-03-04'), text.includes('"dob"')]).toEqual([path, false, false]);
      }
    }
  });

  const whereable = LISTS.filter(
    ({ path, route }) => route.parameters.includes('where') && path.endsWith('students'),
  );

  it.each(whereable.map(({ path }) => path))('%s cannot be asked about it', async (path) => {
    const count = async (where: object) => {
      const query = new URLSearchParams({ where: JSON.stringify(where), count: 'true' });
      const { status, body } = await api.get(`${path}?${query.toString()}`, narrow().authorization);
      expect(status).toBe(200);
      return body.count as number;
    };
    const all = await count({});
    expect(all).toBe(3);
    // As if no student had one.
    for (const condition of [
      '2012-03-04',
      { $gt: '' },
      { $regex: '2' },
      { $in: ['2012-03-04'] },
      { $exists: true },
    ])
      expect(await count({ dob: condition })).toBe(0);
    for (const condition of [{ $ne: '2012-03-04' }, { $nin: ['2012-03-04'] }, { $exists: false }])
      expect(await count({ dob: condition })).toBe(all);
  });

  it.each(whereable.map(({ path }) => path))('%s is not sorted or narrowed by it', async (path) => {
    const plain = await api.get(path, narrow().authorization);
    for (const query of ['sort=dob', 'sort=-dob', 'fields=dob', 'dob=2012-03-04', 'distinct=dob']) {
      const { body } = await api.get(`${path}?${query}`, narrow().authorization);
      expect(body.data).toEqual(plain.body.data);
    }
  });

  it.each(READ.filter(({ route }) => route.parameters.includes('include')))(
    '$path does not include it, nor a record that is hidden',
    async ({ path, named = 'district', route }) => {
      const include = Object.keys(route.includes).join(',');
      for (const { authorization, visible, spellings, name } of callers) {
        for (const each of [...visible].filter((key) => key.startsWith(`${namesOf(named)} `))) {
          const id = each.split(' ')[1] ?? '';
          const url = `${path.replace('{id}', id)}?include=${include}`;
          const { status, text, body } = await api.get(url, authorization);
          expect([url, status, contractFaults(path, body)]).toEqual([url, 200, []]);
          expect([url, [...idsIn(text)].filter((found) => !spellings.has(found))]).toEqual([url, []]);
          if (name === narrow().name) expect(text).not.toContain('2012-03-04');
        }
      }
    },
  );

  it('is not named by an error', async () => {
    const { body } = await api.get('/v1.2/students?where={"dob":5}', narrow().authorization);
    expect(body.code).toBe('request-invalid');
    expect(JSON.stringify(body)).not.toContain('2012');
  });
});
