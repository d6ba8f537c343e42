import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { moveGrant, narrowGrant } from '@hallpass/database';
import { newSecret, type SunsetPlan } from '@hallpass/domain';
import { SYSTEM, smallRoster, student, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { TestDataApi, basic, bearer } from './fixtures.js';

let api: TestDataApi;
let app: TestApp;
let districts: [TestDistrict, TestDistrict];
const DAY_MS = 86_400_000;
const day = (days: number) => new Date(Date.now() + days * DAY_MS);

beforeAll(async () => {
  api = await TestDataApi.start();
  app = await api.directory.app();
  districts = [await api.directory.district(), await api.directory.district()];
});
afterAll(() => api.stop());

/** The longest that a change may take to reach a process: half a second's poll, with room for a busy machine. */
const within = async (check: () => Promise<boolean>) => {
  const end = Date.now() + 1000;
  while (Date.now() < end) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return check();
};
const setPlan = async (plan: Partial<SunsetPlan>) => {
  const { dataSource } = api.directory;
  await dataSource.query(
    'update sunset_plan set announced_at = $1, steps = $2, brownouts = $3, refused_at = $4',
    [
      plan.announcedAt ?? null,
      JSON.stringify(plan.steps ?? []),
      JSON.stringify(plan.brownouts ?? []),
      plan.refusedAt ?? null,
    ],
  );
  await dataSource.query(`insert into authority_changes (subject_type, subject_id) values ('rules', 'plan')`);
};
const statusOf = async (authorization: string) => (await api.get('/v3.0/schools', authorization)).status;
const codeOf = async (authorization: string) =>
  (await api.get('/v3.0/schools', authorization)).body.code as string;

describe('a token', () => {
  it('is refused within a second of its grant being paused, works again when it is resumed, and ends with it', async () => {
    const { id, token } = await api.directory.grant(app, districts[0]);
    const { dataSource } = api.directory;
    expect(await statusOf(bearer(token))).toBe(200);
    await moveGrant(dataSource, id, 'pause', SYSTEM);
    expect(await within(async () => (await codeOf(bearer(token))) === 'grant-paused')).toBe(true);
    await moveGrant(dataSource, id, 'resume', SYSTEM);
    expect(await within(async () => (await statusOf(bearer(token))) === 200)).toBe(true);
    await moveGrant(dataSource, id, 'revoke', SYSTEM);
    expect(await within(async () => (await codeOf(bearer(token))) === 'grant-revoked')).toBe(true);
    const { status, headers } = await api.get('/v3.0/schools', bearer(token));
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="hallpass", error="invalid_token", ${RESOURCE}`,
    ]);
  });

  it('shows what a narrowed grant still shares within a second', async () => {
    const { id, token } = await api.directory.grant(await api.directory.app(), districts[0]);
    const count = async () => (await api.get('/v3.0/schools?count=true', bearer(token))).body.count as number;
    expect(await count()).toBe(2);
    const selection = { type: 'schools' as const, schoolIds: [districts[0].idOf('school', 'A')] };
    await narrowGrant(api.directory.dataSource, id, { selection }, SYSTEM);
    expect(await within(async () => (await count()) === 1)).toBe(true);
  });

  it('503 while its grant is being narrowed: neither the old set nor half of the new', async () => {
    const { id, token } = await api.directory.grant(await api.directory.app(), districts[0]);
    await api.directory.dataSource.query(`update grants set narrowing_to = '{}' where id = $1`, [id]);
    await api.directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('grant', $1)`,
      [id],
    );
    expect(await within(async () => (await statusOf(bearer(token))) === 503)).toBe(true);
    const { body, headers } = await api.get('/v3.0/schools', bearer(token));
    expect([body.code, headers['retry-after']]).toEqual(['grant-narrowing', '2']);
  });

  it('429 is all or nothing, says when to go on, and in every dialect', async () => {
    const { token } = await api.directory.grant(await api.directory.app(), districts[0]);
    const { dataSource } = api.directory;
    await dataSource.query(`insert into rate_policies values ('token', 'token', 3, 60, 'enforce')`);
    await dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'token')`,
    );
    await api.heed();
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await api.get('/v3.0/schools?limit=1', bearer(token)));
    await dataSource.query(`delete from rate_policies`);
    await dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'token')`,
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const refused = answers[3];
    expect(refused?.body).toMatchObject({ code: 'rate-limited', 'violated-policies': ['token'] });
    expect(refused?.headers).toMatchObject({
      'retry-after': expect.stringMatching(/^(1[5-9]|20)$/),
      'ratelimit-policy':
        '"token";q=3;w=60, "app";q=120000;w=60, "district";q=60000;w=60, "concurrency";q=20;qu="concurrent-requests"',
      ratelimit: expect.stringMatching(
        /^"token";r=0;t=(1[5-9]|20), "app";r=1[12]\d{4};t=\d, "district";r=[56]\d{4};t=\d, "concurrency";r=20$/,
      ),
      'x-ratelimit-bucket': ['token', 'app', 'district'],
      'x-ratelimit-limit': ['3', '120000', '60000'],
      'x-ratelimit-remaining': [
        '0',
        expect.stringMatching(/^1[12]\d{4}$/),
        expect.stringMatching(/^[56]\d{4}$/),
      ],
    });
    expect(Number(String(refused?.headers['x-ratelimit-reset']).split(',')[0])).toBeGreaterThan(
      Date.now() / 1000,
    );
  });
});

