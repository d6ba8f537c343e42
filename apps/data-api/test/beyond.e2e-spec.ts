import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { moveGrant, narrowGrant } from '@hallpass/database';
import { resolveField, type GrantId } from '@hallpass/domain';
import { SYSTEM, smallRoster, student, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { CredentialVerifier } from '@hallpass/service-kit';
import { ExportController } from '../src/export/export.controller.js';
import { TestDataApi, basic, bearer } from './fixtures.js';

// What no version of Clever has: the export, the view of one's own access, chosen fields and conditions.

let api: TestDataApi;
let app: TestApp;
let district: TestDistrict;
let token: string;
let narrow: string;

const many = (count: number) => [
  ...smallRoster(),
  ...Array.from({ length: count }, (_, i) => student(`many-${i}`, ['A'])),
];

beforeAll(async () => {
  api = await TestDataApi.start();
  app = await api.directory.app();
  district = await api.directory.district(many(2500));
  token = bearer((await api.directory.grant(app, district)).token);
  const selection = { type: 'schools' as const, schoolIds: [district.idOf('school', 'B')] };
  const hiddenFields = ['student.dob', 'course'].flatMap(resolveField);
  narrow = bearer(
    (await api.directory.grant(await api.directory.app(), district, { selection, hiddenFields })).token,
  );
});
afterAll(() => api.stop());

// oxlint-disable-next-line typescript/no-explicit-any -- lines of every kind
const linesOf = (text: string): any[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('GET /v3.1/export', () => {
  const records = (text: string) => linesOf(text).slice(1, -1);

  it.each([
    ['all that is shared', () => token],
    ['what a narrow grant shares', () => narrow],
  ])('200 streams %s: the very records that the lists have', async (_name, credential) => {
    const answer = await api.get('/v3.1/export', credential());
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const lines = linesOf(answer.text);
    const [first, last] = [lines[0], lines.at(-1)];
    expect(first).toMatchObject({ export: { version: 'v3.1', at: expect.stringMatching(/^\d+$/) } });
    expect(last.end.records).toBe(lines.length - 2);
    expect(last.end.events).toBe(first.export.events);
    for (const kind of ['schools', 'terms', 'courses', 'users', 'sections']) {
      const { data } = await api.pull(`/v3.1/${kind}?limit=1000`, credential());
      const own = records(answer.text).filter((each) => each.kind === kind);
      expect(own.map((each) => each.data)).toEqual(data);
    }
  });

  it('200 hands over to the events that follow it', async () => {
    const busy = await api.directory.district();
    const text = bearer((await api.directory.grant(app, busy)).token);
    const [{ export: begun }] = linesOf((await api.get('/v3.1/export', text)).text) as [
      { export: { events: string } },
    ];
    expect((await api.get(begun.events, text)).body.data).toEqual([]);
    await api.directory.import(busy.id, [...smallRoster(), student('late', ['A'])]);
    const { body } = await api.get(begun.events, text);
    expect(body.data.map((each: { data: { type: string } }) => each.data.type)).toContain('users.created');
  });

  it('200 goes on from any line, on the picture it began with', async () => {
    const busy = await api.directory.district(many(30));
    const text = bearer((await api.directory.grant(app, busy)).token);
    const whole = linesOf((await api.get('/v3.1/export', text)).text);
    await api.directory.import(busy.id, many(31));
    const at = whole[0].export.at as string;
    for (const index of [1, 5, 20, whole.length - 2]) {
      const { kind, data } = whole[index];
      const url = `/v3.1/export?at=${at}&kind=${kind}&starting_after=${data.id}`;
      const rest = records((await api.get(url, text)).text);
      expect(rest).toEqual(whole.slice(index + 1, -1));
    }
  });

  it.each([
    ['revoked', (id: GrantId) => moveGrant(api.directory.dataSource, id, 'revoke', SYSTEM)],
    [
      'narrowed',
      (id: GrantId) =>
        narrowGrant(api.directory.dataSource, id, { hidden: resolveField('student.dob') }, SYSTEM),
    ],
  ])('is broken off, without its last line, when its grant is %s meanwhile', async (_name, change) => {
    const { id, token: text } = await api.directory.grant(await api.directory.app(), district);
    const request = { headers: { authorization: bearer(text) }, ip: '127.0.0.1', query: {} };
    const access = await api.app.get(CredentialVerifier).judge(bearer(text), request.ip, new Date());
    const reply = { header: () => undefined };
    // The controller itself, for a socket would swallow so small an export whole.
    const exported = await api.app.get(ExportController).export({ access, request } as never, reply as never);
    let received = '';
    const reading = (async () => {
      for await (const chunk of exported.getStream() as AsyncIterable<string>) {
        if (received === '') {
          await change(id);
          await api.heed();
        }
        received += chunk;
      }
    })();
    await expect(reading).rejects.toThrow();
    expect(received).toContain('{"export":');
    expect(received).not.toContain('{"end":');
  });

  it('200 is zipped for who asks for it', async () => {
    const plain = await api.get('/v3.1/export', token);
    const { rawPayload, headers } = await api.app.inject({
      url: '/v3.1/export',
      headers: { authorization: token, 'accept-encoding': 'gzip, br' },
    });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(rawPayload).toString('utf8')).toBe(plain.text);
  });

  it('200 is of all districts of a key', async () => {
    const two = await api.directory.app();
    const districts = [await api.directory.district(), await api.directory.district()];
    for (const each of districts) await api.directory.grant(two, each);
    const { text } = await api.get('/v3.1/export', basic(two.apiKey));
    const schools = records(text).filter(({ kind }) => kind === 'schools');
    expect(schools).toHaveLength(4);
    expect(new Set(schools.map(({ data }) => data.district))).toEqual(new Set(districts.map(({ id }) => id)));
  });

  it('200 is of the kinds that are asked for, in the one order, and goes on among them', async () => {
    const { text } = await api.get('/v3.1/export?kinds=users,schools', token);
    const lines = linesOf(text);
    expect(lines[0].export.kinds).toEqual(['schools', 'users']);
    const whole = records((await api.get('/v3.1/export', token)).text);
    const wanted = whole.filter(({ kind }) => kind === 'schools' || kind === 'users');
    expect(records(text)).toEqual(wanted);
    expect(lines.at(-1).end.records).toBe(wanted.length);
    const [school] = wanted;
    const place = `at=${lines[0].export.at}&kind=schools&starting_after=${school.data.id}`;
    expect(records((await api.get(`/v3.1/export?kinds=users,schools&${place}`, token)).text)).toEqual(
      wanted.slice(1),
    );
  });

  it.each([
    ['kind=pets', 400],
    ['kinds=users,pets', 400],
    ['kinds=users&kind=schools', 400],
    ['kinds=users&kinds=schools', 400],
    ['starting_after=x&kind=users', 400],
    [`starting_after=${'0'.repeat(24)}`, 400],
    ['at=x', 400],
    ['at=999999', 400],
  ])('%s → %i', async (query, status) => {
    expect((await api.get(`/v3.1/export?${query}`, token)).status).toBe(status);
  });

  it('401 without a credential, 429 beyond the limit', async () => {
    expect((await api.get('/v3.1/export')).status).toBe(401);
    expect((await api.get('/access')).status).toBe(401);
  });
});

describe('GET /access', () => {
  it('200 says what the credential opens, and how much of it there is', async () => {
    const { status, body } = await api.get('/access', narrow);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      credential: { type: 'token', expiresAt: null },
      limits: [
        { name: 'token', requests: 1200, perSeconds: 60, burst: 1200, isEnforced: true },
        { name: 'app' },
        { name: 'district' },
        { name: 'concurrency', requests: 20, perSeconds: null },
      ],
      sunset: null,
      districts: [{ id: district.id, selection: { type: 'schools' }, endsAt: null }],
    });
    const [own] = body.data.districts;
    expect(own.counts).toMatchObject({
      schools: 1,
      courses: 0,
      sections: 1,
      student: 2,
      teacher: 1,
      staff: 0,
    });
    expect(own.fields.user).not.toContain('roles.student.dob');
    expect(own.fields).not.toHaveProperty('course');
  });

  it('200 lists the districts of a key, and no other', async () => {
    const other = await api.directory.app();
    const own = await api.directory.district();
    await api.directory.grant(other, own);
    const { body } = await api.get('/access', basic(other.apiKey));
    expect(body.data.credential.type).toBe('api-key');
    expect(body.data.districts.map(({ id }: { id: string }) => id)).toEqual([own.id]);
  });
});

