import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeApp, changeDistrict, keepTokens, recordUses } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret, retirementOnFirstUse } from '@hallpass/domain';
import { AuthorityWatch } from '@hallpass/service-kit';
import { ExposureService } from '../src/exposure/exposure.service.js';
import { TestTokenService, untilListed } from './fixtures.js';

const DAY_MS = 86_400_000;
let directory: TestDirectory;
let service: TestTokenService;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

interface Granted {
  app: TestApp;
  district: TestDistrict;
  token: string;
  tokenId: string;
  grantId: string;
}
const granted = async (app?: TestApp): Promise<Granted> => {
  const [mine, district] = [app ?? (await directory.app()), await directory.district([])];
  const { id: grantId, token } = await directory.grant(mine, district);
  const [row] = await directory.dataSource.query<{ id: string }[]>(
    'select id from tokens where grant_id = $1',
    [grantId],
  );
  return { app: mine, district, token, tokenId: row?.id ?? '', grantId };
};
const eventsOf = async (app: TestApp): Promise<{ type: string; data: Record<string, unknown> }[]> => {
  await untilListed(directory);
  return (await service.call('GET', '/v1/events', app)).body.data;
};
const typesOf = async (app: TestApp) => (await eventsOf(app)).map(({ type }) => type);
const info = async (token: string) => {
  await service.nest.get(AuthorityWatch).look();
  const { status, body } = await service.call('GET', '/oauth/tokeninfo', `Bearer ${token}`);
  return status === 200 ? 'good' : body.code;
};
const listed = async (app: TestApp, query = '', headers: Record<string, string> = {}, from?: string) =>
  service.call('GET', `/oauth/tokens?owner_type=district${query}`, app, undefined, {
    headers,
    ...(from === undefined ? {} : { from }),
  });
const used = (tokenId: string, at: Date, userAgent = 'curl/8', address = '192.0.2.1') =>
  recordUses(directory.dataSource, [
    { type: 'token', id: tokenId as never, address, userAgent, firstAt: at, lastAt: at, uses: 1 },
  ]);

describe('a rotation', () => {
  it('leaves both tokens good for the grace, shows the new one, and tells of it', async () => {
    const { app, token, tokenId, district } = await granted();
    const rotated = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, { graceSeconds: 3600 });
    expect(rotated.status).toBe(200);
    expect(rotated.headers['cache-control']).toBe('no-store');
    expect(rotated.body).toMatchObject({ replaces: tokenId, token: expect.stringMatching(/^hptok_/) });
    expect([await info(token), await info(rotated.body.token)]).toEqual(['good', 'good']);
    const { body } = await listed(app);
    expect(body.data).toMatchObject([{ owner: { id: district.id }, access_token: rotated.body.token }]);
    expect(await eventsOf(app)).toMatchObject([
      { type: 'grant.approved' },
      { type: 'token.issued' },
      { type: 'token.rotated', data: { tokenId: rotated.body.id, replaces: tokenId } },
    ]);
    const { body: shown } = await service.call('GET', `/v1/tokens/${tokenId}`, app);
    const inMs = new Date(shown.retiresAt).getTime() - Date.now();
    expect(Math.abs(inMs - 3_600_000)).toBeLessThan(60_000);
    expect(shown.state).toBe('live');
  });

  it('with no grace ends the present one at once, and is refused while two are live', async () => {
    const { app, token, tokenId } = await granted();
    const { body } = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, { graceSeconds: 0 });
    expect([await info(token), await info(body.token)]).toEqual(['token-rotated', 'good']);
    const second = await service.call('POST', `/v1/tokens/${body.id}/rotate`, app, {});
    expect(second.status).toBe(200);
    const third = await service.call('POST', `/v1/tokens/${second.body.id}/rotate`, app, {});
    expect([third.status, third.body.code]).toEqual([409, 'rotation-running']);
    const ended = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, {});
    expect([ended.status, ended.body.code]).toEqual([409, 'secret-ended']);
  });

  it('counts the grace from the first use of the new one, where it is asked to', async () => {
    const { app, token, tokenId } = await granted();
    const request = { graceSeconds: 3600, start: 'on-first-use' };
    const { body } = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, request);
    expect(body.retiresAt).toBeNull();
    const firstUse = new Date(Date.now() - 1_800_000);
    await used(body.id, firstUse);
    await used(body.id, new Date());
    const { body: old } = await service.call('GET', `/v1/tokens/${tokenId}`, app);
    expect(new Date(old.retiresAt).getTime()).toBe(firstUse.getTime() + 3_600_000);
    expect(await info(token)).toBe('good');
    await service.call('POST', `/v1/tokens/${tokenId}/grace`, app, { graceSeconds: 0 });
    expect(await info(token)).toBe('token-rotated');
    const again = await service.call('POST', `/v1/tokens/${tokenId}/grace`, app, { graceSeconds: 60 });
    expect([again.status, again.body.code]).toEqual([409, 'secret-ended']);
  });

  it('is not brought to an end by a use of the new one that is told after its revocation', async () => {
    const { app, token, tokenId } = await granted();
    const request = { graceSeconds: 0, start: 'on-first-use' };
    const { body } = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, request);
    await service.call('POST', `/v1/tokens/${body.id}/revoke`, app);
    await used(body.id, new Date());
    const { body: old } = await service.call('GET', `/v1/tokens/${tokenId}`, app);
    expect([old.state, old.retiresAt]).toEqual(['live', null]);
    expect(await info(token)).toBe('good');
  });

  it.each([0, 60, 86_400])(
    'with a grace of %d seconds from first use ends as the domain has it, though both were first used at once',
    async (graceSeconds) => {
      const { app, tokenId } = await granted();
      const request = { graceSeconds, start: 'on-first-use' };
      const { body } = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, request);
      const at = new Date();
      const use = { type: 'token', address: 'a', userAgent: 'b', firstAt: at, lastAt: at, uses: 1 } as const;
      await recordUses(directory.dataSource, [
        { ...use, id: tokenId as never },
        { ...use, id: body.id as never },
      ]);
      const { body: old } = await service.call('GET', `/v1/tokens/${tokenId}`, app);
      expect([old.confirmedAt, old.retiresAt]).toEqual([
        at.toISOString(),
        retirementOnFirstUse(graceSeconds, at).toISOString(),
      ]);
    },
  );

  it('of two that are asked for at once makes one, and never a third live token', async () => {
    const { app, tokenId } = await granted();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, {})),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409, 409, 409, 409, 409]);
  });
});

