import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@hallpass/database';
import { freePort } from '@hallpass/database/embedded';
import { TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret } from '@hallpass/domain';
import { AuthorityWatch, UsageCounter, createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataApiConfig } from '../src/config.js';
import { dataApi } from '../src/data-api.js';
import { basic, bearer } from './fixtures.js';

// What Prometheus is told, by scraping the real port of a service as it runs.

let directory: TestDirectory;
let service: NestFastifyApplication;
let metricsPort: number;
let url: string;
let app: TestApp;
let district: TestDistrict;
let token: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  metricsPort = await freePort();
  const environment = { ...directory.environment, METRICS_PORT: String(metricsPort) };
  service = await createService(dataApi(readConfig(DataApiConfig, environment), true));
  await service.listen(0, '127.0.0.1');
  url = await service.getUrl();
  [app, district] = [await directory.app(), await directory.district()];
  ({ token } = await directory.grant(app, district));
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${metricsPort}${path}`, init);
const scrape = async () => (await at('/metrics')).text();
/** The value of a sample by its name and some of its labels; undefined where there is none. */
async function value(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const line = (await scrape()).split('\n').find((each) => {
    if (!each.startsWith(`${name}{`)) return false;
    return Object.entries(labels).every(([label, text]) => each.includes(`${label}="${text}"`));
  });
  return line === undefined ? undefined : Number(line.split(' ').at(-1)?.replace('+Inf', 'Infinity'));
}
const ask = async (path: string, authorization = bearer(token)) =>
  (await fetch(url + path, { headers: { authorization } })).status;

describe('GET /metrics', () => {
  it('counts requests by route pattern and class of status, and how long they took', async () => {
    const count = (status: string) =>
      value('hallpass_http_request_duration_seconds_count', {
        method: 'GET',
        route: '/v3.0/users/:id',
        status,
      });
    for (let each = 0; each < 3; each += 1)
      expect(await ask(`/v3.0/users/${district.idOf('user', 'a1')}`)).toBe(200);
    expect(await ask(`/v3.0/users/${'0'.repeat(24)}`)).toBe(404);
    expect([await count('2xx'), await count('4xx'), await count('5xx')]).toEqual([3, 1, undefined]);
    const labels = { route: '/v3.0/users/:id', status: '2xx', service: 'data-api' };
    const sum = (await value('hallpass_http_request_duration_seconds_sum', labels)) ?? 0;
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(60);
    expect(await value('hallpass_http_request_duration_seconds_bucket', { ...labels, le: '+Inf' })).toBe(3);
  });

  it('counts refusals by their reason', async () => {
    const reasons = ['credentials-unknown', 'credentials-missing', 'not-found'] as const;
    const counts = () =>
      Promise.all(reasons.map(async (code) => (await value('hallpass_problems_total', { code })) ?? 0));
    const before = await counts();
    await ask('/v3.0/users', bearer(newSecret('token')));
    await fetch(`${url}/v3.0/users`);
    await fetch(`${url}/v3.0/users`);
    await ask(`/v3.0/users/${'0'.repeat(24)}`);
    expect((await counts()).map((each, i) => each - (before[i] ?? 0))).toEqual([1, 2, 1]);
  });

  it('tells of caches, of the watch, of the pool, of usage that waits, and of the process', async () => {
    const hits = async () => (await value('hallpass_credentials_cache_hits_total')) ?? 0;
    const misses = async () => (await value('hallpass_credentials_cache_misses_total')) ?? 0;
    const before = [await hits(), await misses(), (await value('hallpass_credentials_cached')) ?? 0];
    expect(await ask('/v3.0/schools', basic(app.apiKey))).toBe(200);
    expect(await ask('/v3.0/schools', basic(app.apiKey))).toBe(200);
    const after = [await hits(), await misses(), (await value('hallpass_credentials_cached')) ?? 0];
    expect(after.map((each, i) => each - (before[i] ?? 0))).toEqual([1, 1, 1]);
    expect(await value('hallpass_usage_rows_waiting')).toBeGreaterThan(0);
    await service.get(UsageCounter).flush();
    expect(await value('hallpass_usage_rows_waiting')).toBe(0);
    expect(await value('hallpass_usage_calls_lost_total')).toBe(0);
    expect(await value('hallpass_authority_current')).toBe(1);
    expect(await value('hallpass_authority_age_seconds')).toBeLessThan(1);
    expect(await value('hallpass_database_connections')).toBeGreaterThan(0);
    expect(await value('hallpass_database_connections_max')).toBe(10);
    expect(await value('hallpass_database_waiting')).toBe(0);
    expect(await value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(await value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it('names no person, app, district or secret, however it is called', async () => {
    const id = district.idOf('user', 'a1');
    for (const path of [
      `/v3.0/users/${id}`,
      `/v3.0/users?where=${encodeURIComponent('{"email":"ann@alder.example"}')}`,
      `/secret-path/${id}`,
      `/v3.0/users/%zz${id}`,
    ])
      await ask(path);
    const text = await scrape();
    expect(text.match(/[0-9a-f]{24}/g)).toBeNull();
    for (const secret of [token, app.apiKey, 'ann', 'alder', 'secret-path', 'hpt_'])
      expect(text).not.toContain(secret);
  });

  it('has as many series as there are routes, whatever strangers ask', async () => {
    const series = async () => (await scrape()).split('\n').length;
    await fetch(`${url}/stranger/0`);
    const before = await series();
    for (let each = 1; each < 50; each += 1) await fetch(`${url}/stranger/${each}`);
    expect(await series()).toBe(before);
  });

  it('is there alone, for those who read, and nowhere on the public port', async () => {
    const answer = await at('/metrics');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    for (const path of ['/', '/metrics/', '/metricsx', '/v3.0/users', '/health/ready'])
      expect([path, (await at(path)).status]).toEqual([path, 404]);
    expect((await at('/metrics', { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('says when changes of authority are not seen', async () => {
    const watch = service.get(AuthorityWatch);
    const name = new URL(directory.url).pathname.slice(1);
    const server = new URL(directory.url);
    server.pathname = '/postgres';
    const onServer = (sql: string) => withClient(server.toString(), (client) => client.query(sql));
    await onServer(`alter database ${name} allow_connections false`);
    try {
      await onServer(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = '${name}' and application_name = 'hallpass data-api'`,
      );
      await watch.look();
      expect(await value('hallpass_authority_current')).toBe(0);
      expect(await value('hallpass_authority_age_seconds')).toBe(Infinity);
    } finally {
      await onServer(`alter database ${name} allow_connections true`);
    }
    await watch.look();
    expect(await value('hallpass_authority_current')).toBe(1);
  });
});

describe('a service without METRICS_PORT', () => {
  it('listens nowhere else, and measures nothing', async () => {
    const quiet = await createService(dataApi(readConfig(DataApiConfig, directory.environment), true));
    await quiet.init();
    await quiet.getHttpAdapter().getInstance().ready();
    expect((await quiet.inject({ url: '/metrics' })).statusCode).toBe(404);
    await quiet.close();
  });
});
