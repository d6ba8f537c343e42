import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { invitePerson } from '@hallpass/database';
import { SYSTEM, TestDirectory } from '@hallpass/database/testing';
import { createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { admin } from '../src/admin.js';
import { AdminConfig } from '../src/config.js';
import { ownPath } from '../src/oidc/own-path.js';
import { IdentityProvider } from './identity-provider.js';

const PAGES = 'http://127.0.0.1:4003';
const CALLBACK = `${PAGES}/v1/sign-in/oidc/callback`;
const provider = new IdentityProvider();
let directory: TestDirectory;
let service: NestFastifyApplication;
let people = 0;
let browsers = 0;

const oidcEnv = () => ({
  OIDC_ISSUER: provider.issuer,
  OIDC_CLIENT_ID: provider.client.id,
  OIDC_CLIENT_SECRET: provider.client.secret,
  OIDC_LABEL: 'District ID',
  OIDC_EMAIL_DOMAINS: 'Hallpass.example, other.example',
});

async function start(env: Record<string, string>): Promise<NestFastifyApplication> {
  const started = await createService(
    admin(readConfig(AdminConfig, { ...directory.environment, ...env }), true),
  );
  await started.init();
  await started.getHttpAdapter().getInstance().ready();
  return started;
}

beforeAll(async () => {
  directory = await TestDirectory.open();
  await provider.start(CALLBACK);
  service = await start(oidcEnv());
});
afterAll(async () => {
  await service.close();
  await provider.stop();
  await directory.close();
});
beforeEach(() => {
  provider.isDenying = false;
});

const anEmail = () => `sso${(people += 1)}@hallpass.example`;

/** Somebody who was invited to the staff, and has never set a password. */
async function staff() {
  const email = anEmail();
  const command = { scope: { type: 'staff' }, email, role: 'operator' } as const;
  const { member } = await invitePerson(directory.dataSource, directory.keys, command, SYSTEM);
  return { id: member.id, email };
}

/** A browser at the pages of staff. Failed sign-ins are limited by address: each has one of its own. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly address = `10.2.0.${(browsers += 1)}`;

  async call(method: 'GET' | 'POST', url: string, payload?: object, headers: Record<string, string> = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await service.inject({
      method,
      url,
      remoteAddress: this.address,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  async begin(returnTo?: string): Promise<URL> {
    const answer = await this.call('POST', '/v1/sign-in/oidc', returnTo === undefined ? {} : { returnTo });
    if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode} ${answer.body}`);
    return new URL(answer.json<{ url: string }>().url);
  }

  /** Comes back from the provider; the page it is sent on to. */
  async comeBack(to: URL): Promise<string> {
    const answer = await this.call('GET', `${to.pathname}${to.search}`);
    if (answer.statusCode !== 303 || answer.headers['cache-control'] !== 'no-store')
      throw new Error(`it answered ${answer.statusCode} ${answer.body}`);
    return String(answer.headers.location);
  }

  async signIn(returnTo?: string): Promise<string> {
    return this.comeBack(await provider.visit((await this.begin(returnTo)).href));
  }

  get session(): string | undefined {
    return this.cookies.get('hallpass-staff');
  }
}

const problem = (code: string) => `${PAGES}/sign-in-problem?code=${code}`;

