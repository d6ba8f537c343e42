import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdScope } from '@hallpass/database';
import { freePort } from '@hallpass/database/embedded';
import { TestDirectory } from '@hallpass/database/testing';
import { newId, newSecret, type AppId } from '@hallpass/domain';
import { AuthorityWatch, createService, openApiOf, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ZipFile } from 'yazl';
import { admin } from '../src/admin.js';
import { AdminConfig } from '../src/config.js';

let directory: TestDirectory;
let service: NestFastifyApplication;
let uploads: string;
let metricsPort: number;
const tokens = { auditor: '', operator: '', administrator: '' };
const ABSENT = '0'.repeat(24);

beforeAll(async () => {
  directory = await TestDirectory.open();
  uploads = await mkdtemp(join(tmpdir(), 'hallpass-uploads-'));
  metricsPort = await freePort();
  const environment = {
    ...directory.environment,
    HALLPASS_DATA_DIR: uploads,
    METRICS_PORT: String(metricsPort),
  };
  service = await createService(admin(readConfig(AdminConfig, environment), true));
  await service.init();
  await service.getHttpAdapter().getInstance().ready();
  for (const role of ['auditor', 'operator', 'administrator'] as const)
    tokens[role] = await directory.operator(role);
});
afterAll(async () => {
  await service.close();
  await directory.close();
  await rm(uploads, { recursive: true, force: true });
});