describe('a revocation', () => {
  it('ends the token at once and issues the successor that the grant needs', async () => {
    const { app, token, tokenId } = await granted();
    const { status, body } = await service.call('POST', `/v1/tokens/${tokenId}/revoke`, app);
    expect([status, body.token.state]).toEqual([200, 'revoked']);
    expect(await info(token)).toBe('token-revoked');
    const { body: list } = await listed(app);
    expect(list.data.map(({ id }: { id: string }) => id)).toEqual([body.successorId]);
    expect(await info(list.data[0].access_token)).toBe('good');
    expect((await typesOf(app)).slice(2)).toEqual(['token.revoked', 'token.issued']);
    const again = await service.call('POST', `/v1/tokens/${tokenId}/revoke`, app);
    expect([again.status, again.body.successorId]).toEqual([200, null]);
  });

  it('of the new one of two leaves the old one, and one that lasts beside it', async () => {
    const { app, token, tokenId } = await granted();
    const { body: rotated } = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, {});
    const { body } = await service.call('POST', `/v1/tokens/${rotated.id}/revoke`, app);
    expect(body.successorId).toMatch(/^[0-9a-f]{24}$/);
    expect([await info(token), await info(rotated.token)]).toEqual(['good', 'token-revoked']);
  });
});

describe('what is seen of a token', () => {
  it('is from where and with what it was used, the latest first, in whatever order it is told', async () => {
    const { app, tokenId } = await granted();
    const [early, late] = [new Date('2026-11-01T10:00:00Z'), new Date('2026-11-02T10:00:00Z')];
    await used(tokenId, late, 'a/1');
    await used(tokenId, early, 'a/1');
    await used(tokenId, early, 'b/2', '2001:db8::1');
    const { body } = await service.call('GET', `/v1/tokens/${tokenId}`, app);
    expect(body.confirmedAt).toBe(late.toISOString());
    expect(body.uses).toEqual([
      {
        address: '192.0.2.1',
        userAgent: 'a/1',
        firstAt: early.toISOString(),
        lastAt: late.toISOString(),
        uses: 2,
      },
      {
        address: '2001:db8::1',
        userAgent: 'b/2',
        firstAt: early.toISOString(),
        lastAt: early.toISOString(),
        uses: 1,
      },
    ]);
  });

  it('is bounded, however many names a holder gives itself', async () => {
    const { app, tokenId } = await granted();
    for (let i = 0; i < 60; i += 1) await used(tokenId, new Date(), `agent ${i}`);
    const { body } = await service.call('GET', `/v1/tokens/${tokenId}`, app);
    expect(body.uses).toHaveLength(51);
    expect(body.uses.find(({ userAgent }: { userAgent: string }) => userAgent === '').uses).toBe(10);
  });
});