describe('staff who sign in through the identity provider', () => {
  it('come in by their verified address, whatever its case, with a session that is new, and it is written down', async () => {
    const { id, email } = await staff();
    provider.claims = { email: email.toUpperCase(), email_verified: true };
    const browser = new Browser();
    browser.cookies.set('hallpass-staff', 'hpses_planted');
    expect(await browser.signIn('/audit?subjectId=a')).toBe(`${PAGES}/audit?subjectId=a`);
    expect([browser.session === 'hpses_planted', [...browser.cookies.keys()]]).toEqual([
      false,
      ['hallpass-staff'],
    ]);
    const { statusCode, body } = await browser.call('GET', '/v1/session');
    expect([statusCode, JSON.parse(body).person]).toMatchObject([200, { id, email }]);
    const first = browser.session;
    await browser.signIn();
    expect(browser.session).not.toBe(first);
    expect(
      (await service.inject({ url: '/v1/session', headers: { cookie: `hallpass-staff=${first}` } }))
        .statusCode,
    ).toBe(401);
    const [entry] = await directory.dataSource.query<object[]>(
      `select actor_id, after from audit_log where action = 'person.signed-in' and subject_id = $1 order by id limit 1`,
      [id],
    );
    expect(entry).toEqual({ actor_id: id, after: { audience: 'staff', by: 'identity provider' } });
    const members = JSON.parse((await browser.call('GET', '/v1/people')).body).data;
    expect(members.find((each: { id: string }) => each.id === id).isHere).toBe(true);
  });

  it.each([
    ['the address is not verified', { email_verified: false }, 'email-unverified'],
    ['the provider does not say whether it is', {}, 'email-unverified'],
    ['there is none', { email: undefined, email_verified: true }, 'email-unverified'],
    ['its domain may not', { email: 'ann@elsewhere.example', email_verified: true }, 'email-unverified'],
    [
      'its domain only begins so',
      { email: 'ann@hallpass.example.evil.example', email_verified: true },
      'email-unverified',
    ],
    ['nobody has it', { email: 'nobody@other.example', email_verified: true }, 'staff-unknown'],
  ])('are not let in when %s, and no account is made', async (_, claims, code) => {
    const { email } = await staff();
    provider.claims = { email, ...claims };
    const count = 'select count(*)::int from people';
    const [before] = await directory.dataSource.query<{ count: number }[]>(count);
    const browser = new Browser();
    expect([await browser.signIn(), browser.session]).toEqual([problem(code), undefined]);
    expect((await directory.dataSource.query<{ count: number }[]>(count))[0]).toEqual(before);
  });

  it.each([
    ['disabled', 'update people set disabled_at = now() where id = $1'],
    ['staff no longer', 'update operators set disabled_at = now() where person_id = $1'],
  ])('are not let in when they are %s', async (_, change) => {
    const { id, email } = await staff();
    provider.claims = { email, email_verified: true };
    await directory.dataSource.query(change, [id]);
    const browser = new Browser();
    expect([await browser.signIn(), browser.session]).toEqual([problem('staff-unknown'), undefined]);
    const found = await directory.dataSource.query<object[]>(
      `select from audit_log where action = 'person.sign-in-failed' and subject_id = $1`,
      [id],
    );
    expect(found).toHaveLength(1);
  });

  describe('with an answer that is not to what this browser asked', () => {
    beforeAll(async () => {
      provider.claims = { email: (await staff()).email, email_verified: true };
    });
    const refused = async (browser: Browser, back: URL) =>
      expect([await browser.comeBack(back), browser.session]).toEqual([
        problem('identity-unproven'),
        undefined,
      ]);

    it.each(['state', 'nonce', 'code_challenge'])('are refused: another %s', async (name) => {
      const browser = new Browser();
      const url = await browser.begin();
      expect(url.searchParams.get(name)?.length).toBeGreaterThan(20);
      if (name !== 'code_challenge') url.searchParams.set(name, 'something-else-altogether-of-a-good-length');
      else url.searchParams.set(name, 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
      await refused(browser, await provider.visit(url.href));
    });

    it('are refused: begun in another browser, or in none', async () => {
      const [mine, theirs] = [new Browser(), new Browser()];
      await mine.begin();
      const back = await provider.visit((await theirs.begin()).href);
      await refused(mine, back);
      await refused(new Browser(), back);
    });

    it('are refused: the same answer again, in the browser that it was for', async () => {
      const browser = new Browser();
      const url = await browser.begin();
      const attempt = browser.cookies.get('hallpass-sign-in') as string;
      const back = await provider.visit(url.href);
      expect(await browser.comeBack(back)).toBe(`${PAGES}/`);
      const again = new Browser();
      again.cookies.set('hallpass-sign-in', attempt);
      await refused(again, back);
    });

    it('are refused: an attempt that was tampered with', async () => {
      const browser = new Browser();
      const back = await provider.visit((await browser.begin()).href);
      const attempt = Buffer.from(browser.cookies.get('hallpass-sign-in') as string, 'base64url');
      attempt[20] = (attempt[20] as number) ^ 1;
      browser.cookies.set('hallpass-sign-in', attempt.toString('base64url'));
      await refused(browser, back);
    });

    it('are refused: the provider says no', async () => {
      provider.isDenying = true;
      const browser = new Browser();
      await refused(browser, await provider.visit((await browser.begin()).href));
    });

    it('are refused for a while at an address at which too much has failed', async () => {
      const browser = new Browser();
      const back = new URL(`${CALLBACK}?code=x&state=y`);
      const seen = new Set<string>();
      for (let i = 0; i < 200 && !seen.has(problem('rate-limited')); i += 1)
        seen.add(await browser.comeBack(back));
      expect([...seen]).toEqual([problem('identity-unproven'), problem('rate-limited')]);
      const answer = await browser.call('POST', '/v1/sign-in/oidc', {});
      expect([answer.statusCode, answer.json().code]).toEqual([429, 'rate-limited']);
    });
  });

  it('are told when the provider does not answer, and come in once it does again', async () => {
    const { email } = await staff();
    provider.claims = { email, email_verified: true };
    const browser = new Browser();
    const back = await provider.visit((await browser.begin()).href);
    await provider.stop();
    // What the provider says of itself is known already: it is away when the code is to be redeemed.
    expect(await browser.comeBack(back)).toBe(problem('provider-unavailable'));
    const fresh = await start(oidcEnv());
    const answer = await fresh.inject({ method: 'POST', url: '/v1/sign-in/oidc', payload: {} });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'provider-unavailable']);
    expect(answer.headers['retry-after']).toBe('60');
    await provider.start(CALLBACK);
    expect((await fresh.inject({ method: 'POST', url: '/v1/sign-in/oidc', payload: {} })).statusCode).toBe(
      200,
    );
    await fresh.close();
    expect(await browser.signIn()).toBe(`${PAGES}/`);
  });

  it('begin it from our own pages alone, with a body that is as it should be', async () => {
    const browser = new Browser();
    const foreign = await browser.call('POST', '/v1/sign-in/oidc', {}, { origin: 'https://evil.example' });
    expect([foreign.statusCode, foreign.json().code]).toEqual([403, 'csrf-refused']);
    for (const body of [{ returnTo: 7 }, { returnTo: 'x'.repeat(501) }, { surprise: 1 }])
      expect((await browser.call('POST', '/v1/sign-in/oidc', body)).statusCode).toBe(400);
  });

  it('see its name on the sign-in page; where none is set up there is none', async () => {
    expect((await new Browser().call('GET', '/v1/sign-in/methods')).json()).toEqual({
      provider: 'District ID',
    });
    const plain = await start({});
    expect((await plain.inject('/v1/sign-in/methods')).json()).toEqual({ provider: null });
    expect((await plain.inject({ method: 'POST', url: '/v1/sign-in/oidc', payload: {} })).statusCode).toBe(
      404,
    );
    const back = await plain.inject('/v1/sign-in/oidc/callback?code=x&state=y');
    expect(back.headers.location).toBe(problem('identity-unproven'));
    await plain.close();
  });
});

