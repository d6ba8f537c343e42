import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { DEFAULT_CONCURRENCY_POLICY, ROUTE_COSTS, newSecret } from '@hallpass/domain';
import { AuthorityWatch, FairTurns, RateLimiter, createService, readConfig } from '@hallpass/service-kit';
import { RedisServer, hasRedis } from '@hallpass/service-kit/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataApiConfig } from '../src/config.js';
import { dataApi } from '../src/data-api.js';
import { basic, bearer } from './fixtures.js';

let directory: TestDirectory;
let district: TestDistrict;
const services: NestFastifyApplication[] = [];

beforeAll(async () => {
  directory = await TestDirectory.open();
  district = await directory.district();
});
afterAll(async () => {
  for (const service of services) await service.close();
  await directory.close();
});

const start = async (environment: Record<string, string> = {}) => {
  const config = readConfig(DataApiConfig, { ...directory.environment, ...environment });
  const service = await createService(dataApi(config, true));
  await service.init();
  await service.getHttpAdapter().getInstance().ready();
  services.push(service);
  return service;
};
/** Rows of rate_policies in the place of those there are. */
const setPolicies = async (
  ...rows: [name: string, subject: string, max: number, seconds: number | null][]
) => {
  await directory.dataSource.query('delete from rate_policies');
  for (const row of rows)
    await directory.dataSource.query(`insert into rate_policies values ($1, $2, $3, $4, 'enforce')`, row);
  await heeded();
};
const heeded = async () => {
  await directory.dataSource.query(
    `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
  );
  for (const service of services) await service.get(AuthorityWatch).look();
};
const ask = async (
  service: NestFastifyApplication,
  authorization: string,
  { url = '/v3.1/schools?limit=1', address = '127.0.0.1', forwarded }: Partial<Record<string, string>> = {},
) => {
  const { statusCode, headers, body } = await service.inject({
    url,
    remoteAddress: address,
    headers: { authorization, ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) },
  });
  return { status: statusCode, headers, body };
};
const grantOf = async (app: TestApp, to: TestDistrict) => bearer((await directory.grant(app, to)).token);

describe('what a request draws on', () => {
  let service: NestFastifyApplication;
  const statusesOf = async (authorizations: string[], url?: string) => {
    const statuses = [];
    for (const each of authorizations)
      statuses.push((await ask(service, each, url === undefined ? {} : { url })).status);
    return statuses;
  };

  beforeAll(async () => {
    service = await start();
  });

  it('the app’s counter is one for all of its districts, and for its API key', async () => {
    await setPolicies(['app', 'app', 4, 86_400]);
    const app = await directory.app();
    const [one, other] = [await grantOf(app, district), await grantOf(app, await directory.district())];
    expect(await statusesOf([one, other, one, basic(app.apiKey), other, basic(app.apiKey)])).toEqual([
      200, 200, 200, 200, 429, 429,
    ]);
    expect((await ask(service, await grantOf(await directory.app(), district))).status).toBe(200);
  });

  it('the district’s counter is one for all of its apps', async () => {
    const own = await directory.district();
    await setPolicies(['district', 'district', 2, 86_400]);
    const [one, other] = [
      await grantOf(await directory.app(), own),
      await grantOf(await directory.app(), own),
    ];
    expect(await statusesOf([one, other, one])).toEqual([200, 200, 429]);
    const { body } = await ask(service, other);
    expect(JSON.parse(body)).toMatchObject({ 'violated-policies': ['district'] });
  });

  it('an export costs more than a page, and no more than there is', async () => {
    await setPolicies(['token', 'token', ROUTE_COSTS.export + 1, 86_400]);
    const token = await grantOf(await directory.app(), district);
    expect(await statusesOf([token, token], '/v3.1/export')).toEqual([200, 429]);
    expect(await statusesOf([token, token])).toEqual([200, 429]);
    await setPolicies(['token', 'token', 3, 86_400]);
    const poor = await grantOf(await directory.app(), district);
    expect(await statusesOf([poor], '/v3.1/export')).toEqual([200]);
    expect(await statusesOf([poor])).toEqual([429]);
  });

  it('an override is for whom it is, and ends', async () => {
    await setPolicies(['token', 'token', 2, 86_400]);
    const [app, other] = [await directory.app(), await directory.app()];
    const [own, others] = [await grantOf(app, district), await grantOf(other, district)];
    const operator = await directory.dataSource.query<{ id: string }[]>(
      `insert into operators (id, name, role, lookup, masked) values ('0123456789abcdef01234567', 'o', 'operator', '\\x00', '')
       on conflict (id) do update set name = 'o' returning id`,
    );
    await directory.dataSource.query(
      `insert into rate_overrides (id, policy, app_id, requests_max, window_seconds, mode, reason, approved_by, expires_at)
       values ('0123456789abcdef01234567', 'token', $1, 3, 86400, 'enforce', 'a trial', $2, now() + interval '1 day')`,
      [app.id, operator[0]?.id],
    );
    await heeded();
    expect(await statusesOf([own, own, own, own])).toEqual([200, 200, 200, 429]);
    expect(await statusesOf([others, others, others])).toEqual([200, 200, 429]);
    const { headers } = await ask(service, own);
    expect(headers['ratelimit-policy']).toContain('"token";q=3;w=86400');
    await directory.dataSource.query(`update rate_overrides set expires_at = now()`);
    await heeded();
    expect((await ask(service, own)).headers['ratelimit-policy']).toContain('"token";q=2;w=86400');
    await directory.dataSource.query('delete from rate_overrides');
  });
});

describe('requests in flight', () => {
  let port: number;
  const limiter = () => (services.at(-1) as NestFastifyApplication).get(RateLimiter);
  const counters = () => limiter().stats().policies['concurrency']?.counters ?? 0;
  const idle = async () => {
    while (counters() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  beforeAll(async () => {
    const service = await start();
    await service.listen(0, '127.0.0.1');
    port = Number(new URL(await service.getUrl()).port);
  });

  it('beyond the limit are refused, told by name, and let in again when others have ended', async () => {
    await setPolicies([DEFAULT_CONCURRENCY_POLICY.name, 'token', 2, null]);
    const authorization = await grantOf(await directory.app(), district);
    const get = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/v3.1/users`, { headers: { authorization } });
      return { status: answer.status, headers: answer.headers, body: await answer.text() };
    };
    await get();
    const answers = await Promise.all(Array.from({ length: 30 }, get));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('ratelimit')).toMatch(/, "concurrency";r=0$/);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(refused[0]?.body ?? '')).toMatchObject({
      code: 'rate-limited',
      'violated-policies': ['concurrency'],
    });
    await idle();
    expect((await get()).status).toBe(200);
  });

  it('are over when the client has gone, whatever was left of the answer', async () => {
    await setPolicies([DEFAULT_CONCURRENCY_POLICY.name, 'token', 1, null]);
    const authorization = await grantOf(await directory.app(), district);
    for (let i = 0; i < 3; i += 1) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET /v3.1/export HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
      while (counters() === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      await idle();
    }
    const answer = await fetch(`http://127.0.0.1:${port}/v3.1/export`, { headers: { authorization } });
    expect([answer.status, (await answer.text()).includes('"end"')]).toEqual([200, true]);
  });

  it('take turns, and whoever goes while waiting hands the turn on', async () => {
    await setPolicies([DEFAULT_CONCURRENCY_POLICY.name, 'token', 1000, null]);
    const authorization = await grantOf(await directory.app(), district);
    const turns = (services.at(-1) as NestFastifyApplication).get(FairTurns);
    const sockets = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets)
      socket.write(`GET /v3.1/users HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
    while (counters() === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of sockets) socket.destroy();
    await idle();
    while (turns.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const get = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/v3.1/users`, { headers: { authorization } });
      await answer.text();
      return answer.status;
    };
    const statuses = await Promise.all(Array.from({ length: 40 }, get));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('of a revoked, unknown or refused credential leave nothing behind', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v3.1/schools`, {
      headers: { authorization: bearer(newSecret('token')) },
    });
    await answer.text();
    await idle();
    expect([answer.status, counters()]).toEqual([401, 0]);
  });
});

describe('the address that failed sign-ins are counted by', () => {
  const unknown = () => bearer(newSecret('token'));
  let direct: NestFastifyApplication;
  let behind: NestFastifyApplication;

  beforeAll(async () => {
    direct = await start();
    behind = await start({ TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8:ffff::/48' });
    await setPolicies(['failed-sign-in', 'address', 3, 86_400]);
  });
  const fails = async (
    service: NestFastifyApplication,
    calls: { address?: string; forwarded?: string }[],
  ) => {
    const statuses = [];
    for (const each of calls) statuses.push((await ask(service, unknown(), each)).status);
    return statuses;
  };
  const THREE_AND_NO_MORE = [401, 401, 401, 429];

  it('is the caller’s own where no proxy is trusted, whatever X-Forwarded-For says', async () => {
    const forged = ['198.51.100.1', '198.51.100.2, 10.0.0.1', '::1', '127.0.0.1'];
    const calls = forged.map((forwarded) => ({ address: '203.0.113.1', forwarded }));
    expect(await fails(direct, calls)).toEqual(THREE_AND_NO_MORE);
    // Nor can anybody spend another's.
    expect(await fails(direct, [{ address: '198.51.100.1' }])).toEqual([401]);
  });

  it('is what the nearest trusted proxy saw, whatever the caller wrote before it', async () => {
    const forged = ['', '198.51.100.1, ', '198.51.100.2, 10.9.9.9, ', 'not an address, '];
    const calls = forged.map((each) => ({ address: '10.0.0.1', forwarded: `${each}203.0.113.2` }));
    expect(await fails(behind, calls)).toEqual(THREE_AND_NO_MORE);
    expect(await fails(behind, [{ address: '10.0.0.1', forwarded: '203.0.113.3' }])).toEqual([401]);
  });

  it('is found behind several trusted proxies, and no further', async () => {
    const hops = ['203.0.113.4, 10.0.0.3, 10.0.0.2', '198.51.100.9, 203.0.113.4, 10.0.0.3', '203.0.113.4'];
    const calls = [...hops, '1.1.1.1, 203.0.113.4, 2001:db8:ffff::7'].map((forwarded) => ({
      address: '10.0.0.1',
      forwarded,
    }));
    expect(await fails(behind, calls)).toEqual(THREE_AND_NO_MORE);
  });

  it('is the caller’s own where it comes past the proxies', async () => {
    const calls = [1, 2, 3, 4].map((i) => ({ address: '203.0.113.5', forwarded: `198.51.100.${i}` }));
    expect(await fails(behind, calls)).toEqual(THREE_AND_NO_MORE);
  });

  it('is its /64 in IPv6, and an IPv4 address however it is written', async () => {
    const six = ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2:ffff::1', '2001:db8:1:2:0:1:2:3'];
    expect(
      await fails(
        direct,
        six.map((address) => ({ address })),
      ),
    ).toEqual(THREE_AND_NO_MORE);
    expect(await fails(direct, [{ address: '2001:db8:1:3::1' }])).toEqual([401]);
    const four = ['203.0.113.6', '::ffff:203.0.113.6', '203.0.113.6', '::ffff:203.0.113.6'];
    expect(
      await fails(
        direct,
        four.map((address) => ({ address })),
      ),
    ).toEqual(THREE_AND_NO_MORE);
  });
});

(hasRedis() ? describe : describe.skip)('two services with one store', () => {
  let redis: RedisServer;
  let pair: NestFastifyApplication[];

  beforeAll(async () => {
    redis = await RedisServer.open();
    pair = [await start({ REDIS_URL: redis.url }), await start({ REDIS_URL: redis.url })];
  });
  afterAll(() => redis.kill());

  const [one, other] = [() => pair[0] as NestFastifyApplication, () => pair[1] as NestFastifyApplication];
  const allowed = async (authorization: string, calls: number) => {
    const asked = Array.from({ length: calls }, (_, i) => ask(i % 2 === 0 ? one() : other(), authorization));
    return (await Promise.all(asked)).filter(({ status }) => status === 200).length;
  };
  const health = async (service: NestFastifyApplication) =>
    JSON.parse((await service.inject('/health/ready')).body);

  it('share every limit', async () => {
    await setPolicies(['token', 'token', 10, 86_400], [DEFAULT_CONCURRENCY_POLICY.name, 'token', 1000, null]);
    const token = await grantOf(await directory.app(), district);
    expect(await allowed(token, 40)).toBe(10);
    expect(await health(one())).toEqual({ status: 'ready', limits: 'shared' });
  });

  it('share failed sign-ins', async () => {
    await setPolicies(['failed-sign-in', 'address', 4, 86_400]);
    const statuses: number[] = [];
    // A process learns of the other's failures by its own, and nobody waits for that.
    while (statuses.slice(-2).join() !== '429,429') {
      const from = { address: '203.0.113.77' };
      const service = statuses.length % 2 === 0 ? one() : other();
      statuses.push((await ask(service, bearer(newSecret('token')), from)).status);
    }
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(8);
  });

  it('go on without the store, each with its share, and neither refuses all nor lets all in', async () => {
    await setPolicies(['token', 'token', 10, 86_400], [DEFAULT_CONCURRENCY_POLICY.name, 'token', 1000, null]);
    const token = await grantOf(await directory.app(), district);
    const nodes = () => pair.map((service) => service.get(RateLimiter).stats().store?.nodes);
    while (nodes().some((count) => count !== 2)) await new Promise((resolve) => setTimeout(resolve, 20));
    await redis.kill();
    while ((await health(one())).limits !== 'away' || (await health(other())).limits !== 'away');
    expect(await allowed(token, 40)).toBe(10);
    const { status, headers } = await ask(one(), token);
    expect([status, headers['ratelimit-policy']]).toEqual([
      429,
      expect.stringContaining('"token";q=5;w=86400'),
    ]);
    await redis.start();
  });
});
