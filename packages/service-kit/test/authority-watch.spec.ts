import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { moveGrant, withClient } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RosterAccess, ServiceConfig, ServiceKitModule, createService, readConfig } from '../src/index.js';

@RosterAccess('record')
@Controller('guarded')
class GuardedController {
  @Get()
  give(): string {
    return 'given';
  }
}

let directory: TestDirectory;
let service: NestFastifyApplication;
let app: TestApp;
let district: TestDistrict;

async function start(): Promise<NestFastifyApplication> {
  const config = readConfig(ServiceConfig, directory.environment);
  @Module({ imports: [ServiceKitModule.for('data-api', config)], controllers: [GuardedController] })
  class GuardedModule {}
  const started = await createService({ module: GuardedModule, config, isQuiet: true });
  await started.init();
  await started.getHttpAdapter().getInstance().ready();
  return started;
}

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await start();
  app = await directory.app();
  district = await directory.district([]);
}, 60_000);
afterAll(async () => {
  await service.close();
  await directory.close();
});

const ask = async (token: string, url = '/guarded') => {
  const response = await service.inject({ url, headers: { authorization: `Bearer ${token}` } });
  const isJson = String(response.headers['content-type']).includes('json');
  return {
    status: response.statusCode,
    code: isJson ? (JSON.parse(response.body) as { code?: string }).code : undefined,
  };
};
const within = async (milliseconds: number, check: () => Promise<boolean>) => {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return check();
};
const codeIs = (token: string, code: string) => async () => (await ask(token)).code === code;
const statusIs = (token: string, status: number) => async () => (await ask(token)).status === status;

const databaseName = () => new URL(directory.url).pathname.slice(1);
const onServer = (sql: string) => {
  const server = new URL(directory.url);
  server.pathname = '/postgres';
  return withClient(server.toString(), (client) => client.query(sql));
};
const cutConnections = () =>
  onServer(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = '${databaseName()}' and application_name = 'hallpass data-api'`,
  );

describe('AuthorityWatch', () => {
  it('hears of a change whose transaction began before others that ended first', async () => {
    const { id, token } = await directory.grant(app, district);
    expect((await ask(token)).status).toBe(200);
    const slow = directory.dataSource.createQueryRunner();
    await slow.startTransaction();
    // Its place in the order of ids is taken now; it commits after many others have been seen.
    await slow.query(`insert into authority_changes (subject_type, subject_id) values ('grant', $1)`, [id]);
    await slow.query(`update grants set status = 'paused' where id = $1`, [id]);
    for (let i = 0; i < 5; i += 1) {
      await directory.dataSource.query(
        `insert into authority_changes (subject_type, subject_id) values ('rules', 'x')`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await ask(token)).status).toBe(200);
    await slow.commitTransaction();
    await slow.release();
    expect(await within(1000, codeIs(token, 'grant-paused'))).toBe(true);
    await moveGrant(directory.dataSource, id, 'revoke', SYSTEM);
  });

  it('refuses a paused grant within a second though the listening connection was cut', async () => {
    const { id, token } = await directory.grant(app, district);
    expect((await ask(token)).status).toBe(200);
    await cutConnections();
    await moveGrant(directory.dataSource, id, 'pause', SYSTEM);
    expect(await within(1500, codeIs(token, 'grant-paused'))).toBe(true);
    await moveGrant(directory.dataSource, id, 'revoke', SYSTEM);
  });

  it('accepts nothing that it cannot check while the database is away, and recovers by itself', async () => {
    const { id, token } = await directory.grant(app, district);
    expect((await ask(token)).status).toBe(200);
    await onServer(`alter database ${databaseName()} with allow_connections false`);
    await cutConnections();
    expect(await within(1500, codeIs(token, 'authority-unavailable'))).toBe(true);
    for (let i = 0; i < 20; i += 1) expect((await ask(token)).status).toBe(503);
    expect((await ask(token, '/health/ready')).status).toBe(503);
    expect((await ask(token, '/health/live')).status).toBe(200);
    await onServer(`alter database ${databaseName()} with allow_connections true`);
    expect(await within(5000, statusIs(token, 200))).toBe(true);
    expect(await within(2000, async () => (await ask(token, '/health/ready')).status === 200)).toBe(true);
    await moveGrant(directory.dataSource, id, 'revoke', SYSTEM);
    expect(await within(1000, codeIs(token, 'grant-revoked'))).toBe(true);
  }, 30_000);

  it('lets its service close while the database is away', async () => {
    const closing = await start();
    await onServer(`alter database ${databaseName()} with allow_connections false`);
    try {
      await cutConnections();
      const isReady = async () => (await closing.inject('/health/ready')).statusCode === 200;
      expect(await within(1500, async () => !(await isReady()))).toBe(true);
      const begunAt = performance.now();
      await closing.close();
      expect(performance.now() - begunAt).toBeLessThan(5000);
    } finally {
      await onServer(`alter database ${databaseName()} with allow_connections true`);
    }
    expect(await within(5000, async () => (await ask('', '/health/ready')).status === 200)).toBe(true);
  }, 30_000);

  it('never accepts a token after its revocation has had a second, however often it is asked meanwhile', async () => {
    const { id, token } = await directory.grant(app, district);
    const endsAt = performance.now() + 3000;
    let revokedAt = Infinity;
    const late: number[] = [];
    const hammer = async () => {
      while (performance.now() < endsAt) {
        const askedAt = performance.now();
        const { status } = await ask(token);
        if (status === 200 && askedAt > revokedAt + 1000) late.push(askedAt - revokedAt);
      }
    };
    await directory.dataSource.query(
      `insert into rate_policies values ('token', 'token', 1000000, 60, 'enforce')`,
    );
    await directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'token')`,
    );
    const hammers = Array.from({ length: 8 }, hammer);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await moveGrant(directory.dataSource, id, 'revoke', SYSTEM);
    revokedAt = performance.now();
    await Promise.all(hammers);
    expect(late).toEqual([]);
    expect((await ask(token)).code).toBe('grant-revoked');
  }, 30_000);
});
