import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { changeApp } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret } from '@hallpass/domain';
import { AuthorityWatch } from '@hallpass/service-kit';
import { RedirectCalls } from '../src/oauth/redirect-calls.js';
import { Publishing, TestTokenService, untilListed } from './fixtures.js';
import { Receiver } from './receiver.js';

let directory: TestDirectory;
let service: TestTokenService;
let publishing: Publishing;
let receiver: Receiver;
let app: TestApp;
let district: TestDistrict;
let portal: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  publishing = new Publishing(directory);
});
afterAll(async () => {
  await publishing.stop();
  await service.close();
  await directory.close();
});
beforeEach(async () => {
  receiver = await Receiver.start();
  [app, district] = [await directory.app(), await directory.district()];
  portal = `Bearer ${await directory.portalToken(district)}`;
});
afterEach(() => receiver.close());

const invite = async (body: object = {}, of = app) =>
  (await service.call('POST', '/v1/invitations', of, body)).body;
const accept = (body: object, by = portal) =>
  service.call('POST', '/v1/district/invitations/accept', by, body);
const tokensOf = async (of = app) =>
  (await service.call('GET', '/oauth/tokens?owner_type=district', of)).body.data;
const typesOf = async (of = app) => {
  await untilListed(directory);
  const { body } = await service.call('GET', '/v1/events', of);
  return body.data.map(({ type }: { type: string }) => type);
};

describe('an invitation', () => {
  it('that a district accepts makes the grant active, issues its token, and tells the app', async () => {
    const { code, url, state } = await invite({ note: 'For grades 3 to 5' });
    expect([url, state]).toEqual([`http://127.0.0.1:4001/invitations#${code}`, 'open']);
    const shown = await service.call('POST', '/v1/district/invitations/look-up', portal, { code });
    expect(shown.body).toMatchObject({ note: 'For grades 3 to 5', app: { id: app.id, requestedFields: {} } });
    const schoolIds = [district.idOf('school', 'A')];
    const { status, body } = await accept({
      code,
      selection: { type: 'schools', schoolIds },
      hideFields: ['student.dob'],
    });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        status: 'active',
        awaits: null,
        appId: app.id,
        selection: { type: 'schools', schoolIds },
      }),
    ]);
    expect(JSON.stringify(body.fields)).not.toContain('dob');
    const [token] = await tokensOf();
    expect(token).toMatchObject({
      owner: { id: district.id },
      access_token: expect.stringMatching(/^hptok_/),
    });
    expect(await typesOf()).toEqual(['grant.requested', 'grant.approved', 'token.issued']);
    const { body: list } = await service.call('GET', '/v1/invitations', app);
    expect(list.data).toMatchObject([{ state: 'accepted', grantId: body.id }]);
    const again = await accept({ code });
    expect([again.status, again.body.code]).toEqual([409, 'invitation-ended']);
  });

  it('is accepted by one of two districts that try at once', async () => {
    const { code } = await invite();
    const other = `Bearer ${await directory.portalToken(await directory.district([]))}`;
    const answers = await Promise.all([accept({ code }), accept({ code }, other)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409]);
  });

  it('that names a district is listed there, and absent to any other', async () => {
    const { id, code } = await invite({ districtId: district.id });
    const { body } = await service.call('GET', '/v1/district/invitations', portal);
    expect(body.data.map((each: { id: string }) => each.id)).toEqual([id]);
    const other = `Bearer ${await directory.portalToken(await directory.district([]))}`;
    const absent = await accept({ code: newSecret('invitation') }, other);
    for (const key of [{ code }, { invitationId: id }]) {
      const { status, body: problem } = await accept(key, other);
      expect([status, problem.detail]).toEqual([404, absent.body.detail]);
    }
    expect((await accept({ invitationId: id })).status).toBe(201);
  });

  it('that is withdrawn or has run out opens nothing', async () => {
    const { id, code } = await invite();
    expect((await service.call('DELETE', `/v1/invitations/${id}`, app)).status).toBe(204);
    expect((await service.call('DELETE', `/v1/invitations/${id}`, app)).status).toBe(409);
    expect((await accept({ code })).body.code).toBe('invitation-ended');
    const late = await invite();
    await directory.dataSource.query('update invitations set expires_at = now() where id = $1', [late.id]);
    expect((await accept({ code: late.code })).body.detail).toMatch(/expired/);
  });

  it('stays open when what the district chooses cannot be shared', async () => {
    const { code } = await invite();
    const unknown = { type: 'schools', schoolIds: ['0'.repeat(24)] };
    const refused = await accept({ code, selection: unknown });
    expect([refused.status, refused.body.code]).toEqual([422, 'unknown-school']);
    expect((await accept({ code })).status).toBe(201);
  });
});