describe('GET /oauth/tokens', () => {
  it('pages through districts in their order, by links that carry the query', async () => {
    const app = await directory.app();
    const districts = [];
    for (let i = 0; i < 5; i += 1) districts.push((await granted(app)).district.id);
    const seen = [];
    let url = '/oauth/tokens?owner_type=district&limit=2';
    for (let page = 0; page < 5 && url !== ''; page += 1) {
      const { body } = await service.call('GET', url, app);
      seen.push(...body.data.map(({ owner }: { owner: { id: string } }) => owner.id));
      url = body.links.find(({ rel }: { rel: string }) => rel === 'next')?.uri ?? '';
    }
    expect(seen).toEqual(districts.toSorted());
  });

  it('304 to whoever has the list already, which shows nothing and writes nothing down', async () => {
    const { app, tokenId } = await granted();
    const first = await listed(app);
    const etag = String(first.headers['etag']);
    const reveals = () =>
      directory.dataSource.query('select count(*)::integer from token_reveals where app_id = $1', [app.id]);
    const before = await reveals();
    const second = await listed(app, '', { 'if-none-match': `"x", W/${etag}` });
    expect([second.status, second.text, await reveals()]).toEqual([304, '', before]);
    await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, {});
    expect((await listed(app, '', { 'if-none-match': etag })).status).toBe(200);
  });

  it('lists what has changed since an instant', async () => {
    const app = await directory.app();
    await granted(app);
    await directory.dataSource.query(
      `update tokens set changed_at = now() - interval '2 days' where app_id = $1`,
      [app.id],
    );
    await directory.dataSource.query(
      `update grants set changed_at = now() - interval '2 days' where app_id = $1`,
      [app.id],
    );
    const { district } = await granted(app);
    const since = new Date(Date.now() - DAY_MS).toISOString();
    const { body } = await listed(app, `&updated_since=${since}`);
    expect(body.data.map(({ owner }: { owner: { id: string } }) => owner.id)).toEqual([district.id]);
    expect((await listed(app, '&updated_since=yesterday')).status).toBe(400);
  });

  it('shows a token once, where the app is set so, to one of many who ask at once', async () => {
    const { app } = await granted();
    await changeApp(directory.dataSource, app.id, { reveal: 'once' }, SYSTEM);
    const answers = await Promise.all(Array.from({ length: 5 }, () => listed(app)));
    const shown = answers.filter(({ body }) => body.data[0].access_token !== undefined);
    expect(shown).toHaveLength(1);
    const { body } = await listed(app);
    expect(body.data[0]).not.toHaveProperty('access_token');
    expect(body.data[0].masked).toMatch(/^hptok_…/);
  });

  it('shows a mask alone, where the app is set so, and only that of a rotated one', async () => {
    const { app, tokenId } = await granted();
    await changeApp(directory.dataSource, app.id, { reveal: 'never' }, SYSTEM);
    expect((await listed(app)).body.data[0]).not.toHaveProperty('access_token');
    const { body } = await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, {});
    expect(body).not.toHaveProperty('token');
  });

  it('403 from an address that is none of the app’s', async () => {
    const { app } = await granted();
    const revealAddresses = ['192.0.2.0/28', '2001:db8::/64'];
    await changeApp(directory.dataSource, app.id, { revealAddresses }, SYSTEM);
    const statuses = [];
    for (const from of ['192.0.2.15', '192.0.2.16', '2001:db8::7', '2001:db8:1::7', '::ffff:192.0.2.1'])
      statuses.push((await listed(app, '', {}, from)).status);
    expect(statuses).toEqual([200, 403, 200, 403, 200]);
    const { body } = await listed(app, '', {}, '192.0.2.16');
    expect([body.error, body.code]).toEqual(['access_denied', 'address-not-allowed']);
  });

  it('says once an hour that an app reads unusually many', async () => {
    const app = await directory.app();
    for (let i = 0; i < 11; i += 1) await granted(app);
    for (let i = 0; i < 3; i += 1) await listed(app);
    const notices = (await eventsOf(app)).filter(({ type }) => type === 'reveal.unusual');
    expect(notices).toMatchObject([{ data: { shown: 22 } }]);
    const [row] = await directory.dataSource.query<{ shown: number; address: string }[]>(
      'select shown, address from token_reveals where app_id = $1 limit 1',
      [app.id],
    );
    expect(row).toEqual({ shown: 11, address: '127.0.0.1' });
  });

  it('shows no token of a district whose key was destroyed, though it goes on working', async () => {
    const { app, token, district } = await granted();
    const { destroyDistrictKey } = await import('@hallpass/database');
    await directory.dataSource.transaction((tx) => destroyDistrictKey(tx, district.id));
    expect((await listed(app)).body.data[0]).not.toHaveProperty('access_token');
    expect(await info(token)).toBe('good');
    const { body } = await listed(app);
    const rotated = await service.call('POST', `/v1/tokens/${body.data[0].id}/rotate`, app, {});
    expect((await listed(app)).body.data[0].access_token).toBe(rotated.body.token);
  });
});

