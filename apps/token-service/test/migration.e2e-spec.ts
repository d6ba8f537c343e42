import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { recordUsage, recordUses } from '@hallpass/database';
import { TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import type { ApiKeyId, TokenId } from '@hallpass/domain';
import { TestTokenService } from './fixtures.js';

let directory: TestDirectory;
let service: TestTokenService;
let app: TestApp;
let stranger: TestApp;
let districts: TestDistrict[];
let keyId: ApiKeyId;
let tokenIds: TokenId[];

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  districts = [await directory.district(), await directory.district()];
});
afterAll(async () => {
  await service.close();
  await directory.close();
});
beforeEach(async () => {
  app = await directory.app();
  stranger = await directory.app();
  tokenIds = [];
  for (const district of districts) {
    const { id } = await directory.grant(app, district);
    const [token] = await directory.dataSource.query('select id from tokens where grant_id = $1', [id]);
    tokenIds.push(token.id);
  }
  [{ id: keyId }] = await directory.dataSource.query('select id from api_keys where app_id = $1', [app.id]);
});

const now = () => new Date();
const today = () => now().toISOString().slice(0, 10);
const use = (type: 'token' | 'api-key', id: ApiKeyId | TokenId, userAgent = 'curl/8') =>
  recordUses(directory.dataSource, [
    { type, id, address: '192.0.2.7', userAgent, firstAt: now(), lastAt: now(), uses: 3 },
  ]);
const calls = (type: 'token' | 'api-key', status: number, count: number, district = 0) =>
  recordUsage(directory.dataSource, {
    calls: [
      {
        minute: now(),
        app: app.id,
        district: type === 'api-key' ? '' : (districts[district] as TestDistrict).id,
        type,
        id: type === 'api-key' ? keyId : (tokenIds[district] as TokenId),
        route: 'GET /v3.0/users',
        status,
        calls: count,
        records: 0,
      },
    ],
    served: [],
  });
const cockpit = async (of = app, query = '') => service.call('GET', `/v1/migration${query}`, of);

it('an app that has not begun sees who uses its key, for what, and how long it has', async () => {
  const ends = new Date(Date.now() + 30 * 86_400_000 - 60_000);
  await directory.dataSource.query('update sunset_plan set announced_at = $1, refused_at = $2', [
    new Date(Date.now() - 1000),
    ends,
  ]);
  await use('api-key', keyId, 'old-sync/1.2');
  await calls('api-key', 200, 40);
  await calls('api-key', 429, 2);
  const { status, body } = await cockpit();
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({
      readiness: 'not-started',
      stage: { stage: 'announced' },
      next: { at: ends.toISOString(), stage: { stage: 'refused' } },
      endsAt: ends.toISOString(),
      daysLeft: 30,
      liveKeys: 1,
      districts: 2,
      districtsWithToken: 2,
      districtsOnTokens: 0,
      keyCalls: 42,
      tokenCalls: 0,
      shareMoved: 0,
      keyRoutes: [{ route: 'GET /v3.0/users', calls: 42 }],
    }),
  ]);
  expect(body.keyPlaces).toMatchObject([{ address: '192.0.2.7', userAgent: 'old-sync/1.2', uses: 3 }]);
  expect(body.days).toHaveLength(30);
  expect(body.days.at(-1)).toEqual({ day: today(), keyCalls: 42, keyRefused: 2, tokenCalls: 0 });
  expect(JSON.stringify(body)).not.toContain(app.apiKey);
  await directory.dataSource.query('update sunset_plan set announced_at = null, refused_at = null');
});

it('follows its districts one by one until nothing uses the key', async () => {
  await use('api-key', keyId);
  await use('token', tokenIds[0] as TokenId);
  await calls('api-key', 200, 10);
  await calls('token', 200, 30);
  const moving = (await cockpit()).body;
  expect(moving).toMatchObject({ readiness: 'moving', districtsOnTokens: 1, shareMoved: 0.75 });
  const on = Object.fromEntries(
    moving.byDistrict.map((each: { districtId: string; isOnTokens: boolean; tokenCalls: number }) => [
      each.districtId,
      [each.isOnTokens, each.tokenCalls],
    ]),
  );
  expect(on).toEqual({ [districts[0]!.id]: [true, 30], [districts[1]!.id]: [false, 0] });

  await directory.dataSource.query(
    `update credential_uses set last_at = now() - interval '20 days' where credential_id = $1`,
    [keyId],
  );
  await directory.dataSource.query(
    `delete from usage_minutes where app_id = $1 and credential_type = 'api-key'`,
    [app.id],
  );
  expect((await cockpit()).body.readiness).toBe('ready');
  await directory.dataSource.query('update api_keys set revoked_at = now() where app_id = $1', [app.id]);
  expect((await cockpit()).body.readiness).toBe('done');
});

it('a key that is only refused is in use all the same', async () => {
  await calls('api-key', 401, 5);
  const { body } = await cockpit();
  expect([body.readiness, body.keyUsedAt !== null, body.keyPlaces]).toEqual(['not-started', true, []]);
});

it('shows an app nothing of another', async () => {
  await use('api-key', keyId, 'the-agent-of-one');
  await calls('api-key', 200, 40);
  const { body, text } = await cockpit(stranger);
  expect(body).toMatchObject({ appId: stranger.id, districts: 0, keyCalls: 0, byDistrict: [] });
  expect(text).not.toMatch(new RegExp(`the-agent-of-one|${app.id}|${keyId}`));
});

it('is a sheet as well, in which a name from elsewhere is no formula', async () => {
  await directory.dataSource.query(`update districts set name = '=HYPERLINK("http://x")' where id = $1`, [
    districts[0]!.id,
  ]);
  const { status, headers, text } = await cockpit(app, '?format=csv');
  expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
  const lines = text.trim().split('\r\n');
  expect(lines[0]).toBe(
    'district_id,district,token_issued_at,token_used_at,on_tokens,token_calls_7_days,key_calls_7_days',
  );
  expect(lines).toHaveLength(3);
  expect(text).toContain(`"'=HYPERLINK`);
});