describe('a district that finds an app', () => {
  const ask = (body: object = {}) =>
    service.call('POST', '/v1/district/grants', portal, { appId: app.id, ...body });

  it('sees what it asks for and why, and waits for its answer', async () => {
    await changeApp(directory.dataSource, app.id, { purpose: 'Reading practice' }, SYSTEM);
    const found = await service.call('GET', '/v1/district/apps?search=AN%20APP&limit=1000', portal);
    expect(found.body.data.find(({ id }: { id: string }) => id === app.id)).toMatchObject({
      purpose: 'Reading practice',
    });
    const { status, body } = await ask();
    expect([status, body.status, body.awaits]).toEqual([201, 'requested', 'app']);
    expect(await tokensOf()).toEqual([]);
    const accepted = await service.call('POST', `/v1/grants/${body.id}/accept`, app);
    expect([accepted.status, accepted.body.status]).toEqual([200, 'active']);
    expect(await tokensOf()).toHaveLength(1);
    const again = await service.call('POST', `/v1/grants/${body.id}/accept`, app);
    expect([again.status, again.body.code]).toEqual([409, 'request-answered']);
    expect((await ask()).body.code).toBe('grant-exists');
  });

  it('is turned down, and may ask again', async () => {
    const { body } = await ask();
    const declined = await service.call('POST', `/v1/grants/${body.id}/decline`, app);
    expect([declined.status, declined.body.status]).toEqual([200, 'revoked']);
    expect((await ask()).status).toBe(201);
  });

  it('is shared with at once by an app that takes all, and not found by one that hides', async () => {
    await changeApp(directory.dataSource, app.id, { signup: 'at-once' }, SYSTEM);
    expect((await ask()).body.status).toBe('active');
    const hidden = await directory.app();
    await changeApp(directory.dataSource, hidden.id, { isListed: false }, SYSTEM);
    const { status } = await service.call('POST', '/v1/district/grants', portal, { appId: hidden.id });
    expect(status).toBe(404);
  });

  it('goes on to see what it shares with an app that hides, or was disabled, and none that it never shared with', async () => {
    const [hidden, strange] = [await directory.app(), await directory.app()];
    await directory.grant(hidden, district);
    for (const { id } of [hidden, strange])
      await changeApp(directory.dataSource, id, { isListed: false }, SYSTEM);
    const { body } = await service.call('GET', '/v1/district/apps?limit=1000', portal);
    const shown = new Map<string, boolean>(
      body.data.map(({ id, isListed }: { id: string; isListed: boolean }) => [id, isListed]),
    );
    expect([hidden, strange, app].map(({ id }) => shown.get(id))).toEqual([false, undefined, true]);
  });

  it('changes, pauses, resumes and revokes what it shares, at once', async () => {
    const { code } = await invite();
    const { body: grant } = await accept({ code });
    const [{ access_token: token }] = await tokensOf();
    const good = async () => {
      await service.nest.get(AuthorityWatch).look();
      return (await service.call('GET', '/oauth/tokeninfo', `Bearer ${token}`)).status;
    };
    const at = (action: string) => service.call('POST', `/v1/district/grants/${grant.id}/${action}`, portal);
    const { body: narrowed } = await service.call('PATCH', `/v1/district/grants/${grant.id}`, portal, {
      selection: { type: 'sections', sectionIds: [district.idOf('section', 'sec-a')] },
    });
    expect([narrowed.isNarrowing, narrowed.selection.type, narrowed.awaits]).toEqual([
      false,
      'sections',
      null,
    ]);
    expect(await good()).toBe(200);
    expect([(await at('pause')).body.status, await good()]).toEqual(['paused', 401]);
    expect([(await at('resume')).body.status, await good()]).toEqual(['active', 200]);
    expect([(await at('revoke')).body.status, await good()]).toEqual(['revoked', 401]);
    expect((await at('resume')).status).toBe(409);
    const seals = await directory.dataSource.query('select 1 from token_seals where district_id = $1', [
      district.id,
    ]);
    expect(seals).toEqual([]);
  });

  it('sees which tokens read it and from where, and ends one that has leaked', async () => {
    const { code } = await invite();
    const { body: grant } = await accept({ code });
    const { body } = await service.call('GET', `/v1/district/grants/${grant.id}/tokens`, portal);
    expect(body.data).toMatchObject([{ state: 'live', masked: expect.stringMatching(/^hptok_…/), uses: [] }]);
    expect(JSON.stringify(body)).not.toMatch(/hptok_[0-9A-Za-z]{20}/);
    const id = body.data[0].id;
    const revoked = await service.call('POST', `/v1/district/tokens/${id}/revoke`, portal);
    expect([revoked.status, revoked.body.successorId]).toEqual([200, expect.any(String)]);
  });
});

