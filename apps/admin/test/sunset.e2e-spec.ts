import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { recordUses } from '@hallpass/database';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import type { ApiKeyId } from '@hallpass/domain';
import { createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { admin } from '../src/admin.js';
import { AdminConfig } from '../src/config.js';

let directory: TestDirectory;
let service: NestFastifyApplication;
let first: string;
let second: string;
let app: TestApp;
let keyId: ApiKeyId;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await createService(admin(readConfig(AdminConfig, directory.environment), true));
  await service.init();
  await service.getHttpAdapter().getInstance().ready();
  first = await directory.operator('operator');
  second = await directory.operator('operator');
});
afterAll(async () => {
  await service.close();
  await directory.close();
});
beforeEach(async () => {
  const { dataSource } = directory;
  await dataSource.query('delete from sunset_extensions');
  await dataSource.query('delete from sunset_app_plans');
  await dataSource.query('delete from sunset_proposals');
  await dataSource.query('update api_keys set revoked_at = now()');
  await dataSource.query(
    `update sunset_plan set announced_at = null, steps = '[]', brownouts = '[]', refused_at = null`,
  );
  app = await directory.app();
  [{ id: keyId }] = await dataSource.query('select id from api_keys where app_id = $1', [app.id]);
});

const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, by = first) => {
  const { statusCode: status, body } = await service.inject({
    method,
    url,
    headers: { authorization: `Bearer ${by}` },
    ...(payload ? { payload } : {}),
  });
  return { status, body: body === '' ? undefined : JSON.parse(body) };
};
const day = (days: number) => new Date(Date.now() + days * 86_400_000);
const iso = (days: number) => day(days).toISOString();
const plan = (refused: number) => ({ announcedAt: iso(-30), refusedAt: iso(refused) });
const use = (days: number) =>
  recordUses(directory.dataSource, [
    {
      type: 'api-key',
      id: keyId,
      address: '192.0.2.1',
      userAgent: 'x',
      firstAt: day(days),
      lastAt: day(days),
      uses: 1,
    },
  ]);
const audited = async () =>
  (await directory.dataSource.query('select action from audit_log order by id desc limit 3')).map(
    (entry: { action: string }) => entry.action,
  );