describe('an API key', () => {
  const spellings = (key: string) => [
    ['base64 of the key', `Basic ${Buffer.from(key).toString('base64')}`],
    ['the same with a colon behind it', `Basic ${Buffer.from(key).toString('base64')}:`],
    ['base64 of the key and a colon', `Basic ${Buffer.from(`${key}:`).toString('base64')}`],
    ['a scheme in another case', `basic ${Buffer.from(`${key}:`).toString('base64')}`],
  ];

  it('reads the union of its app’s districts, in any of its spellings, across pages', async () => {
    const two = await api.directory.app();
    for (const district of districts) await api.directory.grant(two, district);
    for (const [name, authorization] of spellings(two.apiKey)) {
      const { data } = await api.pull('/v3.0/users?limit=5', String(authorization));
      const ids = data.map((each) => each.id as string);
      expect([name, ids]).toEqual([name, [...new Set(ids)].sort()]);
      expect(ids).toHaveLength(18);
    }
    const list = await api.get('/v3.0/districts', basic(two.apiKey));
    expect(list.body.data.map((each: { data: { id: string } }) => each.data.id)).toEqual(
      districts.map(({ id }) => id).sort(),
    );
    expect((await api.get('/v3.0/schools?count=true', basic(two.apiKey))).body.count).toBe(4);
  });

  it('reads one picture of all its districts, however many imports land', async () => {
    const two = await api.directory.app();
    const moving = [await api.directory.district(), await api.directory.district()];
    for (const district of moving) await api.directory.grant(two, district);
    const before = await api.pull('/v3.0/users', basic(two.apiKey));
    const during = await api.pull('/v3.0/users?limit=3', basic(two.apiKey), async (page) => {
      const district = moving[page % 2];
      if (page > 2 || !district) return;
      await api.directory.import(district.id, [...smallRoster(), student(`n${page}`, ['A'])]);
    });
    expect(during.data).toEqual(before.data);
  });

  it('says from the day of notice when and how it ends, is slowed, browned out, and refused', async () => {
    const own = await api.directory.app();
    await api.directory.grant(own, districts[0]);
    const authorization = basic(own.apiKey);
    const open = await api.get('/v3.0/schools', authorization);
    expect(open.headers).not.toHaveProperty('deprecation');

    const plan = { announcedAt: day(-10), refusedAt: day(10) };
    await setPlan(plan);
    expect(
      await within(async () => 'deprecation' in (await api.get('/v3.0/schools', authorization)).headers),
    ).toBe(true);
    const announced = await api.get('/v3.0/schools', authorization);
    expect(announced.headers).toMatchObject({
      deprecation: `@${Math.floor(plan.announcedAt.getTime() / 1000)}`,
      sunset: plan.refusedAt.toUTCString(),
      'x-ratelimit-limit': ['1200', '120000'],
    });
    expect(announced.headers['link']).toMatch(/rel="deprecation".*rel="successor-version".*rel="sunset"/);

    await setPlan({ ...plan, steps: [{ from: day(-1), requestsPerMinute: 2, mode: 'enforce' }] });
    expect(
      await within(
        async () =>
          (await api.get('/v3.0/schools', authorization)).headers['x-ratelimit-limit']?.toString() ===
          '2,120000',
      ),
    ).toBe(true);
    const slowed = [];
    for (let i = 0; i < 3; i += 1) slowed.push(await statusOf(authorization));
    expect(slowed.at(-1)).toBe(429);

    await setPlan({ ...plan, brownouts: [{ from: day(-1), until: day(1) }] });
    expect(await within(async () => (await codeOf(authorization)) === 'key-brownout')).toBe(true);

    const refusedAt = day(-1);
    await setPlan({ announcedAt: day(-10), refusedAt });
    expect(await within(async () => (await codeOf(authorization)) === 'key-refused')).toBe(true);
    const refused = await api.get('/v3.0/schools', authorization);
    expect(refused.status).toBe(401);
    expect(refused.headers['sunset']).toBe(refusedAt.toUTCString());
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer /);
    await setPlan({});
  });
});

const RESOURCE = 'resource_metadata="http://127.0.0.1:4002/.well-known/oauth-protected-resource"';
const errorIn = (challenge: unknown) => /error="(\w+)"/.exec(String(challenge))?.[1];