it.each([
  ['/audit', '/audit'],
  ['/?q=a', '/?q=a'],
  ['/districts/0123?x=%20y', '/districts/0123?x=%20y'],
  ['/a/../b', '/b'],
  [undefined, '/'],
  ['', '/'],
  ['audit', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/a/..//evil.example', '/'],
  ['https://evil.example/', '/'],
  ['/\t/evil.example', '/'],
  ['/%0d%0aset-cookie:x', '/'],
  ['/a\r\nset-cookie: x', '/'],
  ['javascript:alert(1)', '/'],
])('goes on to a page of our own alone: %j to %s', (text, path) => {
  expect(ownPath(text)).toBe(path);
});

it.each([
  [{ OIDC_ISSUER: 'http://id.example' }, ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']],
  [{ OIDC_ISSUER: 'id.example', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'y' }, ['OIDC_ISSUER']],
  [{ OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'x' }, ['OIDC_CLIENT_SECRET']],
  [{ OIDC_EMAIL_DOMAINS: 'a@b' }, ['OIDC_EMAIL_DOMAINS']],
])('is set up whole or not at all: %j', (env, names) => {
  const read = () => readConfig(AdminConfig, { ...directory.environment, ...env });
  for (const name of names) expect(read).toThrow(new RegExp(`- ${name} `));
});
