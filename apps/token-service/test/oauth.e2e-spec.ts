import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { moveGrant } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret, resolveField } from '@hallpass/domain';
import { AuthorityWatch, createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TokenServiceConfig } from '../src/config.js';
import { tokenService } from '../src/token-service.js';

let directory: TestDirectory;
let service: NestFastifyApplication;
let app: TestApp;
let other: TestApp;
let first: TestDistrict;
let second: TestDistrict;
let token: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await createService(tokenService(readConfig(TokenServiceConfig, directory.environment), true));
  await service.init();
  await service.getHttpAdapter().getInstance().ready();
  [app, other] = [await directory.app(), await directory.app()];
  [first, second] = [await directory.district(), await directory.district()];
  ({ token } = await directory.grant(app, first));
  await directory.grant(other, second, { hiddenFields: ['contact', 'staff'].flatMap(resolveField) });
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const get = async (url: string, authorization?: string, remoteAddress = '127.0.0.1') => {
  const headers = authorization === undefined ? {} : { authorization };
  const {
    statusCode,
    body,
    headers: sent,
  } = await service.inject({ method: 'GET', url, headers, remoteAddress });
  return { status: statusCode, headers: sent, body: JSON.parse(body) };
};
const LIST = '/oauth/tokens?owner_type=district';

describe('its health', () => {
  it('is live, and ready', async () => {
    expect((await get('/health/live')).body).toEqual({ status: 'live' });
    expect((await get('/health/ready')).body).toEqual({ status: 'ready', limits: 'alone' });
  });
});

describe('GET /oauth/tokens', () => {
  it('200 lists a token for each district, in the words of the contract, and to be kept by nobody', async () => {
    const { status, headers, body } = await get(LIST, basic(app.clientId, app.clientSecret));
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.links).toEqual([{ rel: 'self', uri: LIST }]);
    expect(body.data).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        created: expect.stringMatching(/^\d{4}-.*Z$/),
        owner: { type: 'district', id: first.id },
        access_token: token,
        masked: expect.stringMatching(/^hptok_….{4}$/),
        scopes: expect.arrayContaining(['read:districts', 'read:students', 'read:sections']),
        updated: expect.stringMatching(/^\d{4}-.*Z$/),
        expires: null,
      },
    ]);
  });

  it('200 takes a client that form-encodes what needs no encoding', async () => {
    const encoded = basic(
      encodeURIComponent(app.clientId),
      encodeURIComponent(app.clientSecret).replace('_', '%5F'),
    );
    expect((await get(LIST, encoded)).status).toBe(200);
  });

  it('200 lists a district the moment it has approved, and no longer the moment it has not', async () => {
    const fresh = await directory.district([]);
    const url = `${LIST}&district=${fresh.id}`;
    const client = basic(app.clientId, app.clientSecret);
    expect((await get(url, client)).body.data).toEqual([]);
    const grant = await directory.grant(app, fresh);
    expect((await get(url, client)).body.data[0].access_token).toBe(grant.token);
    await moveGrant(directory.dataSource, grant.id, 'pause', SYSTEM);
    expect((await get(url, client)).body.data).toEqual([]);
  });

  it('200 shows of a district that shares with another app what it shows of one that is not', async () => {
    const client = basic(app.clientId, app.clientSecret);
    const ofOthers = await get(`${LIST}&district=${second.id}`, client);
    const ofNobody = await get(`${LIST}&district=${'0'.repeat(24)}`, client);
    expect([ofOthers.status, ofOthers.body.data]).toEqual([ofNobody.status, ofNobody.body.data]);
  });

  it.each(['/oauth/tokens', '/oauth/tokens?owner_type=user', `${LIST}&district=xyz`])(
    '400 for %s',
    async (url) => {
      const { status, body } = await get(url, basic(app.clientId, app.clientSecret));
      expect([status, body.error]).toEqual([400, 'invalid_request']);
      expect(body.error_description).toMatch(/owner_type|district/);
    },
  );

  it.each([
    ['nothing', () => undefined],
    ['an unknown secret', () => basic(app.clientId, newSecret('clientSecret'))],
    ['another app’s secret', () => basic(app.clientId, other.clientSecret)],
    ['an unknown client', () => basic('0'.repeat(24), app.clientSecret)],
    ['the secret for the id', () => basic(app.clientSecret, app.clientId)],
    ['an API key', () => basic(app.apiKey, '')],
    ['a token', () => `Bearer ${token}`],
    ['what is no base64', () => 'Basic ****'],
    ['a percent sign', () => basic('%', '%')],
  ])('401 for %s, with the challenge of the scheme', async (_name, authorization) => {
    const { status, headers, body } = await get(LIST, authorization());
    expect([status, body.error]).toEqual([401, 'invalid_client']);
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(JSON.stringify(body)).not.toContain('hpsec_');
  });

  it('401 once the secret is revoked', async () => {
    const gone = await directory.app();
    await directory.dataSource.query('update client_secrets set revoked_at = now() where app_id = $1', [
      gone.id,
    ]);
    expect((await get(LIST, basic(gone.clientId, gone.clientSecret))).status).toBe(401);
  });

  it('429 beyond the client’s limit, and after too many failures from one address', async () => {
    // Windows so long that nothing refills while the test runs, however busy the machine.
    await directory.dataSource.query(
      `insert into rate_policies values ('client', 'app', 3, 86400, 'enforce'), ('failed-sign-in', 'address', 3, 86400, 'enforce')`,
    );
    await directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
    );
    await service.get(AuthorityWatch).look();
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await get(LIST, basic(other.clientId, other.clientSecret)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[3]?.body.error).toBe('slow_down');
    expect(Number(answers[3]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const failures = [];
    for (let i = 0; i < 4; i += 1) failures.push((await get(LIST, basic('x', 'y'), '10.2.2.2')).status);
    expect(failures).toEqual([401, 401, 401, 429]);
    await directory.dataSource.query('delete from rate_policies');
    await directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
    );
    await service.get(AuthorityWatch).look();
  });
});