describe('a credential that cannot be one', () => {
  const real = newSecret('token');
  it.each([
    ['', 'credentials-missing'],
    ['Bearer', 'authorization-malformed'],
    ['Bearer ', 'authorization-malformed'],
    ['Bearer  ', 'authorization-malformed'],
    ['Bearer x', 'credentials-malformed'],
    [`Bearer ${real}`, 'credentials-unknown'],
    [`bearer ${real}`, 'credentials-unknown'],
    [`BEARER ${real}`, 'credentials-unknown'],
    [`Bearer ${real.slice(0, -1)}`, 'credentials-malformed'],
    [`Bearer ${real}x`, 'credentials-malformed'],
    [`Bearer ${real.slice(0, -1)}!`, 'authorization-malformed'],
    [`Bearer ${real} ${real}`, 'authorization-malformed'],
    [`Bearer ${real.toUpperCase()}`, 'credentials-malformed'],
    [`Bearer "${real}"`, 'authorization-malformed'],
    [`Bearer ${newSecret('apiKey')}`, 'credentials-malformed'],
    [`Bearer ${newSecret('clientSecret')}`, 'credentials-malformed'],
    [`Bearer ${newSecret('operatorToken')}`, 'credentials-malformed'],
    [real, 'credentials-malformed'],
    ['Basic', 'credentials-malformed'],
    ['Basic ', 'credentials-malformed'],
    ['Basic !!!!', 'credentials-malformed'],
    ['Basic Og==', 'credentials-malformed'],
    [basic('user', 'password'), 'credentials-malformed'],
    [basic('clientid', newSecret('clientSecret')), 'credentials-malformed'],
    [basic(newSecret('apiKey')), 'credentials-unknown'],
    [basic('DEMO_KEY'), 'credentials-unknown'],
    [basic('short'), 'credentials-malformed'],
    [basic(`\u0000${'k'.repeat(20)}`), 'credentials-malformed'],
    [basic('k'.repeat(500)), 'credentials-malformed'],
    [`Basic ${'A'.repeat(5000)}`, 'credentials-malformed'],
    ['Digest username="x"', 'credentials-malformed'],
    [`Token ${real}`, 'credentials-malformed'],
    ['Bearer \u00e9\u00e9', 'authorization-malformed'],
    [`Bearer ${'a'.repeat(5000)}`, 'authorization-malformed'],
    [`Bearer\t${real}`, 'authorization-malformed'],
    [`Bearer ${real}, Basic ${real}`, 'authorization-malformed'],
    [`Bearer ${newSecret('portalToken')}`, 'credentials-malformed'],
    [`Bearer ${newSecret('accessToken')}`, 'credentials-unknown'],
    [`Bearer ${newSecret('accessToken').slice(0, -2)}`, 'credentials-malformed'],
    [`Bearer ${newSecret('authorizationCode')}`, 'credentials-malformed'],
    [`Bearer ${newSecret('invitation')}`, 'credentials-malformed'],
  ])('%s → %s, with the challenge of RFC 6750', async (authorization, code) => {
    const address = `10.0.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`;
    const { status, headers, body, text } = await api.get(
      '/v3.0/schools',
      authorization === '' ? undefined : authorization,
      address,
    );
    expect([status, body.code]).toEqual([code === 'authorization-malformed' ? 400 : 401, code]);
    const error = errorIn(headers['www-authenticate']);
    if (code === 'authorization-malformed') expect(error).toBe('invalid_request');
    else if (code === 'credentials-missing') expect(error).toBeUndefined();
    else if (/^bearer/i.test(authorization)) expect(error).toBe('invalid_token');
    expect(headers['www-authenticate']).toContain(RESOURCE);
    if (authorization.length > 30) expect(text).not.toContain(authorization.slice(-20));
  });

  it('beside another one is refused: nobody could say which counts', async () => {
    const { token } = await api.directory.grant(await api.directory.app(), districts[0]);
    const twice = [`Bearer ${token}`, `Bearer ${token}`] as unknown as string;
    const { status, headers, body } = await api.get('/v3.0/schools', twice);
    expect([status, body.code]).toEqual([400, 'authorization-malformed']);
    expect(errorIn(headers['www-authenticate'])).toBe('invalid_request');
  });

  it('in the query is not read', async () => {
    const { token } = await api.directory.grant(await api.directory.app(), districts[1]);
    expect((await api.get(`/v3.0/schools?access_token=${token}`)).status).toBe(401);
  });

  it('429 after too many failures from one address, before the database is asked, and for that address alone', async () => {
    const { dataSource } = api.directory;
    // A window so long that nothing refills while the test runs, however busy the machine.
    await dataSource.query(
      `insert into rate_policies values ('failed-sign-in', 'address', 3, 86400, 'enforce')`,
    );
    await dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
    );
    await api.heed();
    const unknown = () => bearer(newSecret('token'));
    const statuses = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await api.get('/v3.0/schools', unknown(), '10.1.1.1')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await api.get('/v3.0/schools', unknown(), '10.1.1.2')).status).toBe(401);
  });
});
