import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { legacyIdOf, type RecordId, type RecordKind, type UserRole } from '@hallpass/domain';
import { smallRoster, student, type TestDistrict } from '@hallpass/database/testing';
import { ALL_VERSIONS } from '../src/versions/all-versions.js';
import type { Route } from '../src/versions/route.js';
import { VERSIONS } from '../src/versions/view.js';
import { contractFaults } from './contract-schemas.js';
import { TestDataApi, bearer, type Answer } from './fixtures.js';

/** What every route of every version answers, by status. The isolation matrix has who sees what. */
const ROUTES = ALL_VERSIONS.flatMap(({ version, routes }) =>
  routes.map(
    (route) => [`${route.method} /${version}${route.path}`, `/${version}${route.path}`, route] as const,
  ),
);
const READ = ROUTES.filter(([, , { form }]) => form.of !== 'nothing');
const ABSENT = 'f'.repeat(24);
/** Of each kind and role, one that has everything. */
const SOURCES: Readonly<Record<RecordKind | UserRole, [RecordKind, string]>> = {
  school: ['school', 'A'],
  term: ['term', 'T'],
  course: ['course', 'math'],
  section: ['section', 'sec-a'],
  resource: ['resource', 'book'],
  user: ['user', 'a1'],
  student: ['user', 'a1'],
  teacher: ['user', 'teacher-a'],
  staff: ['user', 'staff-a'],
  contact: ['user', 'parent-a1'],
  district_admin: ['user', 'admin'],
};

let api: TestDataApi;
let district: TestDistrict;
let token: string;
/** An event of each version. */
const events = new Map<string, string>();
let spent: string;

beforeAll(async () => {
  api = await TestDataApi.start();
  district = await api.directory.district();
  const app = await api.directory.app();
  token = bearer((await api.directory.grant(app, district)).token);
  spent = bearer((await api.directory.grant(await api.directory.app(), district)).token);
  await api.limitRequests(1_000_000);
  const change = student('a1', ['B', 'A']);
  await api.directory.import(
    district.id,
    smallRoster().map((each) => (each.sourceId === 'a1' ? change : each)),
  );
  for (const version of VERSIONS)
    events.set(version, (await api.get(`/${version}/events`, token)).body.data[0].data.id);
});
afterAll(() => api.stop());

function ownId({ named }: Route, path: string): string {
  if (named === 'event') return events.get(path.split('/')[1] ?? '') ?? ABSENT;
  if (named === undefined) return ABSENT;
  if (named === 'district') return district.id;
  const [kind, sourceId] = SOURCES[named.role ?? named.kind];
  const id: RecordId = district.idOf(kind, sourceId);
  return named.role ? legacyIdOf(named.role, id) : id;
}

const ask = (
  path: string,
  { method }: Route,
  id: string,
  authorization?: string,
  query = '',
): Promise<Answer> =>
  api.ask(method.toUpperCase() as 'GET', `${path.replaceAll(/\{\w+\}/g, id)}${query}`, authorization);

describe('every route', () => {
  it.each(READ)(
    '%s 200 gives what its contract says, and root-relative links of its version',
    async (_, path, route) => {
      const { status, body, headers } = await ask(path, route, ownId(route, path), token);
      expect([status, contractFaults(path, body)]).toEqual([200, []]);
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      const version = path.split('/')[1] ?? '';
      for (const { uri } of body.links) expect(uri.startsWith(`/${version}/`)).toBe(true);
      expect(body.links[0].rel).toBe('self');
    },
  );

  it.each(READ.filter(([, , { isList }]) => isList))(
    '%s 400 and 413 for a faulty query',
    async (_, path, route) => {
      const id = ownId(route, path);
      const faulty = ['limit=0', 'limit=x', 'starting_after=x', 'ending_before=first', 'at=x'];
      const known = {
        count: 'count=x',
        role: 'role=x',
        primary: 'primary=x',
        page: 'page=0',
        where: 'where=x',
        sort: 'sort=x',
        record_type: 'record_type=pets',
        school: 'school=x',
        created_since: 'created_since=x',
      };
      const own = Object.entries(known).flatMap(([name, query]) =>
        route.parameters.some((each) => each === name) ? [query] : [],
      );
      for (const query of [...faulty, ...own]) {
        const { status, body } = await ask(path, route, id, token, `?${query}`);
        expect([query, status]).toEqual([query, 400]);
        expect([typeof body.error, typeof body.message]).toEqual(['string', 'string']);
      }
      const large = await ask(path, route, id, token, '?limit=10001');
      expect([large.status, large.body.code]).toEqual([413, 'limit-too-large']);
    },
  );

  it.each(READ.filter(([, , { parameters }]) => parameters.includes('include')))(
    '%s 400 for what it cannot include',
    async (_, path, route) => {
      const { status, body } = await ask(path, route, ownId(route, path), token, '?include=schools,secrets');
      expect([status, body.faults[0].field]).toEqual([400, 'include']);
    },
  );

  it.each(ROUTES)('%s 401 without a credential', async (_, path, route) => {
    const { status, headers, body } = await ask(path, route, ABSENT);
    expect([status, body.code]).toEqual([401, 'credentials-missing']);
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="hallpass", resource_metadata="/);
    expect([typeof body.error, typeof body.message]).toEqual(['string', 'string']);
  });

  it.each(READ.filter(([, , { named }]) => named !== undefined))(
    '%s 404 for what is not there',
    async (_, path, route) => {
      const { status, body } = await ask(path, route, ABSENT, token);
      expect([status, body.code, typeof body.error]).toEqual([404, 'not-found', 'string']);
    },
  );
});

describe('every route, when the limit is spent', () => {
  beforeAll(async () => {
    await api.limitRequests(1);
    await api.get('/v3.1/schools', spent);
  });

  it.each(ROUTES)('%s 429', async (_, path, route) => {
    const { status, body, headers } = await ask(path, route, ownId(route, path), spent);
    expect([status, (headers['x-ratelimit-remaining'] as string[])[0]]).toEqual([429, '0']);
    // Clients of the first version expect no body.
    if (path.startsWith('/v1')) expect([body, headers['content-length']]).toEqual([undefined, '0']);
    else expect(body).toMatchObject({ code: 'rate-limited', 'violated-policies': ['token'] });
  });
});
