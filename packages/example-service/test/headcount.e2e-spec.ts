import { readFile, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { moveGrant, rows } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret, resolveField, type UserRole } from '@hallpass/domain';
import { AuthorityWatch, UsageCounter, createService, openApiOf, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HeadcountConfig, headcountService } from '../src/headcount.js';

const DAY_MS = 86_400_000;
const bearer = (token: string) => `Bearer ${token}`;
const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

let directory: TestDirectory;
let service: NestFastifyApplication;
let first: TestDistrict;
let second: TestDistrict;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await start({ HEADCOUNT_LEAST: '1' });
  [first, second] = [await directory.district(), await directory.district()];
  app = await directory.app();
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

async function start(environment: Record<string, string>): Promise<NestFastifyApplication> {
  const config = readConfig(HeadcountConfig, { ...directory.environment, ...environment });
  const started = await createService({ ...headcountService(config), isQuiet: true });
  await started.init();
  await started.getHttpAdapter().getInstance().ready();
  return started;
}

async function get(url: string, authorization?: string, of = service) {
  const headers = authorization === undefined ? {} : { authorization };
  const { statusCode: status, headers: answered, body } = await of.inject({ url, headers });
  return { status, headers: answered, text: body, body: JSON.parse(body) as Record<string, unknown> };
}
const pathOf = (id: string, role?: string) =>
  `/districts/${id}/headcount${role === undefined ? '' : `?role=${role}`}`;
async function countOf(district: TestDistrict, authorization: string, role: UserRole): Promise<unknown> {
  const { status, body } = await get(pathOf(district.id, role), authorization);
  expect([status, body]).toEqual([200, { data: { district: district.id, role, count: expect.anything() } }]);
  return (body['data'] as { count: number }).count;
}

