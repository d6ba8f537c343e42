import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeApp, moveGrant, rotateClientSecret, revokeClientSecret } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret, type ClientSecretId } from '@hallpass/domain';
import { AuthorityWatch } from '@hallpass/service-kit';
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import * as oauth from 'oauth4webapi';
import { TestTokenService, basic } from './fixtures.js';

// The npm package oauth4webapi as a real client, over HTTP.

const DATA_API = 'http://127.0.0.1:4002';
const ISSUER = 'http://127.0.0.1:4001';
let directory: TestDirectory;
let service: TestTokenService;
let address: string;
let server: oauth.AuthorizationServer;
let app: TestApp;
let other: TestApp;
let district: TestDistrict;
let signingKey: CryptoKey;

/** The issuer is the configured one; its requests go to the port that the test listens on. */
const options = {
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (url: string, init: object) => fetch(url.replace(ISSUER, address), init),
};

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  await service.nest.listen(0, '127.0.0.1');
  address = await service.nest.getUrl();
  [app, other, district] = [await directory.app(), await directory.app(), await directory.district()];
  await directory.grant(app, district);
  const pair = await generateKeyPair('ES256', { extractable: true });
  signingKey = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' } as never;
  await changeApp(directory.dataSource, app.id, { publicKeys: [jwk] }, SYSTEM);
  const issuer = new URL(ISSUER);
  const answer = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
  server = await oauth.processDiscoveryResponse(issuer, answer);
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

const clientOf = ({ clientId }: TestApp): oauth.Client => ({ client_id: clientId });
const resourceOf = (id: string) => `${DATA_API}/districts/${id}`;
const request = async (auth: oauth.ClientAuth, parameters: Record<string, string>, of = app) => {
  const client = clientOf(of);
  const answer = await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, options);
  return oauth.processClientCredentialsResponse(server, client, answer);
};
const errorOf = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) return { status: error.status, error: error.error };
    if (error instanceof oauth.WWWAuthenticateChallengeError) return { status: error.status };
    throw error;
  }
  return undefined;
};
const introspect = async (token: string, of = app) => {
  await service.nest.get(AuthorityWatch).look();
  const auth = oauth.ClientSecretBasic(of.clientSecret);
  const answer = await oauth.introspectionRequest(server, clientOf(of), auth, token, options);
  return oauth.processIntrospectionResponse(server, clientOf(of), answer);
};