type Role = keyof typeof tokens;
let addresses = 0;
const call = async (
  method: string,
  url: string,
  payload?: object | Buffer,
  by: string | null = 'operator',
) => {
  const token = by === null ? undefined : by in tokens ? tokens[by as Role] : by;
  const { statusCode, body, headers } = await service.inject({
    method: method as 'GET',
    url,
    // Failed sign-ins are limited by address: those that are meant to fail come from one of their own.
    remoteAddress: by !== null && by in tokens ? '127.0.0.1' : `10.0.0.${(addresses += 1) % 250}`,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(Buffer.isBuffer(payload) ? { 'content-type': 'application/zip' } : {}),
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: statusCode, headers, body: body === '' ? undefined : JSON.parse(body) };
};
const created = async (url: string, payload: object) => {
  const { status, body } = await call('POST', url, payload);
  if (status !== 201) throw new Error(`${url} answered ${status} ${JSON.stringify(body)}`);
  return body;
};
let names = 0;
const aName = () => `name ${(names += 1)}`;
const aPartner = () => created('/v1/partners', { name: aName() });
const anApp = async (more = {}) =>
  created('/v1/apps', { partnerId: (await aPartner()).id, name: aName(), ...more });
const aDistrict = () => created('/v1/districts', { name: aName() });

const zipOf = async (files: Readonly<Record<string, string>>) => {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const chunks: Buffer[] = [];
  zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(zip.outputStream, 'end');
  return Buffer.concat(chunks);
};
const roster = (students: number) => ({
  'manifest.csv':
    'propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\nfile.classes,bulk\nfile.courses,bulk\nfile.enrollments,bulk\nfile.academicSessions,bulk\n',
  'orgs.csv':
    'sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nd,,,District,district,,\ns1,,,School One,school,1,d\n',
  'academicSessions.csv':
    'sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\nt1,,,Fall,term,2026-08-15,2026-12-20,,2027\n',
  'courses.csv':
    'sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\nc1,,,t1,Math,M1,08,d,Math,\n',
  'classes.csv':
    'sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\nk1,,,Math 1,08,c1,M1-1,scheduled,,s1,t1,Math,,1\n',
  'users.csv': [
    'sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password',
    ...Array.from(
      { length: students },
      (_, i) => `u${i},,,true,s1,student,user${i},,First${i},Last,,${i},,,,,08,hunter2-${i}`,
    ),
    '',
  ].join('\n'),
  'enrollments.csv':
    'sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\ne1,,,k1,s1,u0,student,,,\n',
});
const cleverRoster = (students: number) => ({
  'schools.csv': 'School_id,School_name\ns1,School One\n',
  'students.csv': [
    'School_id,Student_id,Last_name,First_name,Grade,Frl_status,Contact_name,Contact_email,Password',
    ...Array.from(
      { length: students },
      (_, i) => `s1,${i},Last,First${i},8,Free,Anne Last,anne@example.com,hunter2-${i}`,
    ),
    '',
  ].join('\n'),
  'teachers.csv': 'School_id,Teacher_id,Last_name,First_name\ns1,0,Last,First\n',
  'sections.csv':
    'School_id,Section_id,Teacher_id,Name,Course_name,Term_name,Term_start,Term_end\ns1,k1,0,Math 1,Math,Fall,8/15/2026,12/20/2026\n',
  'enrollments.csv': 'School_id,Section_id,Student_id\ns1,k1,0\n',
});
const ended = async (districtId: string, id: string) => {
  for (;;) {
    const { body } = await call('GET', `/v1/districts/${districtId}/imports/${id}`);
    if (body.status !== 'running') return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const importOf = async (districtId: string, files: Readonly<Record<string, string>>) => {
  const { status, body } = await call('POST', `/v1/districts/${districtId}/imports`, await zipOf(files));
  expect(status).toBe(202);
  return ended(districtId, body.id);
};

/**
 * Every route of the contract, with a well-formed body where it takes one, the permission it demands, and whether it answers
 * 404 for ids that nothing has. A route without a row fails the build.
 */
const ROWS: Readonly<
  Record<string, { may: 'read' | 'operate' | 'administer'; body?: object; has404?: boolean; bad?: object }>
> = {
  'GET /v1/people': { may: 'read' },
  'POST /v1/people': {
    may: 'administer',
    body: { email: 'a@b.example', role: 'auditor' },
    bad: { email: 'x', role: 'auditor' },
  },
  'PATCH /v1/people/{id}': { may: 'administer', body: { role: 'auditor' }, has404: true, bad: { role: 1 } },
  'DELETE /v1/people/{id}': { may: 'administer', has404: true },
  'GET /v1/partners/{id}/people': { may: 'read' },
  'POST /v1/partners/{id}/people': {
    may: 'operate',
    body: { email: 'a@b.example', role: 'owner' },
    has404: true,
    bad: { email: 'x', role: 'owner' },
  },
  'GET /v1/districts/{id}/people': { may: 'read' },
  'POST /v1/districts/{id}/people': {
    may: 'operate',
    body: { email: 'a@b.example', role: 'owner' },
    has404: true,
    bad: { email: 'x', role: 'owner' },
  },
  'GET /v1/partners': { may: 'read' },
  'POST /v1/partners': { may: 'operate', body: { name: 'x' }, bad: { name: '' } },
  'GET /v1/partners/{id}': { may: 'read', has404: true },
  'PATCH /v1/partners/{id}': {
    may: 'operate',
    body: { noticeAddresses: ['it@partner.example'] },
    has404: true,
    bad: { noticeAddresses: ['nobody'] },
  },
  'GET /v1/districts/{id}/access-log': { may: 'read', has404: true },
  'GET /v1/apps': { may: 'read' },
  'POST /v1/apps': {
    may: 'operate',
    body: { name: 'x', partnerId: ABSENT },
    has404: true,
    bad: { name: 1, partnerId: 'x' },
  },
  'GET /v1/apps/{id}': { may: 'read', has404: true },
  'PATCH /v1/apps/{id}': {
    may: 'operate',
    body: { purpose: 'why' },
    has404: true,
    bad: { reveal: 'sometimes', revealAddresses: ['10.0.0.0/33'], redirectUris: ['x'] },
  },
  'GET /v1/apps/{appId}/client-secrets': { may: 'read', has404: true },
  'POST /v1/apps/{appId}/client-secrets/rotate': {
    may: 'operate',
    body: { graceSeconds: 0 },
    has404: true,
    bad: { graceSeconds: -1 },
  },
  'POST /v1/apps/{appId}/client-secrets/{id}/grace': {
    may: 'operate',
    body: { graceSeconds: 0 },
    has404: true,
    bad: { graceSeconds: 'none' },
  },
  'POST /v1/apps/{appId}/client-secrets/{id}/revoke': { may: 'operate', has404: true },
  'POST /v1/apps/{appId}/api-keys': { may: 'operate', has404: true },
  'GET /v1/apps/{appId}/api-keys': { may: 'read' },
  'POST /v1/api-keys/import': {
    may: 'operate',
    body: { keys: [{ line: 1, app: ABSENT, key: 'a-legacy-key' }] },
    bad: { keys: [] },
  },
  'POST /v1/apps/{appId}/api-keys/import': {
    may: 'operate',
    body: { key: 'a-legacy-key' },
    has404: true,
    bad: { key: 7 },
  },
  'POST /v1/apps/{appId}/api-keys/{keyId}/revoke': { may: 'operate', has404: true },
  'GET /v1/districts': { may: 'read' },
  'POST /v1/districts': { may: 'operate', body: { name: 'x' }, bad: { name: 'x', id: 'short' } },
  'GET /v1/districts/{id}': { may: 'read', has404: true },
  'PATCH /v1/districts/{id}': {
    may: 'operate',
    body: { exposure: 'notify' },
    has404: true,
    bad: { exposure: 'ignore', tokenMaxAgeDays: 0 },
  },
  'POST /v1/districts/{id}/seals/destroy': { may: 'administer', has404: true },
  'GET /v1/districts/{id}/portal-tokens': { may: 'read', has404: true },
  'POST /v1/districts/{id}/portal-tokens': {
    may: 'operate',
    body: { name: 'x' },
    has404: true,
    bad: { name: '' },
  },
  'POST /v1/districts/{id}/portal-tokens/{tokenId}/revoke': { may: 'operate', has404: true },
  'GET /v1/districts/{id}/imports': { may: 'read' },
  'POST /v1/districts/{id}/imports': { may: 'operate', body: Buffer.from('PK'), has404: true },
  'GET /v1/districts/{id}/imports/{importId}': { may: 'read', has404: true },
  'POST /v1/districts/{id}/imports/{importId}/changes': {
    may: 'read',
    body: { kind: 'student' },
    has404: true,
    bad: { kind: 'pupil' },
  },
  'POST /v1/districts/{id}/imports/{importId}/confirm': { may: 'operate', has404: true },
  'POST /v1/districts/{id}/imports/{importId}/discard': { may: 'operate', has404: true },
  'GET /v1/grants': { may: 'read' },
  'POST /v1/grants': {
    may: 'operate',
    body: { appId: ABSENT, districtId: ABSENT },
    has404: true,
    bad: { appId: ABSENT, districtId: ABSENT, selection: { type: 'schools' } },
  },
  'GET /v1/grants/{id}': { may: 'read', has404: true },
  'GET /v1/grants/{id}/explain': { may: 'read' },
  'PATCH /v1/grants/{id}': { may: 'operate', body: {}, has404: true, bad: { hideFields: 'x' } },
  'POST /v1/grants/{id}/pause': { may: 'operate', has404: true },
  'POST /v1/grants/{id}/resume': { may: 'operate', has404: true },
  'POST /v1/grants/{id}/revoke': { may: 'operate', has404: true },
  'GET /v1/tokens': { may: 'read' },
  'GET /v1/tokens/{id}': { may: 'read', has404: true },
  'POST /v1/tokens/{id}/rotate': {
    may: 'operate',
    body: { graceSeconds: 0, start: 'on-first-use' },
    has404: true,
    bad: { graceSeconds: 2_592_001 },
  },
  'POST /v1/tokens/{id}/grace': {
    may: 'operate',
    body: { graceSeconds: 0 },
    has404: true,
    bad: { graceSeconds: 0.5 },
  },
  'POST /v1/tokens/{id}/revoke': { may: 'operate', has404: true },
  'POST /v1/viewings': {
    may: 'operate',
    body: { place: 'district', id: ABSENT, reason: 'to help with a question' },
    has404: true,
    bad: { place: 'partner', id: 'x', reason: 'because' },
  },
  'GET /v1/imports': { may: 'read' },
  'GET /v1/webhooks': { may: 'read' },
  'GET /v1/webhooks/{id}': { may: 'read', has404: true },
  'GET /v1/webhooks/{id}/deliveries': { may: 'read', has404: true },
  'POST /v1/webhooks/{id}/replay': {
    may: 'operate',
    body: { since: '2026-01-01T00:00:00Z' },
    has404: true,
    bad: { since: 'yesterday' },
  },
  'POST /v1/webhooks/{id}/deliveries/{deliveryId}/replay': { may: 'operate', has404: true },
  'GET /v1/keys': { may: 'read' },
  'POST /v1/keys/rotate': { may: 'administer' },
  'GET /v1/sunset-plan': { may: 'read' },
  'PUT /v1/sunset-plan': { may: 'operate', body: {}, bad: { announcedAt: 'yesterday' } },
  'PUT /v1/sunset-plan/extensions/{appId}': {
    may: 'operate',
    body: { until: '2030-01-01', reason: 'a school year' },
    has404: true,
    bad: { until: 'later' },
  },
  'DELETE /v1/sunset-plan/extensions/{appId}': { may: 'operate', has404: true },
  'POST /v1/sunset-plan/rehearsals': { may: 'read', body: {}, bad: { steps: [{ from: 'soon' }] } },
  'PUT /v1/sunset-plan/apps/{appId}': {
    may: 'operate',
    body: { reason: 'a release of its own' },
    has404: true,
    bad: { reason: '' },
  },
  'DELETE /v1/sunset-plan/apps/{appId}': { may: 'operate', has404: true },
  'GET /v1/sunset-plan/proposals': { may: 'read' },
  'POST /v1/sunset-plan/proposals/{id}/approve': { may: 'operate', has404: true },
  'POST /v1/sunset-plan/proposals/{id}/decline': { may: 'operate', has404: true },
  'GET /v1/search': { may: 'read' },
  'GET /v1/system': { may: 'read' },
  'GET /v1/migration': { may: 'read' },
  'GET /v1/migration/{appId}': { may: 'read', has404: true },
  'GET /v1/rate-policies': { may: 'read' },
  'PUT /v1/rate-policies/{name}': {
    may: 'operate',
    body: { requestsMax: 1, windowSeconds: 1 },
    has404: true,
    bad: { requestsMax: 'many' },
  },
  'GET /v1/rate-presets': { may: 'read' },
  'POST /v1/rate-presets/{name}/apply': { may: 'operate', has404: true },
  'GET /v1/rate-overrides': { may: 'read' },
  'PUT /v1/rate-overrides': {
    may: 'operate',
    body: { policy: 'token', appId: ABSENT, requestsMax: 60, windowSeconds: 60, reason: 'a trial' },
    has404: true,
    bad: { policy: 'token', appId: 'x', requestsMax: 60, windowSeconds: 60, reason: 'a trial' },
  },
  'DELETE /v1/rate-overrides/{id}': { may: 'operate', has404: true },
  'GET /v1/audit': { may: 'read' },
  'GET /v1/operators': { may: 'read' },
  'POST /v1/operators': {
    may: 'administer',
    body: { name: 'x', role: 'auditor' },
    bad: { name: 'x', role: 'king' },
  },
  'POST /v1/operators/{id}/disable': { may: 'administer', has404: true },
};

const OVER: Record<string, Role | undefined> = { operate: 'auditor', administer: 'operator' };
const LEAST: Record<string, Role> = { read: 'auditor', operate: 'operator', administer: 'administrator' };

describe('every route', () => {
  const at = (path: string) => path.replaceAll(/\{[a-zA-Z]+\}/g, ABSENT);

  it('is in the table', () => {
    const { paths } = openApiOf(service, '', '');
    const routes = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    // Those of sessions are for whoever signs in: staff.e2e-spec.ts and oidc.e2e-spec.ts.
    const isOfSessions = /\/(health|v1\/session|v1\/sign-in|v1\/password-resets|v1\/person-links)(\/|$)/;
    expect(routes.filter((route) => !isOfSessions.test(route)).sort()).toEqual(Object.keys(ROWS).sort());
  });

  it.each(Object.entries(ROWS))(
    '%s is for staff who may, well formed, and about what is there',
    async (route, { may, body, has404, bad }) => {
      const [method = '', path = ''] = route.split(' ');
      for (const nobody of [null, newSecret('operatorToken'), newSecret('token'), 'x']) {
        const { status, headers, body: problem } = await call(method, at(path), body, nobody);
        expect([route, status]).toEqual([route, 401]);
        expect(headers['www-authenticate']).toMatch(/^Bearer realm="hallpass admin"/);
        expect(problem.code).toBe(nobody === null ? 'credentials-missing' : 'credentials-unknown');
      }
      const under = OVER[may];
      if (under) expect((await call(method, at(path), body, under)).status).toBe(403);
      if (has404) {
        const { status, body: problem } = await call(method, at(path), body, LEAST[may]);
        expect([route, status, problem.code]).toEqual([route, 404, 'not-found']);
      }
      if (has404 && path.includes('{id}'))
        expect((await call(method, path.replaceAll(/\{\w+\}/g, "x'"), body, LEAST[may])).status).toBe(404);
      if (bad) {
        const { status, body: problem } = await call(method, at(path), bad, LEAST[may]);
        expect([route, status]).toEqual([route, 400]);
        expect(problem.faults.length).toBeGreaterThan(0);
        expect((await call(method, at(path), { ...body, surprise: 1 }, LEAST[may])).status).toBe(400);
      }
    },
  );

  it('the access log of a district: what each app was served of it, as JSON and CSV', async () => {
    const [district, other, app] = [await aDistrict(), await aDistrict(), await anApp()];
    await directory.dataSource.query(
      `insert into served_days (district_id, day, app_id, credential_type, kind, calls, records)
       values ($1, '2026-09-30', $3, 'token', 'user', 2, 150), ($2, '2026-09-30', $3, 'token', 'user', 1, 7)`,
      [district.id, other.id, app.id],
    );
    const url = `/v1/districts/${district.id}/access-log`;
    const { status, body } = await call('GET', url, undefined, 'auditor');
    const line = { credentialType: 'token', kind: 'user', calls: 2, records: 150 };
    expect([status, body]).toEqual([
      200,
      { data: [{ day: '2026-09-30', app: { id: app.id, name: app.name }, ...line }], next: null },
    ]);
    const csv = await service.inject({
      url: `${url}?format=csv`,
      headers: { authorization: `Bearer ${tokens.auditor}` },
    });
    expect(csv.body).toBe(
      `day,app id,app,credential,kind,answers,records\r\n2026-09-30,${app.id},${app.name},token,user,2,150\r\n`,
    );
    for (const query of ['limit=0', 'from=x', 'to=2026-02-30', 'startingAfter=x', 'format=xml', 'surprise=1'])
      expect([query, (await call('GET', `${url}?${query}`)).status]).toEqual([query, 400]);
  });

  it('the metrics say how old rosters are, all together', async () => {
    await directory.dataSource.query(`update districts set last_import_at = now() - interval '1 hour'`);
    const [late, never] = [await aDistrict(), await aDistrict()];
    await directory.dataSource.query(
      `update districts set last_import_at = now() - interval '50 hours' where id = $1`,
      [late.id],
    );
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const value = (name: string) =>
      Number(new RegExp(`^hallpass_${name}{service="admin"} (.*)$`, 'm').exec(text)?.[1]);
    const [all] = await directory.dataSource.query<{ count: number }[]>(
      'select count(*)::int from districts',
    );
    expect(value('districts')).toBe(all?.count);
    expect(value('districts_never_imported')).toBe(1);
    expect(value('districts_import_overdue')).toBe(1);
    expect(Math.floor(value('import_age_seconds_max') / 3600)).toBe(50);
    for (const { id, name } of [late, never]) for (const each of [id, name]) expect(text).not.toContain(each);
  });

  it('429 beyond the operator’s limit', async () => {
    await call('PUT', '/v1/rate-policies/operator', { requestsMax: 3, windowSeconds: 60 });
    await service.get(AuthorityWatch).look();
    const busy = await directory.operator('auditor');
    const statuses = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await call('GET', '/v1/sunset-plan', undefined, busy)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    await directory.dataSource.query('delete from rate_policies');
    await directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'operator')`,
    );
    await service.get(AuthorityWatch).look();
  });

  it('400 for JSON that does not parse, and no trace of our inside', async () => {
    const { statusCode, body } = await service.inject({
      method: 'POST',
      url: '/v1/partners',
      headers: { authorization: `Bearer ${tokens.operator}`, 'content-type': 'application/json' },
      payload: '{"name": ',
    });
    expect([statusCode, JSON.parse(body).code]).toEqual([400, 'request-invalid']);
    expect(body).not.toMatch(/at .*\.js|node_modules/);
  });
});

describe('partners, apps, districts', () => {
  it('creates them, lists them a page at a time, and shows secrets once', async () => {
    const app = await anApp({ apiKey: true });
    expect(app).toMatchObject({
      clientId: expect.any(String),
      clientSecret: expect.stringMatching(/^hpsec_/),
      apiKey: expect.stringMatching(/^hpkey_/),
    });
    const again = await call('GET', `/v1/apps/${app.id}`);
    expect(JSON.stringify(again.body)).not.toMatch(/hpsec_|hpkey_/);
    const ids = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await call('GET', `/v1/apps?limit=1${next === '' ? '' : `&startingAfter=${next}`}`);
      ids.push(...body.data.map((each: { id: string }) => each.id));
      next = body.next;
    }
    expect(ids).toContain(app.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes the id that a district has elsewhere, once', async () => {
    const id = '4fd43cc56d11340000000005';
    expect((await call('POST', '/v1/districts', { name: aName(), id })).body.id).toBe(id);
    const { status, body } = await call('POST', '/v1/districts', { name: aName(), id });
    expect([status, body.code]).toEqual([409, 'id-taken']);
  });

  it('409 for a name that is taken', async () => {
    const { name } = await aPartner();
    const { status, body } = await call('POST', '/v1/partners', { name });
    expect([status, body.code]).toEqual([409, 'name-taken']);
  });

  it('keeps what an app asks for, and refuses what nobody knows', async () => {
    const app = await anApp({ request: { kinds: { school: 'all', user: ['name', 'roles.student.grade'] } } });
    expect(app.requestedFields.user).toEqual([
      'name.first',
      'name.middle',
      'name.last',
      'roles.student',
      'roles.student.grade',
    ]);
    const { status, body } = await call('POST', '/v1/apps', {
      partnerId: app.partnerId,
      name: aName(),
      request: { kinds: { user: ['shoe_size'], pets: 'all' } },
    });
    expect([status, body.code]).toEqual([422, 'unknown-field']);
    expect(body.faults.map(({ field }: { field: string }) => field)).toEqual(['user.shoe_size', 'pets']);
  });
});

describe('the overview', () => {
  it('finds things by a part of their name, whatever its case, and by their id', async () => {
    const partner = await aPartner();
    const app = await created('/v1/apps', { partnerId: partner.id, name: 'Zebra Quiz 50%_off' });
    const find = async (q: string) => (await call('GET', `/v1/search?q=${encodeURIComponent(q)}`)).body;
    expect((await find('zebra')).apps).toEqual([
      { id: app.id, name: 'Zebra Quiz 50%_off', partnerName: partner.name },
    ]);
    expect((await find('50%_')).apps).toHaveLength(1);
    expect((await find('%')).apps).toHaveLength(1);
    expect((await find(partner.id)).partners).toMatchObject([{ id: partner.id }]);
    expect((await find(app.clientId)).apps).toMatchObject([{ id: app.id }]);
    const district = await aDistrict();
    expect((await find(district.id)).districts).toMatchObject([{ id: district.id, name: district.name }]);
    const none = await call('GET', '/v1/search?q=');
    expect([none.status, none.body.code]).toEqual([400, 'request-invalid']);
  });

  it('says how the whole is doing, and that a service which does not answer is not ready', async () => {
    const { status, body } = await call('GET', '/v1/system');
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        services: [
          { name: 'token-service', isReady: false, limits: null },
          { name: 'data-api', isReady: false, limits: null },
        ],
        deliveriesDead: 0,
        mailsPending: 0,
      }),
    ]);
    expect(body.databaseBytes).toBeGreaterThan(1_000_000);
  });
});

describe('keys of another system', () => {
  it('are taken over in a list, all or none, and what is wrong is told by line', async () => {
    const [one, two] = [await anApp(), await anApp()];
    const many = (...keys: [string, string][]) =>
      call('POST', '/v1/api-keys/import', { keys: keys.map(([app, key], i) => ({ line: i + 2, app, key })) });
    await call('POST', `/v1/apps/${one.id}/api-keys/import`, { key: 'known-before-key' });
    const bad = await many(
      [one.id, 'list-key-one'],
      [ABSENT, 'list-key-two'],
      [one.clientId, 'short'],
      [two.id, 'list-key-one'],
      [two.id, 'known-before-key'],
    );
    expect([bad.status, bad.body.code]).toEqual([422, 'keys-unreadable']);
    expect(bad.body.faults.map(({ field }: { field: string }) => field)).toEqual([
      'line 3',
      'line 4',
      'line 5',
      'line 6',
    ]);
    expect(JSON.stringify(bad.body)).not.toMatch(/list-key|known-before/);
    const good = await many([one.id, 'list-key-one'], [two.clientId, 'list-key-two']);
    expect([good.status, good.body]).toEqual([201, { imported: 2 }]);
    const { body } = await call('GET', `/v1/apps/${two.id}/api-keys`);
    expect(body.data).toMatchObject([{ origin: 'imported', status: 'active' }]);
  });

  it('are taken over once, never shown, and revoked', async () => {
    const app = await anApp();
    const key = 'DEMO_KEY_of_another_system';
    const { status, body } = await call('POST', `/v1/apps/${app.id}/api-keys/import`, { key });
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toContain(key);
    expect((await call('POST', `/v1/apps/${app.id}/api-keys/import`, { key })).body.code).toBe('key-known');
    for (const bad of ['short', 'with space inside', 'a:b:c:d:e:f', newSecret('token')]) {
      expect((await call('POST', `/v1/apps/${app.id}/api-keys/import`, { key: bad })).body.code).toBe(
        'key-unusable',
      );
    }
    const revoked = await call('POST', `/v1/apps/${app.id}/api-keys/${body.id}/revoke`);
    expect(revoked.body).toMatchObject({ status: 'revoked', origin: 'imported' });
  });
});

/** An archive is deleted right after its import has ended. */
async function noUploadIsLeft() {
  for (let tries = 0; tries < 100 && (await readdir(uploads)).length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await readdir(uploads)).toEqual([]);
}

describe('imports', () => {
  it('publish a roster, tell that nothing changed, hold what deletes too much, and leave no file behind', async () => {
    const { id } = await aDistrict();
    const first = await importOf(id, roster(40));
    expect(first).toMatchObject({
      status: 'published',
      seq: 1,
      kinds: { user: { created: 40 } },
      problems: [],
    });
    expect(await importOf(id, roster(40))).toMatchObject({
      status: 'unchanged',
      kinds: { user: { unchanged: 40 } },
    });
    const held = await importOf(id, roster(20));
    expect(held).toMatchObject({
      status: 'held',
      heldKinds: ['user'],
      problems: [{ code: 'too-many-deletions' }],
    });
    expect(await readdir(uploads)).toContain(`${held.id}.zip`);
    const changes = await call('POST', `/v1/districts/${id}/imports/${held.id}/changes`, {
      kind: 'student',
      type: 'deleted',
      limit: 100,
    });
    expect(changes.status).toBe(200);
    expect(changes.body.data).toHaveLength(20);
    const confirmed = await call('POST', `/v1/districts/${id}/imports/${held.id}/confirm`);
    expect(confirmed.status).toBe(202);
    expect(await ended(id, held.id)).toMatchObject({ status: 'published', kinds: { user: { deleted: 20 } } });
    expect((await call('POST', `/v1/districts/${id}/imports/${held.id}/confirm`)).body.code).toBe(
      'import-not-held',
    );
    const other = await importOf(id, roster(5));
    expect((await call('POST', `/v1/districts/${id}/imports/${other.id}/discard`)).body.status).toBe(
      'discarded',
    );
    await noUploadIsLeft();
  });

  it('publish Clever’s files, and leave what is there when one of them is missing', async () => {
    const { id } = await aDistrict();
    expect(await importOf(id, cleverRoster(40))).toMatchObject({
      status: 'published',
      // A contact of all forty, and a teacher whose id is a student's too.
      kinds: {
        user: { created: 42 },
        course: { created: 1 },
        term: { created: 1 },
        section: { created: 1 },
      },
      problems: [],
    });
    const { 'students.csv': _, ...others } = cleverRoster(40);
    const sections = `${others['sections.csv']}s1,k2,9,Math 2,Math,Fall,8/15/2026,12/20/2026\n`;
    expect(await importOf(id, { ...others, 'sections.csv': sections })).toMatchObject({
      status: 'refused',
      problems: [
        { code: 'file-missing', file: 'students.csv' },
        { code: 'reference-unknown', file: 'sections.csv', line: 3, column: 'Teacher_id' },
      ],
    });
    expect(await importOf(id, cleverRoster(40))).toMatchObject({ status: 'unchanged' });
  });

  it('keep a student whose row cannot be read, and the contact and section that only such rows name', async () => {
    const { id } = await aDistrict();
    const files = cleverRoster(1);
    await importOf(id, files);
    const broken = await importOf(id, {
      ...files,
      'students.csv': files['students.csv'].replace(',Free,', ','),
      'sections.csv': files['sections.csv'].replace(',Math,', ','),
    });
    expect(broken).toMatchObject({
      status: 'unchanged',
      problems: [
        { code: 'row-wrong-width', file: 'sections.csv', line: 2 },
        { code: 'row-wrong-width', file: 'students.csv', line: 2 },
      ],
    });
  });

  it('wait for an answer no longer than until newer files were read', async () => {
    const { id } = await aDistrict();
    await importOf(id, roster(40));
    const old = await importOf(id, roster(20));
    const newer = await importOf(id, roster(21));
    expect([newer.status, (await ended(id, old.id)).status]).toEqual(['held', 'discarded']);
    const kept = 'select distinct import_id id from held_changes where district_id = $1';
    expect(await directory.dataSource.query(kept, [id])).toEqual([{ id: newer.id }]);
    const { body } = await call('POST', `/v1/districts/${id}/imports/${old.id}/confirm`);
    expect(body.code).toBe('import-not-held');
    expect((await importOf(id, { 'orgs.csv': 'no header' })).status).toBe('refused');
    expect((await ended(id, newer.id)).status).toBe('held');
    expect((await importOf(id, roster(40))).status).toBe('unchanged');
    expect((await ended(id, newer.id)).status).toBe('discarded');
    const entries = (await call('GET', `/v1/audit?subjectId=${old.id}`)).body.data;
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'import.discarded', after: { supersededBy: newer.id } }),
    );
    await noUploadIsLeft();
  });

  it('409 for a confirmation of a report that the roster has moved away from', async () => {
    const { id } = await aDistrict();
    await importOf(id, roster(40));
    const held = await importOf(id, roster(20));
    const app = await anApp();
    await created('/v1/grants', { appId: app.id, districtId: id });
    const { status, body } = await call('POST', `/v1/districts/${id}/imports/${held.id}/confirm`);
    expect([status, body.code]).toEqual([409, 'import-superseded']);
  });

  it.each([
    ['what is no zip', Buffer.from('not a zip at all'), 'archive-unreadable'],
    ['an empty body', Buffer.alloc(0), 'archive-unreadable'],
  ])('refuse %s with a report', async (_name, bytes, code) => {
    const { id } = await aDistrict();
    const { body } = await call('POST', `/v1/districts/${id}/imports`, bytes);
    const outcome = await ended(id, body.id);
    expect(outcome).toMatchObject({ status: 'refused', seq: null, problems: [{ class: 'refused', code }] });
    await noUploadIsLeft();
  });

  it('415 for a body of another type', async () => {
    const { id } = await aDistrict();
    expect((await call('POST', `/v1/districts/${id}/imports`, { zip: 'no' })).status).toBe(415);
    expect((await call('GET', `/v1/districts/${id}/imports`)).body.data).toEqual([]);
  });

  it('never store a password column', async () => {
    const { id } = await aDistrict();
    await importOf(id, roster(3));
    const [row] = await directory.dataSource.query<{ count: number }[]>(
      `select count(*)::int count from record_versions where doc like '%hunter2%'`,
    );
    expect(row?.count).toBe(0);
  });
});

describe('lists of many', () => {
  it('find a district by a part of its name, whatever its case, a page at a time; % and _ are themselves', async () => {
    for (const name of [
      'Maple Ridge Schools',
      'maple_grove Schools',
      'Maple 50% Charter',
      'Oak Schools',
      'Maplewood',
    ])
      await created('/v1/districts', { name });
    const found = async (search: string) => {
      const { body } = await call(
        'GET',
        `/v1/districts?search=${encodeURIComponent(search)}`,
        undefined,
        'auditor',
      );
      return body.data.map(({ name }: { name: string }) => name);
    };
    expect(await found('MAPLE')).toEqual([
      'Maple 50% Charter',
      'Maple Ridge Schools',
      'maple_grove Schools',
      'Maplewood',
    ]);
    expect(await found('50%')).toEqual(['Maple 50% Charter']);
    expect(await found('e_g')).toEqual(['maple_grove Schools']);
    expect(await found('\\')).toEqual([]);
    const page = (await call('GET', '/v1/districts?search=maple&limit=2', undefined, 'auditor')).body;
    const rest = (
      await call('GET', `/v1/districts?search=maple&limit=2&startingAfter=${page.next}`, undefined, 'auditor')
    ).body;
    expect([page.data.length, rest.data.length, rest.next]).toEqual([2, 2, null]);
    expect((await call('GET', `/v1/districts?search=${'x'.repeat(101)}`)).status).toBe(400);
  });

  it('find the districts without a roster, and those whose last import is too old', async () => {
    const [none, old, fresh] = [await aDistrict(), await aDistrict(), await aDistrict()];
    await directory.dataSource.query(
      `update districts set last_import_at = case id when $1 then now() - interval '25 hours' else now() end
       where id in ($1, $2)`,
      [old.id, fresh.id],
    );
    const found = async (query: string) => {
      const { body } = await call('GET', `/v1/districts?limit=1000&${query}`, undefined, 'auditor');
      const ids = body.data.map(({ id }: { id: string }) => id);
      return [none, old, fresh].map(({ id }) => ids.includes(id));
    };
    expect(await found('roster=none')).toEqual([true, false, false]);
    expect(await found('roster=overdue')).toEqual([false, true, false]);
    expect((await call('GET', '/v1/districts?roster=lost')).status).toBe(400);
  });

  it('show the imports of all districts, the latest first, and those alone that wait', async () => {
    const [one, other] = [await aDistrict(), await aDistrict()];
    const began = async (districtId: string, status: string, hour: number) =>
      directory.dataSource.query(
        `insert into imports (id, district_id, status, started_at)
         values ($1, $2, $3, timestamptz '2031-01-01' + make_interval(hours => $4))`,
        [newId(), districtId, status, hour],
      );
    await began(one.id, 'failed', 1);
    await began(other.id, 'held', 3);
    await began(one.id, 'held', 2);
    const list = async (query: string) =>
      (await call('GET', `/v1/imports?${query}`, undefined, 'auditor')).body;
    const hours = ({ data }: { data: { startedAt: string; districtName: string }[] }) =>
      data.map(({ startedAt, districtName }) => [startedAt.slice(11, 13), districtName]);
    const first = await list('limit=2');
    expect(hours(first)).toEqual([
      ['03', other.name],
      ['02', one.name],
    ]);
    expect(hours(await list(`limit=1&startingAfter=${first.next}`))).toEqual([['01', one.name]]);
    expect(hours(await list('status=held&limit=2'))).toEqual(hours(first));
    expect(JSON.stringify(first)).not.toContain('problems"');
    for (const query of ['status=lost', 'limit=0', `startingAfter=${ABSENT}`])
      expect((await call('GET', `/v1/imports?${query}`)).status).toBe(400);
  });

  it.each([
    ['partners', (name: string) => ({ name })],
    ['apps', (name: string, partnerId: string) => ({ name, partnerId })],
    ['districts', (name: string) => ({ name })],
  ])(
    'are by name, whatever its case, page after page, two of one name beside each other: %s',
    async (list, body) => {
      const { id: partnerId } = await aPartner();
      const mark = newSecret('session').slice(-12);
      for (const name of ['c', 'B', 'a', 'b'])
        await created(`/v1/${list}`, body(`${name} ${mark}`, partnerId));
      const listed: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const query: string = `limit=3${next === '' ? '' : `&startingAfter=${next}`}`;
        const page = (await call('GET', `/v1/${list}?${query}`)).body;
        listed.push(...page.data.map(({ name }: { name: string }) => name));
        next = page.next;
      }
      const ours = listed.filter((name) => name.endsWith(mark)).map((name) => name[0]?.toLowerCase());
      expect(ours.join('')).toBe('abbc');
      expect(new Set(listed).size).toBe(listed.length);
    },
  );

  it('say of each grant what its app and district are called', async () => {
    const [app, district] = [await anApp(), await aDistrict()];
    const { id } = await created('/v1/grants', { appId: app.id, districtId: district.id });
    const named = { id, appName: app.name, districtName: district.name };
    expect((await call('GET', `/v1/grants?appId=${app.id}`)).body.data).toMatchObject([named]);
    expect((await call('GET', `/v1/grants/${id}`)).body).toMatchObject(named);
  });
});

describe('grants', () => {
  it('may share sections or what rules choose, for a time', async () => {
    const { id: districtId } = await aDistrict();
    await importOf(districtId, roster(5));
    const app = await anApp();
    const rules = [
      { kind: 'section', conditions: [{ attribute: 'subject', operator: 'is', values: ['math'] }] },
    ];
    const grant = await created('/v1/grants', {
      appId: app.id,
      districtId,
      selection: { type: 'rules', rules },
      startsAt: '2026-08-01',
      endsAt: '2027-07-01T00:00:00Z',
    });
    expect(grant).toMatchObject({
      selection: { type: 'rules', rules },
      startsAt: '2026-08-01T00:00:00.000Z',
    });
    const change = (body: object) => call('PATCH', `/v1/grants/${grant.id}`, body);
    expect((await change({ endsAt: null })).body).toMatchObject({
      endsAt: null,
      selection: { type: 'rules' },
    });
    expect((await change({ endsAt: '2026-01-01' })).body.code).toBe('selection-invalid');
    const sections = { type: 'sections', sectionIds: [ABSENT] };
    expect((await change({ selection: sections })).body.code).toBe('unknown-section');
    const faulty = await change({ selection: { type: 'rules', rules: [{ kind: 'contact' }] } });
    expect([faulty.status, faulty.body.faults[0].field]).toEqual([400, 'rules.0.kind']);
  });

  it('never hide what an app cannot do without', async () => {
    const { id: districtId } = await aDistrict();
    const kinds = { user: ['name', 'roles.student.grade'] };
    const app = await anApp({ request: { kinds, required: { user: ['roles.student.grade'] } } });
    const of = (hideFields: string[]) =>
      call('POST', '/v1/grants', { appId: app.id, districtId, hideFields });
    expect((await of(['student.grade'])).body).toMatchObject({
      code: 'field-required',
      faults: [{ field: 'user.roles.student.grade' }],
    });
    const grant = (await of(['user.name'])).body;
    const narrowed = await call('PATCH', `/v1/grants/${grant.id}`, { hideFields: ['student'] });
    expect([narrowed.status, narrowed.body.code]).toEqual([422, 'field-required']);
  });

  it('explain why a record is or is not seen', async () => {
    const { id: districtId } = await aDistrict();
    await importOf(districtId, roster(40));
    const app = await anApp();
    const grant = await created('/v1/grants', {
      appId: app.id,
      districtId,
      hideFields: ['student.dob', 'course'],
    });
    const idOf = async (kind: string, order = 'asc') => {
      const [row] = await directory.dataSource.query<{ record_id: string }[]>(
        `select record_id from record_versions where district_id = $1 and kind = $2 order by doc ${order} limit 1`,
        [districtId, kind],
      );
      return row?.record_id ?? '';
    };
    const explain = async (kind: string, recordId: string) =>
      (await call('GET', `/v1/grants/${grant.id}/explain?kind=${kind}&recordId=${recordId}`)).body;
    const pupil = await idOf('user');
    expect(await explain('user', pupil)).toMatchObject({
      verdict: 'shared',
      refusal: null,
      hiddenFields: expect.arrayContaining(['roles.student.dob']),
      shownSince: expect.any(String),
    });
    expect(await explain('course', await idOf('course'))).toMatchObject({ verdict: 'kind-not-shared' });
    expect(await explain('user', ABSENT)).toMatchObject({ verdict: 'never-seen', shownSince: null });
    await importOf(districtId, roster(39));
    const [gone] = await directory.dataSource.query<{ record_id: string }[]>(
      `select record_id from record_versions r where district_id = $1 and kind = 'user'
       group by record_id having max(to_seq) < 9000000000`,
      [districtId],
    );
    expect(await explain('user', gone?.record_id ?? '')).toMatchObject({
      verdict: 'deleted',
      deletedBy: expect.stringMatching(/^[0-9a-f]{24}$/),
      shownUntil: expect.any(String),
    });
    // Ids are random: the first of all may be the one that is gone.
    const [staying] = await directory.dataSource.query<{ record_id: string }[]>(
      `select record_id from record_versions where district_id = $1 and kind = 'user'
       group by record_id having max(to_seq) > 9000000000 limit 1`,
      [districtId],
    );
    await call('PATCH', `/v1/grants/${grant.id}`, { hideFields: ['student'], showFields: ['course'] });
    expect(await explain('user', staying?.record_id ?? '')).toMatchObject({ verdict: 'role-not-shared' });
    await call('POST', `/v1/grants/${grant.id}/pause`);
    expect(await explain('user', staying?.record_id ?? '')).toMatchObject({ refusal: 'grant-paused' });
    const { status } = await call('GET', `/v1/grants/${grant.id}/explain?kind=pet&recordId=${pupil}`);
    expect(status).toBe(400);
  });

  it('are approved with a token, narrowed, paused, resumed and revoked, and all of it is written down', async () => {
    const { id: districtId } = await aDistrict();
    await importOf(districtId, roster(5));
    const app = await anApp();
    const grant = await created('/v1/grants', { appId: app.id, districtId, hideFields: ['student.dob'] });
    expect(grant).toMatchObject({ status: 'active', token: expect.stringMatching(/^hptok_/) });
    expect((await call('POST', '/v1/grants', { appId: app.id, districtId })).body.code).toBe('grant-exists');
    expect((await call('POST', `/v1/grants/${grant.id}/resume`)).body.code).toBe('grant-action-closed');
    const narrowed = await call('PATCH', `/v1/grants/${grant.id}`, { hideFields: ['user.email', 'contact'] });
    expect(narrowed.body.fields.user).not.toContain('email');
    expect(narrowed.body.fields.user).not.toContain('roles.student.dob');
    expect(narrowed.body.isNarrowing).toBe(false);
    const shown = await call('PATCH', `/v1/grants/${grant.id}`, { showFields: ['student.dob'] });
    expect(shown.body.fields.user).toContain('roles.student.dob');
    expect(shown.body.fields.user).not.toContain('email');
    for (const [action, status] of [
      ['pause', 'paused'],
      ['resume', 'active'],
      ['revoke', 'revoked'],
    ]) {
      expect((await call('POST', `/v1/grants/${grant.id}/${action}`)).body.status).toBe(status);
    }
    const { body } = await call('GET', `/v1/audit?subjectId=${grant.id}`);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual([
      'grant.revoked',
      'grant.resumed',
      'grant.paused',
      'grant.narrowed',
      'grant.narrowed',
      'grant.approved',
    ]);
    expect(body.data[0]).toMatchObject({
      actorType: 'operator',
      before: { status: 'active' },
      after: { status: 'revoked' },
      requestId: expect.stringMatching(/^req_/),
    });
    expect(JSON.stringify(body)).not.toContain(grant.token);
    const list = await call('GET', `/v1/tokens?appId=${app.id}`);
    expect(list.body.data).toEqual([
      expect.objectContaining({ masked: expect.stringMatching(/^hptok_…/), districtId }),
    ]);
    expect(JSON.stringify(list.body)).not.toContain(grant.token);
  });

  it('422 for a field that nobody knows, a school that is not there, and a grant of nothing', async () => {
    const { id: districtId } = await aDistrict();
    const app = await anApp({ request: { kinds: { school: ['name'] } } });
    const of = (more: object) => call('POST', '/v1/grants', { appId: app.id, districtId, ...more });
    expect((await of({ hideFields: ['user.shoe_size'] })).body).toMatchObject({
      status: 422,
      code: 'unknown-field',
    });
    expect((await of({ selection: { type: 'schools', schoolIds: [ABSENT] } })).body).toMatchObject({
      status: 422,
      code: 'unknown-school',
    });
    expect((await of({ hideFields: ['school'] })).body).toMatchObject({
      status: 422,
      code: 'nothing-shared',
    });
  });
});

describe('the sunset plan and the policies', () => {
  it('are kept whole or not at all', async () => {
    const plan = {
      announcedAt: '2026-01-01T00:00:00.000Z',
      steps: [{ from: '2026-07-01T00:00:00.000Z', requestsPerMinute: 100, mode: 'enforce' }],
      brownouts: [{ from: '2026-09-01T00:00:00.000Z', until: '2026-09-01T01:00:00.000Z' }],
      refusedAt: '2027-03-01T00:00:00.000Z',
    };
    const standing = { ...plan, appPlans: [], extensions: [], proposals: [] };
    expect((await call('PUT', '/v1/sunset-plan', plan)).body).toEqual(standing);
    const bad = await call('PUT', '/v1/sunset-plan', { ...plan, refusedAt: '2025-01-01T00:00:00Z' });
    expect([bad.status, bad.body.code]).toEqual([422, 'plan-faulty']);
    expect(bad.body.faults.length).toBeGreaterThan(0);
    expect((await call('GET', '/v1/sunset-plan')).body).toEqual(standing);
    const { id } = await anApp();
    await call('PUT', `/v1/sunset-plan/extensions/${id}`, {
      until: '2027-06-01T00:00:00.000Z',
      reason: 'mid-year release',
    });
    expect((await call('GET', '/v1/sunset-plan')).body.extensions).toMatchObject([
      { appId: id, until: '2027-06-01T00:00:00.000Z', reason: 'mid-year release' },
    ]);
    expect((await call('DELETE', `/v1/sunset-plan/extensions/${id}`)).status).toBe(204);
  });

  const policy = async (name: string) =>
    (await call('GET', '/v1/rate-policies')).body.data.find((each: { name: string }) => each.name === name);
  const lastAudit = async () => (await call('GET', '/v1/audit?limit=1')).body.data[0];

  it('changes a policy by its name', async () => {
    const numbers = { requestsMax: 600, windowSeconds: 60, burst: 100, mode: 'shadow' };
    const { body } = await call('PUT', '/v1/rate-policies/token', numbers);
    expect(body).toEqual({ name: 'token', subject: 'token', ...numbers });
    expect(await policy('token')).toEqual(body);
    expect(await lastAudit()).toMatchObject({ action: 'rate-policy.changed', after: body });
    const inFlight = await call('PUT', '/v1/rate-policies/concurrency', { requestsMax: 7 });
    expect(inFlight.body).toMatchObject({ requestsMax: 7, windowSeconds: null });
    expect(await policy('concurrency')).toEqual(inFlight.body);
  });

  it.each([
    ['token', { requestsMax: 0, windowSeconds: 60 }, 'requestsMax'],
    ['token', { requestsMax: 600 }, 'windowSeconds'],
    ['token', { requestsMax: 600, windowSeconds: 60, burst: 49 }, 'burst'],
    ['concurrency', { requestsMax: 7, windowSeconds: 60 }, 'windowSeconds'],
  ])('keeps no policy %s of %j', async (name, numbers, field) => {
    const { status, body } = await call('PUT', `/v1/rate-policies/${name}`, numbers);
    expect([status, body.code, body.faults[0].field]).toEqual([422, 'policy-faulty', field]);
  });

  it('applies a preset whole, and leaves what it does not name', async () => {
    await call('PUT', '/v1/rate-policies/token', { requestsMax: 600, windowSeconds: 60 });
    await call('PUT', '/v1/rate-policies/portal', { requestsMax: 70, windowSeconds: 60 });
    const { body } = await call('POST', '/v1/rate-presets/clever/apply');
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['token', 'api-key']);
    expect(await policy('token')).toMatchObject({ requestsMax: 1200, windowSeconds: 60, mode: 'enforce' });
    expect(await policy('portal')).toMatchObject({ requestsMax: 70 });
    const listed = (await call('GET', '/v1/rate-presets')).body.data;
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(['clever', 'small-server', 'large']);
    await directory.dataSource.query('delete from rate_policies');
  });

  it('overrides a policy for an app in a district, until the override is removed, and heeds it at once', async () => {
    const [app, district] = [await anApp(), await aDistrict()];
    const request = {
      policy: 'token',
      appId: app.id,
      districtId: district.id,
      requestsMax: 300,
      windowSeconds: 60,
      burst: 60,
      mode: 'shadow',
      reason: 'a trial',
      expiresAt: '2099-01-01T00:00:00.000Z',
    };
    const { status, body } = await call('PUT', '/v1/rate-overrides', request);
    expect([status, body]).toEqual([200, { id: expect.any(String), ...request }]);
    expect(await lastAudit()).toMatchObject({
      action: 'rate-override.set',
      subjectId: body.id,
      after: request,
    });
    const limitOf = async (appId: string) => {
      const watch = service.get(AuthorityWatch);
      await watch.look();
      return watch.rules.limits.for('token', appId as AppId, district.id, new Date()).requestsMax;
    };
    expect([await limitOf(app.id), await limitOf((await anApp()).id)]).toEqual([300, 1200]);

    const again = await call('PUT', '/v1/rate-overrides', { ...request, requestsMax: 400 });
    expect(again.body).toEqual({ id: body.id, ...request, requestsMax: 400 });
    const listed = async (query: string) => (await call('GET', `/v1/rate-overrides?${query}`)).body.data;
    expect(await listed(`appId=${app.id}`)).toMatchObject([
      { id: body.id, requestsMax: 400, appName: app.name, districtName: district.name },
    ]);
    const wide = { ...request, appId: app.id, districtId: null };
    const { body: ofApp } = await call('PUT', '/v1/rate-overrides', wide);
    expect(await listed(`appId=${app.id}`)).toContainEqual(
      expect.objectContaining({ id: ofApp.id, appName: app.name, districtName: null }),
    );
    await call('DELETE', `/v1/rate-overrides/${ofApp.id}`);
    expect(await listed(`districtId=${ABSENT}`)).toEqual([]);

    expect((await call('DELETE', `/v1/rate-overrides/${body.id}`)).status).toBe(204);
    expect(await lastAudit()).toMatchObject({ action: 'rate-override.removed', subjectId: body.id });
    expect(await limitOf(app.id)).toBe(1200);
  });

  it.each([
    [{ policy: 'failed-sign-in' }, 'appId'],
    [{ requestsMax: 49 }, 'requestsMax'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ policy: 'concurrency' }, 'windowSeconds'],
  ])('keeps no override of %j', async (change, field) => {
    const request = {
      policy: 'token',
      appId: (await anApp()).id,
      requestsMax: 300,
      windowSeconds: 60,
      reason: 'a trial',
      ...change,
    };
    const { status, body } = await call('PUT', '/v1/rate-overrides', request);
    expect([status, body.code, body.faults[0].field]).toEqual([422, 'policy-faulty', field]);
    const nobody = await call('PUT', '/v1/rate-overrides', { ...request, appId: null });
    expect(nobody.status).toBe(422);
  });
});

describe('webhooks', () => {
  it('of all partners are seen with what failed, without secrets, and what was given up is sent again', async () => {
    const app = await anApp();
    const id = (part: string) => part.padStart(24, '0');
    const [on, off, event, dead, done] = [id('a1'), id('a2'), id('e1'), id('d1'), id('d2')];
    const sql = (text: string, values: unknown[]) => directory.dataSource.query(text, values);
    await sql(
      `insert into webhooks (app_id, id, url, types, description, is_enabled)
       values ($1, $2, 'https://partner.example/hook?key=hush', '{}', 'ours', true), ($1, $3, 'https://gone.example/', '{}', '', false)`,
      [app.id, on, off],
    );
    await sql(
      `insert into platform_events (id, app_id, type, data, at) values ($1, $2, 'webhook.test', '{}', now() - interval '1 day')`,
      [event, app.id],
    );
    await sql(
      `insert into webhook_deliveries (id, webhook_id, event_id, status, attempts, ended_at)
       values ($1, $3, $4, 'dead', 9, now()), ($2, $3, $4, 'delivered', 1, now())`,
      [dead, done, on, event],
    );
    await sql(
      `insert into webhook_attempts (delivery_id, at, http_status, error, milliseconds) values ($1, now(), 500, null, 12)`,
      [dead],
    );
    const { body } = await call('GET', '/v1/webhooks', undefined, 'auditor');
    const shown = body.data.filter(({ appId }: { appId: string }) => appId === app.id);
    expect(shown).toMatchObject([
      {
        id: on,
        appName: app.name,
        url: 'https://partner.example/hook',
        pending: 0,
        dead: 1,
        isEnabled: true,
      },
      { id: off, dead: 0, deliveredAt: null, isEnabled: false },
    ]);
    expect(JSON.stringify(body)).not.toContain('hush');
    const page = (await call('GET', '/v1/webhooks?limit=1', undefined, 'auditor')).body;
    expect(page.data).toHaveLength(1);
    const rest = (await call('GET', `/v1/webhooks?startingAfter=${page.next}`, undefined, 'auditor')).body;
    expect(rest.data.map((each: { id: string }) => each.id)).not.toContain(page.data[0].id);
    const deliveries = (await call('GET', `/v1/webhooks/${on}/deliveries?status=dead`, undefined, 'auditor'))
      .body;
    expect(deliveries.data).toMatchObject([{ id: dead, attempts: [{ httpStatus: 500, milliseconds: 12 }] }]);
    const failing = (await call('GET', '/v1/webhooks?state=failing', undefined, 'auditor')).body.data;
    expect(failing.map((each: { id: string }) => each.id)).toEqual(expect.arrayContaining([on, off]));
    for (const query of ['limit=0', 'state=well', 'startingAfter=x'])
      expect([query, (await call('GET', `/v1/webhooks?${query}`)).status]).toEqual([query, 400]);
    expect((await call('GET', `/v1/webhooks/${on}/deliveries?status=lost`)).status).toBe(400);

    const since = new Date(Date.now() - 2 * 86_400_000).toISOString();
    const late = await call('POST', `/v1/webhooks/${on}/replay`, { since: new Date().toISOString() });
    expect([late.status, late.body]).toEqual([202, { replayed: 0 }]);
    expect((await call('POST', `/v1/webhooks/${on}/replay`, { since })).body).toEqual({ replayed: 1 });
    expect((await call('POST', `/v1/webhooks/${on}/deliveries/${done}/replay`)).body).toEqual({
      replayed: 1,
    });
    expect((await call('GET', `/v1/webhooks/${on}`)).body).toMatchObject({ pending: 2, dead: 0 });
    for (const url of [`/v1/webhooks/${off}/replay`, `/v1/webhooks/${off}/deliveries/${dead}/replay`]) {
      const refused = await call('POST', url, url.includes('deliveries') ? undefined : { since });
      expect([refused.status, refused.body.code]).toEqual([409, 'webhook-disabled']);
    }
    const audit = (await call('GET', `/v1/audit?subjectId=${on}`)).body.data;
    expect(audit.map(({ after }: { after: object }) => after)).toEqual([
      { deliveryId: done },
      { since, replayed: 1 },
      { since: expect.any(String), replayed: 0 },
    ]);
  });
});

describe('the audit log', () => {
  it('is searched by actor, kind, subject and day, all together', async () => {
    const { body: made } = await call(
      'POST',
      '/v1/operators',
      { name: aName(), role: 'operator' },
      'administrator',
    );
    const partner = (await call('POST', '/v1/partners', { name: aName() }, made.token)).body;
    const app = (await call('POST', '/v1/apps', { partnerId: partner.id, name: aName() }, made.token)).body;
    await call('PATCH', `/v1/apps/${app.id}`, { purpose: 'to read' }, made.token);
    const actions = async (query: string) => {
      const { body } = await call('GET', `/v1/audit?${query}`, undefined, 'auditor');
      return body.data.map(({ action }: { action: string }) => action);
    };
    const mine = `actorId=${made.id}`;
    const all = await actions(mine);
    expect(all).toEqual(expect.arrayContaining(['partner.created', 'app.created']));
    expect(await actions(`${mine}&action=app.`)).toEqual(
      all.filter((each: string) => each.startsWith('app.')),
    );
    expect(await actions(`${mine}&action=partner.created&actorType=operator`)).toEqual(['partner.created']);
    expect(await actions(`${mine}&subjectType=partner&subjectId=${partner.id}`)).toEqual(['partner.created']);
    expect(await actions(`${mine}&actorType=person`)).toEqual([]);
    const now = Date.now();
    const at = (ms: number) => encodeURIComponent(new Date(now + ms).toISOString());
    expect(await actions(`${mine}&from=${at(-60_000)}&until=${at(60_000)}`)).toEqual(all);
    expect(await actions(`${mine}&from=${at(60_000)}`)).toEqual([]);
    expect(await actions(`${mine}&until=${at(-60_000)}`)).toEqual([]);
    const [first] = (await call('GET', `/v1/audit?${mine}&limit=1`)).body.data;
    expect(first.actorName).toBe(made.name);
    for (const query of [
      'actorType=king',
      'actorId=x',
      'action=A%25',
      'subjectType=%27',
      'from=x',
      'until=soon',
      'limit=0',
    ])
      expect([query, (await call('GET', `/v1/audit?${query}`)).status]).toEqual([query, 400]);
  });
});

describe('operators', () => {
  it('are appointed by an administrator, and let go at once', async () => {
    const { body } = await call('POST', '/v1/operators', { name: aName(), role: 'auditor' }, 'administrator');
    expect((await call('GET', '/v1/partners', undefined, body.token)).status).toBe(200);
    await call('POST', `/v1/operators/${body.id}/disable`, undefined, 'administrator');
    expect((await call('GET', '/v1/partners', undefined, body.token)).status).toBe(401);
  });

  it('keep their last administrator, whoever of two is let go first', async () => {
    const { data } = (await call('GET', '/v1/operators?limit=1000')).body;
    const administrators = data.filter(
      (each: { role: string; disabledAt: string | null }) =>
        each.role === 'administrator' && !each.disabledAt,
    );
    const { body: second } = await call(
      'POST',
      '/v1/operators',
      { name: aName(), role: 'administrator' },
      'administrator',
    );
    const ids = [...administrators.map(({ id }: { id: string }) => id), second.id];
    expect(ids.length).toBeGreaterThan(1);
    // All are let in and wait in line before the first goes on: else the first might shut out whoever asks for the others.
    const asked = await directory.dataSource.transaction(async (tx) => {
      await holdScope(tx, { type: 'staff' });
      const calls = ids.map((id) => call('POST', `/v1/operators/${id}/disable`, undefined, 'administrator'));
      const waiting = async () => {
        const [row] = await tx.query<{ count: number }[]>(
          `select count(*)::int from pg_locks l join pg_database d on d.oid = l.database
           where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`,
        );
        return row?.count;
      };
      while ((await waiting()) !== ids.length);
      return { calls };
    });
    const answers = await Promise.all(asked.calls);
    const kept = answers.filter(({ status }) => status === 409);
    expect(kept.map(({ body }) => body.code)).toEqual(['last-owner']);
    await directory.dataSource.query('update operators set disabled_at = null where id = any ($1)', [ids]);
  });
});