describe('fields=', () => {
  it('shows what is asked for, and the ids', async () => {
    const { body } = await api.get(
      '/v3.1/users?role=student&limit=1&fields=name.last,roles.student.grade',
      token,
    );
    const [{ data }] = body.data;
    expect(data).toEqual({
      id: expect.any(String),
      district: district.id,
      name: { last: 'Pupil' },
      roles: { student: { grade: '8' } },
    });
    expect(body.links.find(({ rel }: { rel: string }) => rel === 'next').uri).toContain('fields=name.last');
    const one = await api.get(`/v3.1/users/${data.id}?fields=name`, token);
    expect(one.body.data.name).toHaveProperty('first');
    expect(one.body.data).not.toHaveProperty('roles');
  });

  it('shows nothing that is hidden', async () => {
    const { body } = await api.get('/v3.1/users?fields=roles.student.dob', narrow);
    expect(body.data.length).toBeGreaterThan(0);
    expect(JSON.stringify(body.data)).not.toContain('dob');
  });

  it.each(['password', 'roles.student.shoe', 'name.first.x', ''])(
    '400 for the unknown field %j',
    async (field) => {
      const { status, body } = await api.get(`/v3.1/users?fields=name,${field}`, token);
      expect([status, body.faults[0].field]).toEqual([400, 'fields']);
    },
  );

  it('is nothing to versions that never had it', async () => {
    const [plain, asked] = [
      await api.get('/v3.0/users?limit=2', token),
      await api.get('/v3.0/users?limit=2&fields=nothing', token),
    ];
    expect([asked.status, asked.body.data]).toEqual([200, plain.body.data]);
  });
});