/** Lets the service look for changes of authority now, rather than within half a second. */
async function heed(): Promise<void> {
  await directory.dataSource.query(
    `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
  );
  await service.get(AuthorityWatch).look();
}
async function setPlan(announcedAt: Date | null, steps: unknown[], refusedAt: Date | null): Promise<void> {
  await directory.dataSource.query('update sunset_plan set announced_at = $1, steps = $2, refused_at = $3', [
    announcedAt,
    JSON.stringify(steps),
    refusedAt,
  ]);
  await heed();
}
const day = (days: number) => new Date(Date.now() + days * DAY_MS);

/** The isolation matrix: a route without a row fails here. */
const ROWS = ['/districts/{id}/headcount'];
const ABSENT = 'f'.repeat(24);

describe('the isolation matrix of the example', () => {
  it('has a row for every route', () => {
    const paths = Object.keys(openApiOf(service, '', '').paths).filter(
      (path) => !path.startsWith('/health/'),
    );
    expect(paths).toEqual(ROWS);
  });

  it.each(ROWS)('%s shows each caller its own and nothing else', async (row) => {
    const [one, other] = [await directory.app(), await directory.app()];
    const grants = {
      first: await directory.grant(one, first),
      second: await directory.grant(other, second),
    };
    const callers = [
      { name: 'a token of the first', authorization: bearer(grants.first.token), own: [first.id] },
      { name: 'a token of the second', authorization: bearer(grants.second.token), own: [second.id] },
      { name: 'the key of the first’s app', authorization: basic(one.apiKey), own: [first.id] },
    ];
    const ids = [first.id, second.id, first.idOf('school', 'A'), ABSENT, 'x', '%00'];
    for (const { name, authorization, own } of callers) {
      const absent = await get(row.replace('{id}', ABSENT), authorization);
      expect([absent.status, absent.body['code']]).toEqual([404, 'not-found']);
      for (const id of ids) {
        const { status, text } = await get(row.replace('{id}', id), authorization);
        const isOwn = (own as string[]).includes(id);
        expect([name, id, status]).toEqual([name, id, isOwn ? 200 : 404]);
        // What is another's cannot be told from what is not there.
        const foreign = [first.id, second.id].filter((each) => each !== own[0]);
        expect(foreign.some((each) => text.includes(each))).toBe(false);
      }
      expect((await get(row.replace('{id}', ABSENT))).status).toBe(401);
    }
  });
});

describe('a headcount', () => {
  it('is of all that a district has, where all is shared', async () => {
    const { token } = await directory.grant(await directory.app(), first);
    expect(await countOf(first, bearer(token), 'student')).toBe(4);
    expect(await countOf(first, bearer(token), 'teacher')).toBe(2);
    const { body } = await get(pathOf(first.id), bearer(token));
    expect(body).toEqual({ data: { district: first.id, role: 'student', count: 4 } });
  });

  it('is of the chosen schools alone, as the data API shows them', async () => {
    const selection = { type: 'schools' as const, schoolIds: [first.idOf('school', 'A')] };
    const { token } = await directory.grant(await directory.app(), first, { selection });
    expect(await countOf(first, bearer(token), 'student')).toBe(3);
    expect(await countOf(first, bearer(token), 'teacher')).toBe(1);
  });

  it('is of nobody where no people are shared', async () => {
    const { token } = await directory.grant(await directory.app(), first, {
      hiddenFields: resolveField('user'),
    });
    const { body } = await get(pathOf(first.id), bearer(token));
    expect(body).toEqual({ data: { district: first.id, role: 'student', count: null } });
  });

  it('is not told below the least that the configuration has', async () => {
    const { token } = await directory.grant(await directory.app(), first);
    const shy = await start({});
    const { body } = await get(pathOf(first.id), bearer(token), shy);
    await shy.close();
    expect(body).toEqual({ data: { district: first.id, role: 'student', count: null } });
    expect(() => readConfig(HeadcountConfig, { ...directory.environment, HEADCOUNT_LEAST: '0' })).toThrow(
      'HEADCOUNT_LEAST',
    );
  });

  it('400 for a role that is none, and for what is not known', async () => {
    const { token } = await directory.grant(await directory.app(), first);
    for (const query of ['role=pupil', 'role=', 'role=student&role=teacher', 'school=x']) {
      const { status, body } = await get(`${pathOf(first.id)}?${query}`, bearer(token));
      expect([query, status, body['code']]).toEqual([query, 400, 'request-invalid']);
    }
  });

  it('401 without a credential, and with one that is not known', async () => {
    expect((await get(pathOf(first.id))).body['code']).toBe('credentials-missing');
    const { status, body, headers } = await get(pathOf(first.id), bearer(newSecret('token')));
    expect([status, body['code']]).toEqual([401, 'credentials-unknown']);
    expect(headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/);
  });

  it('is counted in the usage of its app', async () => {
    const own = await directory.app();
    const { token } = await directory.grant(own, first);
    await get(pathOf(first.id), bearer(token));
    await get(pathOf(second.id), bearer(token));
    await service.get(UsageCounter).flush();
    const used = await rows<{ status: number; calls: number }>(
      directory.dataSource,
      'select status, sum(calls)::int calls from usage_minutes where app_id = $1 group by 1 order by 1',
      [own.id],
    );
    expect(used).toEqual([
      { status: 200, calls: 1 },
      { status: 404, calls: 1 },
    ]);
  });
});

describe('what the platform decides, the service obeys', () => {
  it('a paused grant is refused, resumed it works, and revoked it ends: by the codes of the data API', async () => {
    const { id, token } = await directory.grant(app, second);
    const ask = async () => {
      await service.get(AuthorityWatch).look();
      const { status, body } = await get(pathOf(second.id), bearer(token));
      return [status, body['code']];
    };
    expect(await ask()).toEqual([200, undefined]);
    await moveGrant(directory.dataSource, id, 'pause', SYSTEM);
    expect(await ask()).toEqual([401, 'grant-paused']);
    await moveGrant(directory.dataSource, id, 'resume', SYSTEM);
    expect(await ask()).toEqual([200, undefined]);
    await moveGrant(directory.dataSource, id, 'revoke', SYSTEM);
    expect(await ask()).toEqual([401, 'grant-revoked']);
  });

  it('429 beyond the limit, which says when to go on', async () => {
    const { token } = await directory.grant(await directory.app(), first);
    await directory.dataSource.query(
      `insert into rate_policies values ('token', 'token', 2, 86400, 'enforce')`,
    );
    await heed();
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await get(pathOf(first.id), bearer(token))).status);
    const { headers, body } = await get(pathOf(first.id), bearer(token));
    await directory.dataSource.query(`delete from rate_policies where name = 'token'`);
    await heed();
    expect(statuses).toEqual([200, 200, 429]);
    expect(body).toMatchObject({ code: 'rate-limited', 'violated-policies': ['token'] });
    expect(headers['ratelimit-policy']).toContain('"token";q=2;w=86400');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('an API key is warned, slowed and refused by the sunset plan, with the headers of the data API', async () => {
    const own = await directory.app();
    await directory.grant(own, first);
    const authorization = basic(own.apiKey);
    expect((await get(pathOf(first.id), authorization)).headers).not.toHaveProperty('deprecation');

    const [announcedAt, refusedAt] = [day(-10), day(10)];
    await setPlan(announcedAt, [], refusedAt);
    const announced = await get(pathOf(first.id), authorization);
    expect(announced.status).toBe(200);
    expect(announced.headers).toMatchObject({
      deprecation: `@${Math.floor(announcedAt.getTime() / 1000)}`,
      sunset: refusedAt.toUTCString(),
      link: expect.stringMatching(/rel="deprecation".*rel="successor-version".*rel="sunset"/),
    });

    await setPlan(announcedAt, [{ from: day(-1), requestsPerMinute: 2, mode: 'enforce' }], refusedAt);
    const slowed = [];
    for (let i = 0; i < 4; i += 1) slowed.push(await get(pathOf(first.id), authorization));
    expect(slowed.at(-1)?.status).toBe(429);
    expect(slowed.at(-1)?.headers).toMatchObject({ sunset: refusedAt.toUTCString() });

    await setPlan(announcedAt, [], day(-1));
    const { status, body, headers } = await get(pathOf(first.id), authorization);
    await setPlan(null, [], null);
    expect([status, body['code']]).toEqual([401, 'key-refused']);
    expect(headers).toHaveProperty('sunset');
  });
});

describe('the source of the example', () => {
  const SOURCE = new URL('../src/', import.meta.url);
  const PAGE = new URL('../../../docs/building-services.md', import.meta.url);

  it('has fewer than 60 lines, and the page shows them as they are', async () => {
    const page = await readFile(PAGE, 'utf8');
    let lines = 0;
    for (const name of await readdir(SOURCE)) {
      const text = await readFile(new URL(name, SOURCE), 'utf8');
      lines += text.split('\n').filter((line) => line.trim() !== '').length;
      expect([name, page.includes(`\`\`\`ts\n${text}\`\`\``)]).toEqual([name, true]);
    }
    expect(lines).toBeGreaterThan(20);
    expect(lines).toBeLessThan(60);
  });
});