describe('a day of refusal', () => {
  it('that cuts nobody in live use is set at once', async () => {
    await use(-20);
    expect((await call('PUT', '/v1/sunset-plan', plan(60))).status).toBe(200);
    expect((await call('GET', '/v1/sunset-plan')).body).toMatchObject({ proposals: [] });
  });

  it('that cuts an app in live use waits for a second person, and is set when that one says so', async () => {
    await use(-1);
    const set = await call('PUT', '/v1/sunset-plan', plan(60));
    expect([set.status, set.body.proposal.apps]).toEqual([202, [{ id: app.id, name: 'an app' }]]);
    const { id } = set.body.proposal;
    expect((await call('GET', '/v1/sunset-plan')).body).toMatchObject({
      refusedAt: null,
      proposals: [{ id }],
    });

    const own = await call('POST', `/v1/sunset-plan/proposals/${id}/approve`);
    expect([own.status, own.body.code]).toEqual([403, 'second-person-needed']);
    const approved = await call('POST', `/v1/sunset-plan/proposals/${id}/approve`, undefined, second);
    expect([approved.status, approved.body.status]).toEqual([200, 'approved']);
    const { body } = await call('GET', '/v1/sunset-plan');
    expect([Math.abs(Date.parse(body.refusedAt) - day(60).getTime()) < 60_000, body.proposals]).toEqual([
      true,
      [],
    ]);
    expect(await audited()).toEqual(['sunset-plan.changed', 'sunset-plan.approved', 'sunset-plan.proposed']);
    const again = await call('POST', `/v1/sunset-plan/proposals/${id}/approve`, undefined, second);
    expect([again.status, again.body.code]).toEqual([409, 'proposal-decided']);
  });

  it('may come later, or go, without a second person; but not sooner', async () => {
    await call('PUT', '/v1/sunset-plan', plan(60));
    await use(-1);
    expect((await call('PUT', '/v1/sunset-plan', plan(90))).status).toBe(200);
    expect((await call('PUT', '/v1/sunset-plan', plan(80))).status).toBe(202);
    expect((await call('PUT', '/v1/sunset-plan', { announcedAt: iso(-1) })).status).toBe(200);
  });

  it('is set at once where an extension covers the app, and taking that back waits', async () => {
    await use(-1);
    const extension = `/v1/sunset-plan/extensions/${app.id}`;
    expect((await call('PUT', extension, { until: iso(120), reason: 'a release' })).status).toBe(200);
    expect((await call('PUT', '/v1/sunset-plan', plan(60))).status).toBe(200);
    expect((await call('PUT', extension, { until: iso(100), reason: 'sooner' })).status).toBe(202);
    const taken = await call('DELETE', extension);
    expect(taken.status).toBe(202);
    expect((await call('GET', '/v1/sunset-plan')).body.extensions).toMatchObject([{ reason: 'a release' }]);
    const by = second;
    await call('POST', `/v1/sunset-plan/proposals/${taken.body.proposal.id}/approve`, undefined, by);
    expect((await call('GET', '/v1/sunset-plan')).body.extensions).toEqual([]);
  });

  it('that was proposed is not set upon another plan than it was proposed for', async () => {
    await use(-1);
    const { body } = await call('PUT', '/v1/sunset-plan', plan(60));
    await call('PUT', `/v1/sunset-plan/extensions/${app.id}`, { until: iso(10), reason: 'meanwhile' });
    const late = await call(
      'POST',
      `/v1/sunset-plan/proposals/${body.proposal.id}/approve`,
      undefined,
      second,
    );
    expect([late.status, late.body.code]).toEqual([409, 'proposal-outdated']);
    const declined = await call('POST', `/v1/sunset-plan/proposals/${body.proposal.id}/decline`);
    expect([declined.status, declined.body.status]).toEqual([200, 'declined']);
  });

  it('of two who approve at once one does', async () => {
    await use(-1);
    const { body } = await call('PUT', '/v1/sunset-plan', plan(60));
    const third = await directory.operator('administrator');
    const approve = (by: string) =>
      call('POST', `/v1/sunset-plan/proposals/${body.proposal.id}/approve`, undefined, by);
    const answers = await Promise.all([approve(second), approve(third)]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });
});

describe('a rehearsal', () => {
  const minute = (days: number) => new Date(Math.floor(day(days).getTime() / 60_000) * 60_000).toISOString();
  const record = (days: number, calls: number, of = { app: app.id as string, id: keyId as string }) =>
    directory.dataSource.query('select record_usage($1)', [
      JSON.stringify({
        calls: [
          {
            minute: minute(days),
            ...of,
            district: '',
            type: 'api-key',
            route: 'GET /v3.0/users',
            status: 200,
            calls,
            records: 0,
          },
        ],
        served: [],
      }),
    ]);
  const rehearse = async (body: object) => (await call('POST', '/v1/sunset-plan/rehearsals', body)).body;

  it('says whom a plan would have refused how many calls, and saves nothing', async () => {
    await use(-1);
    const other = await directory.app();
    const [{ id }] = await directory.dataSource.query('select id from api_keys where app_id = $1', [
      other.id,
    ]);
    // A day of refusal in three days is the same weekday as four days ago, and eleven.
    await record(-3.5, 100);
    await record(-3.6, 20);
    await record(-10.5, 30);
    await record(-3.5, 7, { app: other.id, id });
    await record(-2.5, 5000);
    const found = await rehearse({ announcedAt: iso(-1), refusedAt: iso(3) });
    expect(found).toMatchObject({
      moments: [
        {
          stage: 'refused',
          callsRefused: 127,
          apps: [
            { id: app.id, callsRefused: 120 },
            { id: other.id, callsRefused: 7 },
          ],
        },
      ],
      inUse: 2,
    });
    const both = [app.id, other.id].sort();
    for (const apps of [found.neverUsedToken, found.cut])
      expect(apps.map((each: { id: string }) => each.id)).toEqual(both);
    expect((await call('GET', '/v1/sunset-plan')).body).toMatchObject({ refusedAt: null, proposals: [] });

    await call('PUT', `/v1/sunset-plan/extensions/${app.id}`, { until: iso(30), reason: 'a release' });
    const covered = await rehearse({ announcedAt: iso(-1), refusedAt: iso(3) });
    expect(covered).toMatchObject({ moments: [{ apps: [{ id: other.id }] }], cut: [{ id: other.id }] });
  });

  it('of an app’s own plan is about that app alone, and counts what a rate would refuse', async () => {
    await record(-3.5, 100);
    const steps = [{ from: iso(3), requestsPerMinute: 10 }];
    const found = await rehearse({ announcedAt: iso(-1), steps, appId: app.id });
    expect(found.moments).toMatchObject([{ stage: 'slowed', requestsPerMinute: 10, callsRefused: 80 }]);
    const nobody = await call('POST', '/v1/sunset-plan/rehearsals', { appId: '0'.repeat(24) });
    expect(nobody.status).toBe(404);
  });
});

describe('a plan of an app’s own', () => {
  it('stands in the place of the one for all, and goes again', async () => {
    await call('PUT', '/v1/sunset-plan', plan(60));
    const own = `/v1/sunset-plan/apps/${app.id}`;
    const set = await call('PUT', own, { ...plan(90), reason: 'a release of its own' });
    expect([set.status, set.body.appId]).toEqual([200, app.id]);
    await use(-1);
    // The plan for all no longer reaches it: nothing of its own ends sooner.
    expect((await call('PUT', '/v1/sunset-plan', plan(30))).status).toBe(200);
    // Without its own plan it would be under the earlier day.
    expect((await call('DELETE', own)).status).toBe(202);
    expect((await call('PUT', own, { ...plan(20), reason: 'sooner' })).status).toBe(202);
    await directory.dataSource.query('delete from credential_uses');
    expect((await call('DELETE', own)).status).toBe(204);
    const gone = await call('DELETE', own);
    expect([gone.status, gone.body.code]).toEqual([404, 'not-found']);
  });

  it('that contradicts itself is refused with what contradicts what', async () => {
    const { status, body } = await call('PUT', `/v1/sunset-plan/apps/${app.id}`, {
      announcedAt: iso(1),
      refusedAt: iso(0),
      reason: 'none',
    });
    expect([status, body.code, body.faults[0].field]).toEqual([422, 'plan-faulty', 'refusedAt']);
  });
});