describe('GET /oauth/tokeninfo', () => {
  it('200 says which app the token is of and what it opens', async () => {
    const { status, body } = await get('/oauth/tokeninfo', `Bearer ${token}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      client_id: app.clientId,
      scopes: expect.arrayContaining(['read:districts', 'read:terms']),
    });
  });

  it.each([
    ['no token', undefined],
    ['an unknown token', `Bearer ${newSecret('token')}`],
    ['what is no token', 'Bearer x'],
  ])('401 for %s', async (_name, authorization) => {
    const { status, headers, body } = await get('/oauth/tokeninfo', authorization);
    expect([status, body.error]).toEqual([401, 'invalid_token']);
    expect(headers['www-authenticate']).toMatch(/^Bearer/);
  });
});

describe('what is stored', () => {
  it('holds no secret in the clear, in any table', async () => {
    const tables = await directory.dataSource.query<{ name: string }[]>(
      `select table_name name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const [row] = await directory.dataSource.query<{ text: string | null }[]>(
        `select string_agg(t::text, ' ') text from ${name} t`,
      );
      for (const secret of [token, app.clientSecret, app.apiKey])
        expect([name, row?.text?.includes(secret) ?? false]).toEqual([name, false]);
    }
  });

  it('opens no seal under another master key', async () => {
    const stranger = await createService(
      tokenService(
        readConfig(TokenServiceConfig, {
          ...directory.environment,
          HALLPASS_MASTER_KEY: Buffer.alloc(32).toString('base64'),
        }),
        true,
      ),
    );
    await stranger.init();
    await stranger.getHttpAdapter().getInstance().ready();
    const { statusCode, body } = await stranger.inject({
      url: LIST,
      headers: { authorization: basic(app.clientId, app.clientSecret) },
    });
    await stranger.close();
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).data[0]).not.toHaveProperty('access_token');
    expect(body).not.toMatch(/stack|aes|unable/i);
  });
});