describe('an OAuth client', () => {
  it.each([
    ['HTTP Basic', () => oauth.ClientSecretBasic(app.clientSecret)],
    ['a secret in the form', () => oauth.ClientSecretPost(app.clientSecret)],
    ['a signed assertion', () => oauth.PrivateKeyJwt({ key: signingKey, kid: 'k1' })],
  ])('gets an access token of a district by %s', async (_name, auth) => {
    const { access_token: token, ...rest } = await request(auth(), { resource: resourceOf(district.id) });
    expect(token).toMatch(/^hpacc_/);
    expect(rest).toMatchObject({
      token_type: 'bearer',
      expires_in: 3600,
      scope: expect.stringContaining('read:students'),
      district: district.id,
    });
  });

  it('names the district by its plain id as well, and not two of them', async () => {
    const auth = oauth.ClientSecretBasic(app.clientSecret);
    expect((await request(auth, { district: district.id })).access_token).toMatch(/^hpacc_/);
    const both = { district: '0'.repeat(24), resource: resourceOf(district.id) };
    expect(await errorOf(request(auth, both))).toEqual({ status: 400, error: 'invalid_target' });
  });

  it('is told the same of a district that shares with others as of none', async () => {
    const auth = oauth.ClientSecretBasic(other.clientSecret);
    for (const id of [district.id, '0'.repeat(24)])
      expect(await errorOf(request(auth, { resource: resourceOf(id) }, other))).toEqual({
        status: 400,
        error: 'invalid_target',
      });
  });

  it('is given none at an address from which the app’s tokens are not read', async () => {
    const bound = await directory.app();
    await directory.grant(bound, district);
    await changeApp(directory.dataSource, bound.id, { revealAddresses: ['192.0.2.1'] }, SYSTEM);
    const body = { grant_type: 'client_credentials', district: district.id };
    const ask = (from: string) =>
      service.call('POST', '/oauth/token', bound, new URLSearchParams(body), { from });
    expect([(await ask('192.0.2.1')).status, (await ask('192.0.2.2')).status]).toEqual([200, 403]);
  });

  it('learns what a token is good for, and of another app’s nothing', async () => {
    const auth = oauth.ClientSecretBasic(app.clientSecret);
    const { access_token: token } = await request(auth, { resource: resourceOf(district.id) });
    expect(await introspect(token)).toMatchObject({
      active: true,
      client_id: app.clientId,
      iss: ISSUER,
      aud: resourceOf(district.id),
      exp: expect.any(Number),
      iat: expect.any(Number),
    });
    expect(await introspect(token, other)).toEqual({ active: false });
    for (const text of [newSecret('token'), newSecret('accessToken'), 'x', app.apiKey])
      expect(await introspect(text)).toEqual({ active: false });
  });

  it('ends a token, and is told the same of what was none', async () => {
    const auth = oauth.ClientSecretBasic(app.clientSecret);
    const { access_token: token } = await request(auth, { resource: resourceOf(district.id) });
    const revoke = async (text: string, of: TestApp) => {
      const answer = await oauth.revocationRequest(
        server,
        clientOf(of),
        oauth.ClientSecretBasic(of.clientSecret),
        text,
        options,
      );
      await oauth.processRevocationResponse(answer);
    };
    await revoke(token, other);
    expect((await introspect(token)).active).toBe(true);
    await revoke(token, app);
    await revoke('nothing', app);
    expect(await introspect(token)).toEqual({ active: false });
  });

  it('loses its access tokens with the grant, at the next use, and has them again with it', async () => {
    const fresh = await directory.district([]);
    const { id } = await directory.grant(app, fresh);
    const auth = oauth.ClientSecretBasic(app.clientSecret);
    const { access_token: token } = await request(auth, { resource: resourceOf(fresh.id) });
    await moveGrant(directory.dataSource, id, 'pause', SYSTEM);
    expect(await introspect(token)).toEqual({ active: false });
    expect(await errorOf(request(auth, { resource: resourceOf(fresh.id) }))).toMatchObject({ status: 400 });
    await moveGrant(directory.dataSource, id, 'resume', SYSTEM);
    expect((await introspect(token)).active).toBe(true);
  });

  it('loses them with the client secret that is revoked', async () => {
    const leaky = await directory.app();
    const { id: districtId } = district;
    await directory.grant(leaky, district);
    const auth = oauth.ClientSecretBasic(leaky.clientSecret);
    const { access_token: token } = await request(auth, { district: districtId }, leaky);
    const [secret] = await directory.dataSource.query<{ id: ClientSecretId }[]>(
      'select id from client_secrets where app_id = $1',
      [leaky.id],
    );
    const command = { appId: leaky.id, id: secret?.id as ClientSecretId };
    const { successor } = await revokeClientSecret(directory.dataSource, directory.keys, command, SYSTEM);
    await service.nest.get(AuthorityWatch).look();
    const renewed = { ...leaky, clientSecret: successor?.clientSecret ?? '' };
    expect(await introspect(token, renewed)).toEqual({ active: false });
    expect(await errorOf(request(auth, { district: districtId }, leaky))).toMatchObject({ status: 401 });
    const again = await request(
      oauth.ClientSecretBasic(renewed.clientSecret),
      { district: districtId },
      leaky,
    );
    expect((await introspect(again.access_token, renewed)).active).toBe(true);
  });

  it('signs in by both secrets during a rotation, and by the new one after it', async () => {
    const rotating = await directory.app();
    await directory.grant(rotating, district);
    const rotate = (graceSeconds: number) =>
      rotateClientSecret(
        directory.dataSource,
        directory.keys,
        { appId: rotating.id, graceSeconds, start: 'at-once' },
        SYSTEM,
      );
    const { clientSecret } = await rotate(0);
    await service.nest.get(AuthorityWatch).look();
    const ask = (secret: string) =>
      request(oauth.ClientSecretBasic(secret), { district: district.id }, rotating);
    expect(await errorOf(ask(rotating.clientSecret))).toMatchObject({ status: 401 });
    const second = await rotate(60);
    for (const secret of [clientSecret, second.clientSecret])
      expect((await ask(secret)).access_token).toMatch(/^hpacc_/);
  });
});

