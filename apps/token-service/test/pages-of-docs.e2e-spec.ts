import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { invitePerson } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp } from '@hallpass/database/testing';
import type { PartnerId } from '@hallpass/domain';
import { TRIED } from '../src/pages-of-docs.js';
import { TestTokenService, type Method } from './fixtures.js';

const PORTAL = 'https://portal.example';
const DOCS = 'https://api.example';
const PASSWORD = 'seven quiet lanterns';

let directory: TestDirectory;
let service: TestTokenService;
let app: TestApp;
let cookie: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory, {
    env: { PORTAL_URL: PORTAL, DOCS_URL: `${DOCS}/docs`, DOCS_TRY_TOKEN_SERVICE: 'true' },
  });
  app = await directory.app();
  const [owner] = await directory.dataSource.query<{ id: PartnerId }[]>(
    'select partner_id id from apps where id = $1',
    [app.id],
  );
  const scope = { type: 'partner' as const, id: owner?.id as PartnerId };
  const wish = { scope, email: 'try@partner.example', role: 'owner' as const };
  const { code } = await invitePerson(directory.dataSource, directory.keys, wish, SYSTEM);
  const body = { code, name: 'A', password: PASSWORD };
  const { headers } = await service.call('POST', '/v1/person-links/accept', undefined, body, from(PORTAL));
  cookie = String(headers['set-cookie']).split(';')[0] as string;
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

function from(origin: string, more: Record<string, string> = {}) {
  return { headers: { origin, ...more } };
}

function preflight(url: string, method: Method, origin: string, headers = 'authorization') {
  return service.call('OPTIONS' as Method, url, undefined, undefined, {
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    },
  });
}

const ALLOWED = 'access-control-allow-origin';

describe('the routes that pages of the documentation may try', () => {
  it('are those of the contract that a secret opens, and no other', async () => {
    const contract = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8')) as {
      paths: Record<string, Record<string, { security?: Record<string, unknown>[] }>>;
    };
    const opened = Object.entries(contract.paths).map(([path, methods]) => {
      const names = Object.values(methods).flatMap(({ security = [] }) => security.flatMap(Object.keys));
      return [path, names.some((name) => ['client', 'token', 'portal'].includes(name))];
    });
    expect(opened.filter(([, is]) => is).length).toBeGreaterThan(30);
    expect(opened.map(([path]) => [path, TRIED.test(path as string)])).toEqual(opened);
  });

  it.each<[Method, string]>([
    ['GET', '/oauth/tokens?owner_type=district'],
    ['POST', '/oauth/token'],
    ['POST', '/v1/webhooks'],
    ['PATCH', `/v1/webhooks/${'0'.repeat(24)}`],
    ['DELETE', `/v1/invitations/${'0'.repeat(24)}`],
  ])('are told to a browser before it sends anything: %s %s', async (method, url) => {
    const { status, headers } = await preflight(url, method, DOCS, 'authorization,content-type');
    expect([status, headers[ALLOWED]]).toEqual([204, DOCS]);
    expect(headers['access-control-allow-headers']).toBe('authorization, content-type');
    expect(headers['access-control-allow-methods']).toContain(method);
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('answer a page with a secret, and a refusal can be read too', async () => {
    const good = await service.call('GET', '/oauth/tokens?owner_type=district', app, undefined, from(DOCS));
    expect([good.status, good.headers[ALLOWED], good.headers['vary']]).toEqual([200, DOCS, 'Origin']);
    expect(good.headers['access-control-expose-headers']).toContain('ratelimit');
    const bad = await service.call('GET', '/v1/grants', undefined, undefined, from(DOCS));
    expect([bad.status, bad.headers[ALLOWED]]).toEqual([401, DOCS]);
  });

  it.each([
    'https://other.example',
    'https://api.example.other.example',
    'http://api.example',
    'null',
    PORTAL,
  ])('are not told to a page of %s', async (origin) => {
    expect((await preflight('/v1/grants', 'GET', origin)).headers[ALLOWED]).toBeUndefined();
    const { headers } = await service.call('GET', '/v1/grants', app, undefined, from(origin));
    expect(headers[ALLOWED]).toBeUndefined();
  });
});

describe('a cookie', () => {
  it('opens what it opens to the portal’s own pages', async () => {
    expect(
      (await service.call('GET', '/v1/session', undefined, undefined, from(PORTAL, { cookie }))).status,
    ).toBe(200);
    const as = { cookie, 'hallpass-app': app.id };
    expect((await service.call('GET', '/v1/grants', undefined, undefined, from(PORTAL, as))).status).toBe(
      200,
    );
  });

  it('counts for nothing when a page of the documentation has the browser send it', async () => {
    const as = { cookie, 'hallpass-app': app.id };
    for (const url of ['/v1/grants', '/v1/tokens', '/v1/session', '/v1/apps']) {
      const { status, headers } = await service.call('GET', url, undefined, undefined, from(DOCS, as));
      expect([url, status, headers['access-control-allow-credentials']]).toEqual([url, 401, undefined]);
    }
    const csrf = (await service.call('GET', '/v1/session', undefined, undefined, from(PORTAL, { cookie })))
      .body.csrfToken;
    const body = { url: 'https://hooks.example', eventTypes: ['grant.requested'] };
    const more = from(DOCS, { ...as, 'hallpass-csrf': csrf });
    expect((await service.call('POST', '/v1/webhooks', undefined, body, more)).status).toBe(401);
  });

  it.each(['/v1/session', '/v1/people', '/v1/apps', '/v1/viewings'])(
    'has no page of the documentation near %s, which it alone opens',
    async (url) => {
      expect((await preflight(url, 'GET', DOCS)).headers[ALLOWED]).toBeUndefined();
      const { headers } = await service.call('GET', url, undefined, undefined, from(DOCS, { cookie }));
      expect(headers[ALLOWED]).toBeUndefined();
    },
  );

  it('cannot be named to a page: neither its header nor that of its CSRF token may be sent', async () => {
    const { headers } = await preflight('/v1/webhooks', 'POST', DOCS, 'hallpass-csrf,hallpass-app');
    expect(headers['access-control-allow-headers']).toBe('authorization, content-type');
  });
});