describe('an app of older days', () => {
  const codeSent = async () => {
    await service.nest.get(RedirectCalls).round();
    const { path } = receiver.received.at(-1) ?? { path: '' };
    return new URL(path, receiver.url).searchParams.get('code') ?? '';
  };
  const exchange = (code: string, body: Record<string, string> = {}, of = app) =>
    service.call('POST', '/oauth/tokens', of, {
      code,
      grant_type: 'authorization_code',
      redirect_uri: receiver.url,
      ...body,
    });

  beforeEach(async () => {
    await changeApp(directory.dataSource, app.id, { redirectUris: [receiver.url] }, SYSTEM);
  });

  it('is called with a code, and exchanges it once for the district’s token', async () => {
    await directory.grant(app, district);
    const code = await codeSent();
    const { status, headers, body } = await exchange(code);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      access_token: (await tokensOf())[0].access_token,
      token_type: 'bearer',
      district: district.id,
    });
    const again = await exchange(code);
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('exchanges it for itself alone, with its redirect URI, and within a minute', async () => {
    await directory.grant(app, district);
    const code = await codeSent();
    const other = await directory.app();
    expect((await exchange(code, {}, other)).body.error).toBe('invalid_grant');
    expect((await exchange(code, { redirect_uri: 'https://b.example' })).body.error).toBe('invalid_grant');
    await directory.dataSource.query(
      `update authorization_codes set expires_at = expires_at - interval '61 seconds' where app_id = $1`,
      [app.id],
    );
    expect((await exchange(code)).body.error).toBe('invalid_grant');
  });

  it('is called again, with another code, when it did not answer', async () => {
    receiver.answerWith(Receiver.status(503));
    await directory.grant(app, district);
    const first = await codeSent();
    receiver.answerWith(Receiver.status(204));
    await directory.dataSource.query('update redirect_calls set due_at = now() where app_id = $1', [app.id]);
    const second = await codeSent();
    expect(second).not.toBe(first);
    expect((await exchange(second)).status).toBe(200);
    const [call] = await directory.dataSource.query<{ attempts: number; ended_at: Date | null }[]>(
      'select attempts, ended_at from redirect_calls where app_id = $1',
      [app.id],
    );
    expect([call?.attempts, call?.ended_at]).toEqual([2, expect.any(Date)]);
  });

  it('is shown no token this way when it is never shown any', async () => {
    await changeApp(directory.dataSource, app.id, { reveal: 'never' }, SYSTEM);
    await directory.grant(app, district);
    expect((await exchange(await codeSent())).body.error).toBe('unauthorized_client');
  });
});