describe('a condition', () => {
  const ask = (url: string, tag?: string, authorization = token) =>
    api.app.inject({
      url,
      headers: { authorization, ...(tag === undefined ? {} : { 'if-none-match': tag }) },
    });

  it.each([
    '/v3.1/users?limit=5',
    '/v2.1/students?limit=5',
    '/v1.2/students?limit=5',
    '/v3.1/districts',
    '/v3.1/events',
  ])('304 for %s until the picture changes, and only to who asks', async (url) => {
    const busy = await api.directory.district(many(20));
    const text = bearer((await api.directory.grant(app, busy)).token);
    const first = await ask(url, undefined, text);
    const tag = String(first.headers['etag']);
    expect([first.statusCode, tag]).toEqual([200, expect.stringMatching(/^"[\w-]+"$/)]);
    expect((await ask(url, undefined, text)).statusCode).toBe(200);
    const same = await ask(url, `"other", ${tag}`, text);
    expect([same.statusCode, same.body, same.headers['etag']]).toEqual([304, '', tag]);
    expect(same.headers).toHaveProperty('x-ratelimit-remaining');
    await api.directory.import(busy.id, [...many(20), student('0-late', ['A'])]);
    const later = await ask(url, tag, text);
    expect(later.statusCode).toBe(200);
    expect(later.headers['etag']).not.toBe(tag);
  });

  it('is met for one record, and not for another or for another rule', async () => {
    const url = `/v3.1/users/${district.idOf('user', 'b2')}`;
    const tag = String((await ask(url)).headers['etag']);
    expect((await ask(url, tag)).statusCode).toBe(304);
    expect((await ask(`/v3.1/users/${district.idOf('user', 'b1')}`, tag)).statusCode).toBe(200);
    expect((await ask(url, tag, narrow)).statusCode).toBe(200);
  });

  it('changes no refusal', async () => {
    expect((await ask('/v3.1/users/nobody', '*')).statusCode).toBe(404);
  });
});