describe('a token that expires', () => {
  it('is looked at no more once it has been replaced, so that those that are due have their turn', async () => {
    const { app, tokenId } = await granted();
    await changeApp(directory.dataSource, app.id, { tokenMaxAgeDays: 90 }, SYSTEM);
    await service.call('POST', `/v1/tokens/${tokenId}/rotate`, app, { graceSeconds: 0 });
    const keep = (days: number) =>
      keepTokens(directory.dataSource, directory.keys, new Date(Date.now() + days * DAY_MS));
    expect([await keep(61), await keep(61)]).toEqual([1, 0]);
    expect((await typesOf(app)).slice(3)).toEqual(['token.issued', 'token.expiring']);
  });

  it('is succeeded and announced in time, and refused at its end, with the successor good all along', async () => {
    const { app, district, token } = await granted();
    await changeApp(directory.dataSource, app.id, { tokenMaxAgeDays: 90 }, SYSTEM);
    const told: [number, string[]][] = [];
    const start = Date.now();
    for (let day = 0; day <= 91; day += 1) {
      const before = (await eventsOf(app)).length;
      await keepTokens(directory.dataSource, directory.keys, new Date(start + day * DAY_MS + 1000));
      const types = (await typesOf(app)).slice(before);
      if (types.length > 0) told.push([day, types]);
    }
    expect(told).toEqual([
      [60, ['token.issued', 'token.expiring']],
      [83, ['token.expiring']],
      [89, ['token.expiring']],
      [90, ['token.expired']],
    ]);
    expect(await info(token)).toBe('good');
    const { body } = await service.call('GET', '/v1/tokens', app);
    expect(body.data).toHaveLength(2);
    // A district that wants them younger wins; nobody is cut off without notice.
    await changeDistrict(directory.dataSource, district.id, { tokenMaxAgeDays: 10 }, SYSTEM);
    const { body: after } = await service.call('GET', '/v1/tokens', app);
    for (const { expiresAt } of after.data) {
      const inDays = (new Date(expiresAt).getTime() - Date.now()) / DAY_MS;
      expect(inDays).toBeGreaterThan(9.9);
      expect(inDays).toBeLessThan(90.1);
    }
  });
});

describe('POST /v1/exposed-tokens', () => {
  const report = async (token: string, from = '198.51.100.1') => {
    const answer = await service.call('POST', '/v1/exposed-tokens', undefined, { token }, { from });
    await service.nest.get(ExposureService).settled();
    return answer;
  };

  it('answers the same whatever it is told; a token of ours is replaced at once', async () => {
    const { app, token } = await granted();
    const answers = [];
    for (const text of [token, newSecret('token'), 'x', app.apiKey, token]) answers.push(await report(text));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(await info(token)).toBe('token-revoked');
    expect((await typesOf(app)).slice(2)).toEqual(['token.exposed', 'token.issued']);
  });

  it('ends a portal token, with which anything could be done in its district’s name', async () => {
    const portalToken = await directory.portalToken(await directory.district([]));
    const ask = () => service.call('GET', '/v1/district', `Bearer ${portalToken}`);
    expect((await ask()).status).toBe(200);
    await report(portalToken);
    expect((await ask()).status).toBe(401);
  });

  it('tells of it alone, and once, where the district wants it so', async () => {
    const { app, token, district } = await granted();
    await changeDistrict(directory.dataSource, district.id, { exposure: 'notify' }, SYSTEM);
    await report(token);
    await report(token);
    expect(await info(token)).toBe('good');
    expect((await typesOf(app)).filter((type) => type === 'token.exposed')).toHaveLength(1);
    expect((await eventsOf(app)).at(-1)).toMatchObject({
      type: 'token.exposed',
      data: { action: 'notified' },
    });
  });

  it('tells an app of its client secret, which goes on working', async () => {
    const app = await directory.app();
    await report(app.clientSecret);
    expect(await eventsOf(app)).toMatchObject([{ type: 'token.exposed', data: { action: 'notified' } }]);
  });

  it('429 beyond the limit on reports from an address, and for that address alone', async () => {
    const statuses = [];
    for (let i = 0; i < 61; i += 1) statuses.push((await report('x', '198.51.100.9')).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([202, 429]);
    expect((await report('x', '198.51.100.10')).status).toBe(202);
  });
});