describe('an assertion', () => {
  const assertion = (
    claims: Record<string, unknown> = {},
    key = signingKey,
    header: Record<string, string> = {},
  ) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: app.clientId,
      sub: app.clientId,
      aud: ISSUER,
      exp: now + 60,
      jti: `${Math.random()}`,
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key);
  };
  const post = async (jwt: string, more: Record<string, string> = {}, authorization?: string) =>
    service.call(
      'POST',
      '/oauth/token',
      authorization,
      new URLSearchParams({
        grant_type: 'client_credentials',
        district: district.id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: jwt,
        ...more,
      }),
      { from: `10.1.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}` },
    );
  const soon = () => Math.floor(Date.now() / 1000);

  it('is taken once', async () => {
    const jwt = await assertion();
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(jwt)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401, 401, 401]);
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['of another audience', () => ({ aud: `${ISSUER}/oauth/token` })],
    ['of several audiences', () => ({ aud: [ISSUER, 'https://elsewhere.example'] })],
    ['that has run out', () => ({ exp: soon() - 60 })],
    ['that lives too long', () => ({ exp: soon() + 3600 })],
    ['without an end', () => ({ exp: undefined })],
    ['without an id', () => ({ jti: undefined })],
    ['that is not yet good', () => ({ nbf: soon() + 120 })],
    ['of another issuer', () => ({ iss: other.clientId })],
    ['of another client', () => ({ iss: other.clientId, sub: other.clientId })],
    ['of no client', () => ({ iss: 'x', sub: 'x' })],
  ])('%s is refused', async (_name, claims) => {
    const { status, body } = await post(await assertion(claims()));
    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  it('signed by another key, by a key it does not name, or by none, is refused', async () => {
    const stranger = (await generateKeyPair('ES256')).privateKey;
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await assertion()).split('.')[1]}.`;
    for (const jwt of [
      await assertion({}, stranger),
      await assertion({}, signingKey, { kid: 'k9' }),
      none,
      'x.y.z',
      '',
    ])
      expect([jwt.slice(0, 20), (await post(jwt)).status]).toEqual([jwt.slice(0, 20), 401]);
  });

  it('beside another way of signing in is no request', async () => {
    for (const [more, authorization] of [
      [{ client_secret: app.clientSecret, client_id: app.clientId }, undefined],
      [{}, basic(app.clientId, app.clientSecret)],
      [{ client_assertion_type: 'saml' }, undefined],
    ] as const) {
      const { status, body } = await post(await assertion(), more, authorization);
      expect([status, body.error]).toEqual([400, 'invalid_request']);
    }
  });

  it('takes the access tokens with it when its key is taken away', async () => {
    const { body } = await post(await assertion());
    // Another key of the same name is another key.
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' } as never;
    await changeApp(directory.dataSource, app.id, { publicKeys: [jwk] }, SYSTEM);
    await service.nest.get(AuthorityWatch).look();
    expect(await introspect(body.access_token)).toEqual({ active: false });
    expect((await post(await assertion())).status).toBe(401);
  });
});

describe('the metadata', () => {
  it('is where RFC 8414 says, and names what is served', async () => {
    const { body } = await service.call('GET', '/.well-known/oauth-authorization-server');
    expect(body).toMatchObject({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/oauth/token`,
      grant_types_supported: ['client_credentials', 'authorization_code'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    });
  });
});
