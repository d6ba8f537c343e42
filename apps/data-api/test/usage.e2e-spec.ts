import { once } from 'node:events';
import { request as send } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lookupOf, moveGrant, rows, withClient } from '@hallpass/database';
import { SYSTEM, smallRoster, student, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import {
  RECORD_KINDS,
  legacyIdOf,
  newId,
  newSecret,
  type DistrictId,
  type RecordKind,
} from '@hallpass/domain';
import { UsageCounter, createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataApiConfig } from '../src/config.js';
import { dataApi } from '../src/data-api.js';
import { TestDataApi, basic, bearer, type Answer } from './fixtures.js';

let api: TestDataApi;
let districts: [TestDistrict, TestDistrict];

beforeAll(async () => {
  api = await TestDataApi.start();
  districts = [
    await api.directory.district(),
    await api.directory.district([...smallRoster(), student('c', ['B'])]),
  ];
});
afterAll(() => api.stop());

const flush = (app: NestFastifyApplication = api.app) => app.get(UsageCounter).flush();

interface Row {
  [name: string]: unknown;
}
/** What was written of an app, by route and status. */
async function callsOf(app: TestApp, table = 'usage_minutes'): Promise<Row[]> {
  await flush();
  return rows<Row>(
    api.directory.dataSource,
    `select district_id district, credential_type "type", credential_id id, route, status, sum(calls)::bigint calls,
       sum(records)::bigint records
     from ${table} where app_id = $1 group by 1, 2, 3, 4, 5 order by 4, 5, 3`,
    [app.id],
  );
}
async function servedTo(app: TestApp): Promise<Record<string, number>> {
  await flush();
  const served = await rows<{ key: string; records: number }>(
    api.directory.dataSource,
    `select district_id || ' ' || credential_type || ' ' || kind key, sum(records)::bigint records
     from served_days where app_id = $1 group by 1 order by 1`,
    [app.id],
  );
  return Object.fromEntries(served.map(({ key, records }) => [key, records]));
}
const tokenIdOf = async (grantId: string) =>
  (
    await rows<{ id: string }>(api.directory.dataSource, 'select id from tokens where grant_id = $1', [
      grantId,
    ])
  )[0]?.id;

/** Counts what answers held by looking into them: nothing that the service counts with. */
class Tally {
  readonly served: Record<string, number> = {};

  constructor(readonly type: 'token' | 'api-key') {}

  add(kind: RecordKind, { status, body }: Answer): void {
    if (status !== 200) throw new Error(`answered ${status}`);
    const all = Array.isArray(body.data) ? body.data : [body];
    for (const each of all) this.note(kind, (each.data ?? each).district as DistrictId);
  }

  note(kind: RecordKind, district: DistrictId, records = 1): void {
    const key = `${district} ${this.type} ${kind}`;
    this.served[key] = (this.served[key] ?? 0) + records;
  }
}

const V1_AND_V2: [string, RecordKind][] = [
  ['students', 'user'],
  ['teachers', 'user'],
  ['sections', 'section'],
  ['schools', 'school'],
];

describe('usage', () => {
  it.each(['token', 'api-key'] as const)(
    'of %s: what every kind of route of every version was answered with, by district and kind',
    async (type) => {
      const app = await api.directory.app();
      const [{ token }] = [
        await api.directory.grant(app, districts[0]),
        type === 'api-key' ? await api.directory.grant(app, districts[1]) : undefined,
      ];
      const credential = type === 'token' ? bearer(token) : basic(app.apiKey);
      const tally = new Tally(type);
      const ask = async (url: string, kind: RecordKind) => tally.add(kind, await api.get(url, credential));
      for (const version of ['v3.0', 'v3.1'])
        for (const kind of RECORD_KINDS) {
          if (version === 'v3.0' && kind === 'resource') continue;
          // All of them: which come first follows from ids, which are drawn by lot.
          await ask(`/${version}/${kind}s?limit=100`, kind);
        }
      for (const version of ['v1.1', 'v1.2', 'v2.0', 'v2.1'])
        for (const [collection, kind] of V1_AND_V2) await ask(`/${version}/${collection}?limit=2`, kind);
      const [own] = districts;
      const school = own.idOf('school', 'A');
      const section = own.idOf('section', 'sec-a');
      await ask(`/v3.0/schools/${school}`, 'school');
      await ask(`/v3.0/schools/${school}/sections`, 'section');
      await ask(`/v3.0/sections/${section}/users?limit=2`, 'user');
      await ask(`/v3.0/sections/${section}/course`, 'course');
      await ask(
        `/v3.1/users?role=student&where=${encodeURIComponent('{"name.last":"Pupil"}')}&limit=2`,
        'user',
      );
      await ask(`/v1.2/students?page=2&limit=2`, 'user');
      // What tells numbers, and nothing of a record.
      await api.get('/v3.0/users?count=true', credential);
      await api.get('/access', credential);
      await api.get('/me', credential);
      expect(Object.keys(tally.served).length).toBe(type === 'token' ? 6 : 12);
      expect(await servedTo(app)).toEqual(tally.served);
      const all = await callsOf(app);
      const sum = (name: string) => all.reduce((total, row) => total + (row[name] as number), 0);
      expect(sum('records')).toBe(Object.values(tally.served).reduce((total, each) => total + each, 0));
      expect(all.every(({ district }) => district === (type === 'token' ? own.id : ''))).toBe(true);
      expect(new Set(all.map((row) => row['type']))).toEqual(new Set([type]));
      expect(await callsOf(app, 'usage_days')).toEqual(all);
      // Patterns alone: no id of a record or of anything else.
      expect(JSON.stringify(all.map(({ route }) => route))).not.toMatch(/[0-9a-f]{24}/);
    },
  );

  it('of what is included, and of access tokens under the id of their grant', async () => {
    const app = await api.directory.app();
    const { id: grantId, token } = await api.directory.grant(app, districts[0]);
    const { id } = districts[0];
    const teacher = legacyIdOf('teacher', districts[0].idOf('user', 'teacher-b'));
    const url = `/v1.2/teachers/${teacher}?include=sections,students,school`;
    const { status, body } = await api.get(url, bearer(token));
    expect([status, body.data.sections.length, body.data.students.length]).toEqual([200, 1, 2]);
    expect(await servedTo(app)).toEqual({
      [`${id} token school`]: 1,
      [`${id} token section`]: 1,
      [`${id} token user`]: 3,
    });
    const accessToken = newSecret('accessToken');
    await api.directory.dataSource.query(
      `insert into access_tokens (lookup, expires_at, id, district_id, grant_id, app_id, given_for, issued_at)
       select $1, now() + interval '1 hour', $2, $3, $4, s.app_id, s.id, now() from client_secrets s where s.app_id = $5`,
      [lookupOf(api.directory.keys, accessToken).lookup, newId(), id, grantId, app.id],
    );
    expect((await api.get('/v3.0/schools', bearer(accessToken))).status).toBe(200);
    const known = { district: id, type: 'token', calls: 1, status: 200 };
    expect(await callsOf(app)).toEqual([
      { ...known, id: await tokenIdOf(grantId), route: 'GET /v1.2/teachers/:id', records: 5 },
      { ...known, id: grantId, route: 'GET /v3.0/schools', records: 2 },
    ]);
  });

  it('of events, one by one and as a list', async () => {
    const district = await api.directory.district();
    const app = await api.directory.app();
    const { token } = await api.directory.grant(app, district);
    await api.directory.import(district.id, [
      ...smallRoster(),
      student('late', ['A']),
      student('later', ['B']),
    ]);
    const { body } = await api.get('/v3.0/events?limit=1000', bearer(token));
    const told = body.data as { data: { id: string; type: string } }[];
    const users = told.filter(({ data: { type } }) => type.startsWith('users.'));
    expect(users.length).toBeGreaterThan(1);
    expect((await api.get(`/v3.0/events/${users[0]?.data.id}`, bearer(token))).status).toBe(200);
    expect(await servedTo(app)).toMatchObject({ [`${district.id} token user`]: users.length + 1 });
  });

  it('of answers that hold nothing: 304, 404, 429, refusals and HEAD count, and no record with them', async () => {
    const app = await api.directory.app();
    const { id, token } = await api.directory.grant(app, districts[0]);
    const credential = bearer(token);
    const whole = await api.get('/v3.0/users', credential);
    const again = await api.app.inject({
      url: '/v3.0/users',
      headers: { authorization: credential, 'if-none-match': String(whole.headers['etag']) },
    });
    expect(again.statusCode).toBe(304);
    expect((await api.get(`/v3.0/users/${newId()}`, credential)).status).toBe(404);
    expect((await api.ask('HEAD', '/v3.0/schools', credential)).status).toBe(200);
    await api.limitRequests(1);
    for (let each = 0; each < 2; each += 1)
      expect((await api.get('/v3.0/terms', credential)).status).toBe(429);
    await api.directory.dataSource.query('delete from rate_policies');
    await api.directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
    );
    await moveGrant(api.directory.dataSource, id, 'revoke', SYSTEM);
    await api.heed();
    expect((await api.get('/v3.0/terms', credential)).status).toBe(401);
    // Of nobody.
    expect((await api.get('/v3.0/terms', bearer(newSecret('token')))).status).toBe(401);
    const statuses = (await callsOf(app)).map((row) => [
      row['route'],
      row['status'],
      row['calls'],
      row['records'],
    ]);
    const records = whole.body.data.length;
    expect(statuses).toEqual([
      ['GET /v3.0/terms', 401, 1, 0],
      ['GET /v3.0/terms', 429, 2, 0],
      ['GET /v3.0/users', 200, 1, records],
      ['GET /v3.0/users', 304, 1, 0],
      ['GET /v3.0/users/:id', 404, 1, 0],
      ['HEAD /v3.0/schools', 200, 1, 0],
    ]);
    expect(await servedTo(app)).toEqual({ [`${districts[0].id} token user`]: records });
  });

  it('of a key in a brownout and after its refusal', async () => {
    const app = await api.directory.app();
    await api.directory.grant(app, districts[0]);
    const { dataSource } = api.directory;
    const plan = async (refusedAt: Date | null, brownouts: object[]) => {
      await dataSource.query('update sunset_plan set announced_at = $1, refused_at = $2, brownouts = $3', [
        new Date(Date.now() - 1e9),
        refusedAt,
        JSON.stringify(brownouts),
      ]);
      await dataSource.query(
        `insert into authority_changes (subject_type, subject_id) values ('rules', 'plan')`,
      );
      await api.heed();
      return (await api.get('/v3.0/schools', basic(app.apiKey))).body?.code as string;
    };
    const [before, after] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
    const far = new Date(Date.now() + 1e9);
    expect(await plan(far, [{ from: before, until: after }])).toBe('key-brownout');
    expect(await plan(before, [])).toBe('key-refused');
    await dataSource.query(`update sunset_plan set announced_at = null, refused_at = null, brownouts = '[]'`);
    await dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'plan')`,
    );
    await api.heed();
    expect(await callsOf(app)).toEqual([
      expect.objectContaining({ district: '', type: 'api-key', status: 401, calls: 2, records: 0 }),
    ]);
  });

  it('adds up what two processes count at once', async () => {
    const app = await api.directory.app();
    const { token } = await api.directory.grant(app, districts[0]);
    const other = await createService(dataApi(readConfig(DataApiConfig, api.directory.environment), true));
    await other.init();
    await other.getHttpAdapter().getInstance().ready();
    const ask = (service: NestFastifyApplication) =>
      service.inject({ url: '/v3.0/schools', headers: { authorization: bearer(token) } });
    for (let each = 0; each < 5; each += 1)
      await Promise.all([ask(api.app), ask(other), flush(), flush(other)]);
    await Promise.all([ask(api.app), ask(other)]);
    // A process writes what it has counted before it ends.
    await other.close();
    expect(await callsOf(app)).toMatchObject([{ calls: 12, records: 24 }]);
    expect(await servedTo(app)).toEqual({ [`${districts[0].id} token school`]: 24 });
  });
});

describe('the usage of an export', () => {
  it('is every record of it', async () => {
    const app = await api.directory.app();
    for (const district of districts) await api.directory.grant(app, district);
    const { text } = await api.get('/v3.1/export', basic(app.apiKey));
    const tally = new Tally('api-key');
    for (const line of text.trim().split('\n').slice(1, -1)) {
      const { kind, data } = JSON.parse(line) as { kind: string; data: { district: DistrictId } };
      tally.note(kind.slice(0, -1) as RecordKind, data.district);
    }
    expect(await servedTo(app)).toEqual(tally.served);
    const records = Object.values(tally.served).reduce((total, each) => total + each, 0);
    const calls = await callsOf(app);
    expect(calls).toMatchObject([{ route: 'GET /v3.1/export', status: 200, calls: 1, records }]);
    const answers = await rows(
      api.directory.dataSource,
      'select distinct calls from served_days where app_id = $1',
      [app.id],
    );
    expect(answers).toEqual([{ calls: 1 }]);
  });

  it('is what was sent to a client that left', async () => {
    const many = Array.from({ length: 15_000 }, (_, each) => student(`s${each}`, ['A']));
    const [first] = smallRoster();
    if (!first) throw new Error('no school');
    const district = await api.directory.district([first, ...many]);
    const app = await api.directory.app();
    const { token } = await api.directory.grant(app, district);
    const { port, hostname } = new URL(await api.listen());
    const received = await new Promise<string>((done, failed) => {
      const sent = send(
        { host: hostname, port, path: '/v3.1/export', headers: { authorization: bearer(token) } },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => {
            text += chunk;
            if (text.length < 300_000) return;
            answer.destroy();
            done(text);
          });
        },
      );
      sent.once('error', failed);
      sent.end();
    });
    const lines = received.split('\n').filter((line) => line.startsWith('{"kind":"users"')).length;
    await once(api.app.getHttpServer() as NodeJS.EventEmitter, 'never', {
      signal: AbortSignal.timeout(300),
    }).catch(() => undefined);
    const served = (await servedTo(app))[`${district.id} token user`] ?? 0;
    expect(served).toBeGreaterThanOrEqual(lines - 1);
    expect(served).toBeLessThan(15_000);
    expect(await callsOf(app)).toMatchObject([{ route: 'GET /v3.1/export', status: 200, calls: 1 }]);
  });
});

describe('usage that the database does not take', () => {
  it('is kept, and written when it is back', async () => {
    const app = await api.directory.app();
    const { token } = await api.directory.grant(app, districts[0]);
    expect((await api.get('/v3.0/schools', bearer(token))).status).toBe(200);
    const name = new URL(api.directory.url).pathname.slice(1);
    const server = new URL(api.directory.url);
    server.pathname = '/postgres';
    const onServer = (sql: string) => withClient(server.toString(), (client) => client.query(sql));
    await onServer(`alter database ${name} allow_connections false`);
    try {
      await onServer(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = '${name}' and application_name = 'hallpass data-api'`,
      );
      await flush();
      expect(api.app.get(UsageCounter).state.size).toBeGreaterThan(0);
      await flush();
      expect(api.app.get(UsageCounter).state.lost).toBe(0);
    } finally {
      await onServer(`alter database ${name} allow_connections true`);
    }
    await api.heed();
    expect((await api.get('/v3.0/schools', bearer(token))).status).toBe(200);
    expect(await callsOf(app)).toMatchObject([{ calls: 2, records: 4 }]);
    expect(api.app.get(UsageCounter).state).toEqual({ size: 0, lost: 0 });
    expect(await servedTo(app)).toEqual({ [`${districts[0].id} token school`]: 4 });
  });
});
