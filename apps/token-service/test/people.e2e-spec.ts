import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { invitePerson } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { MEMBER_ROLES, newSecret, type MemberRole, type PeopleScope } from '@hallpass/domain';
import { AuthorityWatch, Sessions } from '@hallpass/service-kit';
import type { FastifyRequest } from 'fastify';
import { TestTokenService, basic, type Answer, type Method } from './fixtures.js';

const PORTAL = 'https://portal.example';
const PASSWORD = 'seven quiet lanterns';
const COOKIE = '__Host-hallpass';

/** A browser: it keeps the cookie that it was given, and its page the CSRF token. */
class Browser {
  cookie: string | undefined;
  csrf: string | undefined;
  constructor(readonly address = `10.1.0.${(browsers += 1) % 250}`) {}

  async call(
    method: Method,
    url: string,
    body?: object,
    headers: Record<string, string | undefined> = {},
  ): Promise<Answer> {
    const sent = {
      ...(this.cookie === undefined ? {} : { cookie: `${COOKIE}=${this.cookie}` }),
      ...(this.csrf === undefined ? {} : { 'hallpass-csrf': this.csrf }),
      origin: PORTAL,
      ...headers,
    };
    const named = Object.entries(sent).filter((each): each is [string, string] => each[1] !== undefined);
    const answer = await service.call(method, url, undefined, body, {
      headers: Object.fromEntries(named),
      from: this.address,
    });
    const set = /__Host-hallpass=([^;]*)/.exec(JSON.stringify(answer.headers['set-cookie'] ?? ''))?.[1];
    if (set !== undefined) this.cookie = set === '' ? undefined : set;
    if (answer.body?.csrfToken) this.csrf = answer.body.csrfToken as string;
    return answer;
  }

  signIn(email: string, password = PASSWORD, totp?: string): Promise<Answer> {
    return this.call('POST', '/v1/session', { email, password, ...(totp === undefined ? {} : { totp }) });
  }
}

let browsers = 0;
let people = 0;
let directory: TestDirectory;
let service: TestTokenService;
let second: TestTokenService;
let app: TestApp;
let district: TestDistrict;
let partner: PeopleScope & { type: 'partner' };

beforeAll(async () => {
  directory = await TestDirectory.open();
  const env = { PORTAL_URL: PORTAL, SMTP_URL: 'smtp://127.0.0.1:9' };
  // Passport knows one strategy of a name in a process: that of the service that was started last.
  second = await TestTokenService.start(directory, { env });
  service = await TestTokenService.start(directory, { env });
  app = await directory.app();
  district = await directory.district();
  partner = {
    type: 'partner',
    id: (await sql(`select partner_id id from apps where id = $1`, [app.id]))[0].id,
  };
});
afterAll(async () => {
  await service.close();
  await second.close();
  await directory.close();
});

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads rows of every shape
const sql = (text: string, values: unknown[] = []) => directory.dataSource.query<any[]>(text, values);
const anEmail = () => `person${(people += 1)}@school.example`;
const codeOf = (link: string) => link.slice(link.indexOf('#') + 1);

/** Somebody who has followed an invitation, signed in. */
async function member(scope: PeopleScope, role: MemberRole, email = anEmail()) {
  const { code, member: made } = await invitePerson(
    directory.dataSource,
    directory.keys,
    { scope, email, role },
    SYSTEM,
  );
  const browser = new Browser();
  const { status } = await browser.call('POST', '/v1/person-links/accept', {
    code,
    name: 'A',
    password: PASSWORD,
  });
  expect(status).toBe(200);
  return { browser, email, id: made.id };
}
const ofPartner = (role: MemberRole = 'owner') => member(partner, role);
const ofDistrict = (role: MemberRole = 'owner') => member({ type: 'district', id: district.id }, role);
const asApp = { 'hallpass-app': '' };
const outcome = ({ status, body }: Answer) => [status, body?.code];
const eventually = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
  for (let i = 0; i < 100; i += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((go) => setTimeout(go, 20));
  }
  throw new Error('it never came');
};

/** RFC 6238, written anew, so that the service is tried against something else than itself. */
function totpOf(secret: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret)
    .map((each) => alphabet.indexOf(each).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((each) => Number.parseInt(each, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('signing in', () => {
  it('gives a cookie that scripts and other sites do not have, and says who it is', async () => {
    const { email } = await ofPartner();
    const answer = await new Browser().signIn(email.toUpperCase());
    expect(answer.status).toBe(200);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(
      /^__Host-hallpass=hpses_\w{49}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(answer.body).toMatchObject({
      person: { email, hasTotp: false },
      memberships: { partners: [{ id: partner.id, role: 'owner' }], districts: [], staff: null },
      actingAs: null,
    });
    expect(answer.body.memberships.partners[0].apps).toContainEqual(expect.objectContaining({ id: app.id }));
  });

  it('answers a wrong password, an unknown address and a disabled person alike, and hashes each time', async () => {
    const [known, gone] = [await ofPartner(), await ofPartner()];
    await sql('update people set disabled_at = now() where id = $1', [gone.id]);
    const tries = [
      [known.email, 'a wrong password'],
      ['nobody@school.example', PASSWORD],
      [gone.email, PASSWORD],
    ] as const;
    const texts = new Set<string>();
    const times: number[] = [];
    for (const [email, password] of tries) {
      const began = performance.now();
      const answer = await new Browser().signIn(email, password);
      times.push(performance.now() - began);
      expect(outcome(answer)).toEqual([401, 'sign-in-failed']);
      expect(answer.headers['set-cookie']).toBeUndefined();
      texts.add(answer.text.replace(/"requestId":"[^"]*"/, ''));
    }
    expect(texts.size).toBe(1);
    // argon2id takes more than ten milliseconds anywhere: whoever skipped it would be far below.
    expect(Math.min(...times)).toBeGreaterThan(8);
  });

  it('refuses what is not well formed', async () => {
    for (const body of [
      {},
      { email: 'a@b.example' },
      { email: 1, password: 'x' },
      { email: 'a', password: '' },
    ])
      expect(outcome(await new Browser().call('POST', '/v1/session', body))).toEqual([
        400,
        'request-invalid',
      ]);
  });

  it('is throttled by account, from wherever, and by address, for whichever account', async () => {
    const { email } = await ofPartner();
    for (let i = 0; i < 20; i += 1)
      expect((await new Browser(`10.2.${i}.1`).signIn(email, 'wrong wrong wrong')).status).toBe(401);
    expect(outcome(await new Browser('10.3.0.1').signIn(email))).toEqual([429, 'rate-limited']);
    const { email: other } = await ofPartner();
    expect((await new Browser('10.3.0.1').signIn(other)).status).toBe(200);
    for (let i = 0; i < 60; i += 1)
      await new Browser('10.4.0.1').call('POST', '/v1/password-resets', { email: `n${i}@x.example` });
    expect(outcome(await new Browser('10.4.0.1').signIn(other))).toEqual([429, 'rate-limited']);
  }, 60_000);

  it('writes success and failure down by the person’s id, and no address', async () => {
    const { email, id } = await ofPartner();
    await new Browser().signIn(email, 'wrong wrong wrong');
    await new Browser().signIn(email);
    const actions = await eventually(async () => {
      const found = await sql('select action, actor_type, actor_id from audit_log where subject_id = $1', [
        id,
      ]);
      return found.some(({ action }) => action === 'person.sign-in-failed') ? found : undefined;
    });
    expect(actions).toContainEqual({ action: 'person.signed-in', actor_type: 'person', actor_id: id });
  });
});

describe('a session', () => {
  it('has a new id at every sign-in and re-authentication, and the one before opens nothing', async () => {
    const { browser, email } = await ofPartner();
    const planted = browser.cookie;
    await browser.signIn(email);
    expect(browser.cookie).not.toBe(planted);
    const before = browser.cookie;
    expect((await browser.call('POST', '/v1/session/reauthenticate', { password: PASSWORD })).status).toBe(
      200,
    );
    for (const old of [planted, before])
      expect(
        outcome(await browser.call('GET', '/v1/session', undefined, { cookie: `${COOKIE}=${old}` })),
      ).toEqual([401, 'credentials-missing']);
    expect((await browser.call('GET', '/v1/session')).status).toBe(200);
  });

  it('is none that was made up, cut off or sent twice', async () => {
    const { browser } = await ofPartner();
    const cookies = [newSecret('session'), 'x', '', `${browser.cookie}; ${COOKIE}=${browser.cookie}`];
    for (const cookie of cookies)
      expect(
        (await browser.call('GET', '/v1/session', undefined, { cookie: `${COOKIE}=${cookie}` })).status,
      ).toBe(401);
  });

  it('changes nothing without its own CSRF token, nor for the page of another site', async () => {
    const { browser } = await ofPartner();
    const { browser: other } = await ofPartner();
    const url = `/v1/apps/${app.id}`;
    const scope = { 'hallpass-partner': partner.id };
    for (const csrf of [undefined, '', 'x', other.csrf])
      expect(
        outcome(await browser.call('PATCH', url, { purpose: 'p' }, { ...scope, 'hallpass-csrf': csrf })),
      ).toEqual([403, 'csrf-refused']);
    for (const origin of ['https://evil.example', 'null', `${PORTAL}.evil.example`])
      expect(outcome(await browser.call('PATCH', url, { purpose: 'p' }, { ...scope, origin }))).toEqual([
        403,
        'csrf-refused',
      ]);
    expect(
      outcome(
        await browser.call(
          'POST',
          '/v1/session',
          { email: 'a', password: 'b' },
          { origin: 'https://evil.example' },
        ),
      ),
    ).toEqual([403, 'csrf-refused']);
    expect((await browser.call('PATCH', url, { purpose: 'p' }, { ...scope, origin: undefined })).status).toBe(
      200,
    );
  });

  it.each([
    ['idle', `seen_at = now() - interval '13 hours', created_at = now() - interval '1 day'`],
    ['old', `created_at = now() - interval '8 days'`],
  ])('ends when it is %s', async (_, change) => {
    const { browser, id } = await ofPartner();
    await sql(`update sessions set ${change} where person_id = $1`, [id]);
    await sql(`insert into authority_changes (subject_type, subject_id) values ('person', $1)`, [id]);
    await service.nest.get(AuthorityWatch).look();
    expect((await browser.call('GET', '/v1/session')).status).toBe(401);
  });

  it('ends everywhere at once, in this process and in others', async () => {
    const { browser, email } = await ofPartner();
    const elsewhere = new Browser();
    await elsewhere.signIn(email);
    const request = { method: 'GET', ip: '10.5.0.1', headers: { cookie: `${COOKIE}=${elsewhere.cookie}` } };
    const there = () =>
      second.nest
        .get(Sessions)
        .require(request as FastifyRequest, new Date())
        .then(
          () => 'in',
          (error: { code: string }) => error.code,
        );
    expect(await there()).toBe('in');
    expect((await browser.call('DELETE', '/v1/session/all')).status).toBe(204);
    expect((await elsewhere.call('GET', '/v1/session')).status).toBe(401);
    const began = Date.now();
    while ((await there()) === 'in') expect(Date.now() - began).toBeLessThan(1000);
    expect(await there()).toBe('credentials-missing');
  });

  it('signs out, and leaves other sessions be', async () => {
    const { browser, email } = await ofPartner();
    const elsewhere = new Browser();
    await elsewhere.signIn(email);
    const { cookie, csrf } = browser;
    expect((await browser.call('DELETE', '/v1/session')).status).toBe(204);
    expect(browser.cookie).toBeUndefined();
    browser.cookie = cookie;
    browser.csrf = csrf;
    expect((await browser.call('GET', '/v1/session')).status).toBe(401);
    expect((await elsewhere.call('GET', '/v1/session')).status).toBe(200);
  });

  it('opens no route of OAuth', async () => {
    const { browser } = await ofPartner();
    for (const [method, url] of [
      ['GET', '/oauth/tokens?owner_type=district'],
      ['POST', '/oauth/tokens'],
      ['POST', '/oauth/token'],
      ['POST', '/oauth/introspect'],
      ['POST', '/oauth/revoke'],
    ] as const)
      expect(
        outcome(
          await browser.call(method, url, method === 'POST' ? {} : undefined, {
            ...asApp,
            'hallpass-app': app.id,
          }),
        ),
      ).toEqual([401, 'credentials-missing']);
  });

  it('has its own limit', async () => {
    const { browser, id } = await ofPartner();
    await sql(`insert into rate_policies values ('person', 'address', 1, 86400, 'enforce')`);
    await sql(`insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`);
    await service.nest.get(AuthorityWatch).look();
    const answers = [await browser.call('GET', '/v1/session'), await browser.call('GET', '/v1/session')];
    await sql(`delete from rate_policies where name = 'person'`);
    await sql(`insert into authority_changes (subject_type, subject_id) values ('rules', $1)`, [id]);
    await service.nest.get(AuthorityWatch).look();
    expect(answers.map(({ status }) => status)).toContain(429);
  });
});

describe('roles', () => {
  const UNSAFE = {
    partner: ['POST', '/v1/invitations', {}],
    district: ['POST', '/v1/district/grants', { appId: 'f'.repeat(24), selection: { type: 'everything' } }],
  } as const;
  const SAFE = {
    partner: [
      ['GET', '/v1/tokens'],
      ['GET', '/v1/grants'],
    ],
    district: [
      ['GET', '/v1/district'],
      ['POST', '/v1/district/invitations/look-up'],
    ],
  } as const;
  const scopes = ['partner', 'district'] as const;

  it.each(scopes.flatMap((scope) => MEMBER_ROLES[scope].map((role) => [scope, role] as const)))(
    'a %s’s %s looks at its own, changes as the role permits, and has nothing of another',
    async (type, role) => {
      const { browser } = await (type === 'partner' ? ofPartner(role) : ofDistrict(role));
      const own: Record<string, string> =
        type === 'partner' ? { 'hallpass-app': app.id } : { 'hallpass-district': district.id };
      const otherApp = await directory.app();
      const otherDistrict = await directory.district([]);
      const foreign = type === 'partner' ? otherApp.id : otherDistrict.id;
      const name = Object.keys(own)[0] as string;
      for (const [method, url] of SAFE[type]) {
        const body = method === 'POST' ? { code: newSecret('invitation') } : undefined;
        const mine = await browser.call(method, url, body, own);
        // What reads by POST here names nothing that is there; it is let in all the same.
        expect([url, mine.status]).toEqual([url, method === 'GET' ? 200 : 404]);
        const texts = [];
        for (const id of [foreign, 'f'.repeat(24)]) {
          const answer = await browser.call(method, url, body, { [name]: id });
          expect(outcome(answer)).toEqual([404, 'not-found']);
          texts.push(answer.text.replace(/"requestId":"[^"]*"/, ''));
        }
        expect(texts[0]).toBe(texts[1]);
        expect(outcome(await browser.call(method, url, body, {}))).toEqual([400, 'request-invalid']);
      }
      const [method, url, body] = UNSAFE[type];
      const may = role !== 'viewer';
      const changed = await browser.call(method, url, body, own);
      if (may) expect([201, 404]).toContain(changed.status);
      else expect(outcome(changed)).toEqual([403, 'permission-missing']);
      expect(outcome(await browser.call(method, url, body, { [name]: foreign }))).toEqual([404, 'not-found']);
      // The other scope's routes are as closed.
      const across = type === 'partner' ? { 'hallpass-district': district.id } : { 'hallpass-app': app.id };
      const [[m, u]] = type === 'partner' ? SAFE.district : SAFE.partner;
      expect(outcome(await browser.call(m, u, undefined, across))).toEqual([404, 'not-found']);
      const invited = await browser.call(
        'POST',
        '/v1/people',
        { email: anEmail(), role: 'viewer' },
        type === 'partner' ? { 'hallpass-partner': partner.id } : own,
      );
      expect(invited.status).toBe(role === 'owner' ? 201 : 403);
    },
  );

  it('are written down as the person, not as the app or the district', async () => {
    const { browser, id } = await ofPartner();
    const made = await browser.call('POST', '/v1/invitations', {}, { 'hallpass-app': app.id });
    const [entry] = await sql('select actor_type, actor_id from audit_log where subject_id = $1', [
      made.body.id,
    ]);
    expect(entry).toEqual({ actor_type: 'person', actor_id: id });
  });

  it('that are taken away close every route at once', async () => {
    const scope = { type: 'district', id: (await directory.district([])).id } as const;
    const header = { 'hallpass-district': scope.id };
    const { browser: owner } = await member(scope, 'owner');
    const editor = await member(scope, 'editor');
    expect((await editor.browser.call('GET', '/v1/district', undefined, header)).status).toBe(200);
    expect((await owner.call('PATCH', `/v1/people/${editor.id}`, { role: 'viewer' }, header)).body.role).toBe(
      'viewer',
    );
    expect((await editor.browser.call(...UNSAFE.district, header)).status).toBe(403);
    expect((await owner.call('DELETE', `/v1/people/${editor.id}`, undefined, header)).status).toBe(204);
    expect((await editor.browser.call('GET', '/v1/district', undefined, header)).status).toBe(404);
  });
});

describe('the people of a scope', () => {
  it('are invited by a link that is good once, and listed', async () => {
    const scope = {
      type: 'partner',
      id: (await sql('select partner_id id from apps where id = $1', [(await directory.app()).id]))[0].id,
    } as const;
    const header = { 'hallpass-partner': scope.id };
    const { browser: owner, id } = await member(scope, 'owner');
    const email = anEmail();
    const invited = await owner.call('POST', '/v1/people', { email, role: 'developer' }, header);
    expect([invited.status, invited.body.link]).toEqual([201, undefined]);
    const [mail] = await sql('select body, is_private from mails where recipients = $1', [[email]]);
    expect(mail.is_private).toBe(true);
    const code = codeOf(/https:\S+/.exec(mail.body)?.[0] ?? '');
    const guest = new Browser();
    const looked = await guest.call('POST', '/v1/person-links/look-up', { code });
    expect(looked.body).toMatchObject({ purpose: 'invitation', email });
    expect(
      outcome(await guest.call('POST', '/v1/person-links/accept', { code, password: 'passwordpassword' })),
    ).toEqual([422, 'password-weak']);
    expect(
      (await guest.call('POST', '/v1/person-links/accept', { code, name: 'Kim', password: PASSWORD })).status,
    ).toBe(200);
    for (const url of ['look-up', 'accept'])
      expect(
        outcome(
          await new Browser().call(
            'POST',
            `/v1/person-links/${url}`,
            url === 'accept' ? { code, password: PASSWORD } : { code },
          ),
        ),
      ).toEqual([404, 'not-found']);
    const { body } = await owner.call('GET', '/v1/people', undefined, header);
    expect(body.data).toContainEqual(
      expect.objectContaining({ email, name: 'Kim', role: 'developer', isHere: true }),
    );
    expect(outcome(await owner.call('POST', '/v1/people', { email, role: 'viewer' }, header))).toEqual([
      409,
      'member-exists',
    ]);
    for (const wrong of [{}, { email: 'x', role: 'viewer' }, { email, role: 'editor' }])
      expect((await owner.call('POST', '/v1/people', wrong, header)).status).toBe(400);
    for (const [method, more] of [
      ['PATCH', { role: 'viewer' }],
      ['DELETE', undefined],
    ] as const) {
      expect(outcome(await owner.call(method, `/v1/people/${id}`, more, header))).toEqual([
        409,
        'last-owner',
      ]);
      const stranger = await ofDistrict();
      expect(outcome(await owner.call(method, `/v1/people/${stranger.id}`, more, header))).toEqual([
        404,
        'not-found',
      ]);
    }
  });
});

describe('the authenticator app', () => {
  it('is asked for, takes no code twice, and has recovery codes that are good once', async () => {
    const { browser, email } = await ofPartner();
    const { secret, uri } = (await browser.call('POST', '/v1/session/totp')).body;
    expect(uri).toMatch(/^otpauth:\/\/totp\//);
    expect(outcome(await browser.call('POST', '/v1/session/totp/confirm', { code: '000000' }))).toEqual([
      422,
      'totp-code-wrong',
    ]);
    const now = Date.now();
    const confirmed = await browser.call('POST', '/v1/session/totp/confirm', { code: totpOf(secret, now) });
    const codes: string[] = confirmed.body.recoveryCodes;
    expect(codes).toHaveLength(10);
    expect(outcome(await new Browser().signIn(email))).toEqual([401, 'totp-needed']);
    expect(outcome(await new Browser().signIn(email, 'wrong wrong wrong', totpOf(secret)))).toEqual([
      401,
      'sign-in-failed',
    ]);
    // The code that confirmed it is used up; the next one is good once.
    expect(outcome(await new Browser().signIn(email, PASSWORD, totpOf(secret, now)))).toEqual([
      401,
      'totp-needed',
    ]);
    const next = totpOf(secret, now + 30_000);
    expect((await new Browser().signIn(email, PASSWORD, next)).status).toBe(200);
    expect(outcome(await new Browser().signIn(email, PASSWORD, next))).toEqual([401, 'totp-needed']);
    const recovery = codes[0] as string;
    expect((await new Browser().signIn(email, PASSWORD, recovery.toUpperCase())).status).toBe(200);
    expect(outcome(await new Browser().signIn(email, PASSWORD, recovery))).toEqual([401, 'totp-needed']);
    expect(
      (await browser.call('DELETE', '/v1/session/totp', { password: PASSWORD, code: codes[1] })).status,
    ).toBe(204);
    expect((await new Browser().signIn(email)).status).toBe(200);
  });

  it('is set up only with the password given just now', async () => {
    const { browser, id } = await ofPartner();
    await age(id);
    expect(outcome(await browser.call('POST', '/v1/session/totp'))).toEqual([403, 'reauthentication-needed']);
  });
});

/** As if the password had been given an hour ago. */
async function age(id: string): Promise<void> {
  await sql(`update sessions set authenticated_at = now() - interval '1 hour' where person_id = $1`, [id]);
  await sql(`insert into authority_changes (subject_type, subject_id) values ('person', $1)`, [id]);
  await service.nest.get(AuthorityWatch).look();
}

describe('passwords', () => {
  it('are changed by whoever knows the present one; every other session ends', async () => {
    const { browser, email } = await ofPartner();
    const elsewhere = new Browser();
    await elsewhere.signIn(email);
    const change = (password: string, newPassword: string) =>
      browser.call('POST', '/v1/session/password', { password, newPassword });
    expect(outcome(await change('wrong wrong wrong', 'eight quiet lanterns'))).toEqual([
      401,
      'sign-in-failed',
    ]);
    for (const weak of ['short', `${email.split('@')[0]} is here`, 'aaaaaaaaaaaaaaa'])
      expect(outcome(await change(PASSWORD, weak))).toEqual([422, 'password-weak']);
    expect((await change(PASSWORD, 'eight quiet lanterns')).status).toBe(204);
    expect((await browser.call('GET', '/v1/session')).status).toBe(200);
    expect((await elsewhere.call('GET', '/v1/session')).status).toBe(401);
    expect((await new Browser().signIn(email)).status).toBe(401);
    expect((await new Browser().signIn(email, 'eight quiet lanterns')).status).toBe(200);
  });

  it('are reset by a link from a mail, once, and sessions end; nobody learns who has an account', async () => {
    const { browser, email } = await ofPartner();
    const answers = [];
    for (const each of [email, 'nobody@school.example'])
      answers.push(await new Browser().call('POST', '/v1/password-resets', { email: each }));
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [202, ''],
      [202, ''],
    ]);
    expect((await new Browser().call('POST', '/v1/password-resets', { email: 'x' })).status).toBe(400);
    const mail = await eventually(
      async () => (await sql('select body from mails where recipients = $1', [[email]]))[0],
    );
    const code = codeOf(/https:\S+/.exec(mail.body)?.[0] ?? '');
    const guest = new Browser();
    const reset = await guest.call('POST', '/v1/person-links/accept', {
      code,
      password: 'nine quiet lanterns',
    });
    expect(reset.status).toBe(200);
    expect((await browser.call('GET', '/v1/session')).status).toBe(401);
    expect(
      (await guest.call('POST', '/v1/person-links/accept', { code, password: 'ten quiet lanterns' })).status,
    ).toBe(404);
    expect((await new Browser().signIn(email, 'nine quiet lanterns')).status).toBe(200);
    expect(await sql('select from mails where recipients = $1', [['nobody@school.example']])).toEqual([]);
  });
});

describe('revealing a token', () => {
  it('takes a person with the password given just now, and is logged and audited', async () => {
    const { id: grantId, token } = await directory.grant(app, await directory.district([]));
    const [{ id: tokenId }] = await sql('select id from tokens where grant_id = $1', [grantId]);
    const url = `/v1/tokens/${tokenId}/reveal`;
    const { browser, id } = await ofPartner('developer');
    const header = { 'hallpass-app': app.id };
    const shown = await browser.call('POST', url, {}, header);
    expect([shown.status, shown.body.token]).toEqual([200, token]);
    expect(await sql('select shown from token_reveals where person_id = $1', [id])).toEqual([{ shown: 1 }]);
    const audited = await sql(
      `select actor_id from audit_log where action = 'token.revealed' and subject_id = $1`,
      [tokenId],
    );
    expect(audited).toEqual([{ actor_id: id }]);
    await age(id);
    expect(outcome(await browser.call('POST', url, {}, header))).toEqual([403, 'reauthentication-needed']);
    const rotated = await browser.call('POST', `/v1/tokens/${tokenId}/rotate`, { graceSeconds: 60 }, header);
    expect([rotated.status, rotated.body.token]).toEqual([200, undefined]);
    await browser.call('POST', '/v1/session/reauthenticate', { password: PASSWORD });
    expect((await browser.call('POST', url, {}, header)).status).toBe(200);
    const { browser: viewer } = await ofPartner('viewer');
    expect(outcome(await viewer.call('POST', url, {}, header))).toEqual([403, 'permission-missing']);
    await sql(`update apps set reveal = 'never' where id = $1`, [app.id]);
    expect(outcome(await browser.call('POST', url, {}, header))).toEqual([403, 'permission-missing']);
    await sql(`update apps set reveal = 'always' where id = $1`, [app.id]);
  });
});

describe('a partner’s apps', () => {
  it('are listed with their settings, and changed by who may', async () => {
    const { browser } = await ofPartner('developer');
    const scope = { 'hallpass-partner': partner.id };
    const { body } = await browser.call('GET', '/v1/apps', undefined, scope);
    expect(body.data).toContainEqual(expect.objectContaining({ id: app.id, clientId: app.clientId }));
    const change = {
      purpose: 'To read',
      requestedFields: { school: 'all', user: ['name'] },
      requiredFields: {},
    };
    const changed = await browser.call('PATCH', `/v1/apps/${app.id}`, change, scope);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ purpose: 'To read', requiredFields: {} });
    expect((await browser.call('PATCH', `/v1/apps/${app.id}`, { purpose: 1 }, scope)).status).toBe(400);
    const foreign = await directory.app();
    expect(outcome(await browser.call('PATCH', `/v1/apps/${foreign.id}`, {}, scope))).toEqual([
      404,
      'not-found',
    ]);
    const { browser: viewer } = await ofPartner('viewer');
    expect((await viewer.call('PATCH', `/v1/apps/${app.id}`, {}, scope)).status).toBe(403);
  });
});

describe('the client secrets of a partner’s app', () => {
  const scope = () => ({ 'hallpass-partner': partner.id });
  const signIn = (secret: string) => service.call('GET', '/v1/grants', basic(app.clientId, secret));

  it('are rotated with a grace and ended by who may, with the password given just now', async () => {
    const { browser, id } = await ofPartner('developer');
    const url = `/v1/apps/${app.id}/client-secrets`;
    const before = (await browser.call('GET', url, undefined, scope())).body.data;
    expect(before.map((each: { state: string }) => each.state)).toEqual(['live']);
    const made = await browser.call('POST', `${url}/rotate`, { graceSeconds: 60 }, scope());
    expect([made.status, made.headers['cache-control'], made.body.replaces]).toEqual([
      200,
      'no-store',
      before[0].id,
    ]);
    const { clientSecret: fresh, clientSecretId: freshId } = made.body;
    expect([(await signIn(app.clientSecret)).status, (await signIn(fresh)).status]).toEqual([200, 200]);
    expect(outcome(await browser.call('POST', `${url}/rotate`, {}, scope()))).toEqual([
      409,
      'rotation-running',
    ]);
    const ended = await browser.call('POST', `${url}/${before[0].id}/grace`, { graceSeconds: 0 }, scope());
    expect([ended.status, ended.body.state]).toEqual([200, 'retired']);
    expect(ended.text).not.toContain('lookup');
    await service.nest.get(AuthorityWatch).look();
    expect((await signIn(app.clientSecret)).status).toBe(401);
    await age(id);
    for (const what of ['rotate', `${freshId}/revoke`])
      expect(outcome(await browser.call('POST', `${url}/${what}`, {}, scope()))).toEqual([
        403,
        'reauthentication-needed',
      ]);
    await browser.call('POST', '/v1/session/reauthenticate', { password: PASSWORD });
    const revoked = await browser.call('POST', `${url}/${freshId}/revoke`, {}, scope());
    expect([revoked.status, revoked.body.state]).toEqual([200, 'revoked']);
    app.clientSecret = revoked.body.successor.clientSecret;
    await service.nest.get(AuthorityWatch).look();
    expect([(await signIn(fresh)).status, (await signIn(app.clientSecret)).status]).toEqual([401, 200]);
    const audited = await sql(
      `select distinct actor_id from audit_log where subject_type = 'client-secret' and subject_id = $1`,
      [freshId],
    );
    expect(audited).toEqual([{ actor_id: id }]);
  });

  it('are not another partner’s, nor a viewer’s to change, nor the app’s server’s', async () => {
    const { browser } = await ofPartner();
    const { browser: viewer } = await ofPartner('viewer');
    const foreign = await directory.app();
    const own = `/v1/apps/${app.id}/client-secrets`;
    const [{ id }] = (await browser.call('GET', own, undefined, scope())).body.data;
    const calls = [
      ['GET', ''],
      ['POST', '/rotate'],
      ['POST', `/${id}/grace`],
      ['POST', `/${id}/revoke`],
    ] as const;
    for (const [method, path] of calls) {
      const body = path.endsWith('grace') ? { graceSeconds: 0 } : method === 'GET' ? undefined : {};
      const shown = [];
      for (const theirs of [foreign.id, 'f'.repeat(24)]) {
        const answer = await browser.call(method, `/v1/apps/${theirs}/client-secrets${path}`, body, scope());
        expect(outcome(answer)).toEqual([404, 'not-found']);
        shown.push(answer.text.replace(/"requestId":"[^"]*"/, ''));
      }
      expect(shown[0]).toBe(shown[1]);
      const asViewer = await viewer.call(method, `${own}${path}`, body, scope());
      expect(asViewer.status).toBe(method === 'GET' ? 200 : 403);
      expect((await service.call(method, `${own}${path}`, app, body)).status).toBe(401);
    }
    expect((await browser.call('POST', `${own}/${id}/grace`, { graceSeconds: -1 }, scope())).status).toBe(
      400,
    );
    expect((await browser.call('POST', `${own}/rotate`, { ageDays: 0 }, scope())).status).toBe(400);
    const absent = `${own}/${'f'.repeat(24)}/revoke`;
    expect(outcome(await browser.call('POST', absent, {}, scope()))).toEqual([404, 'not-found']);
  });
});

describe('people’s secrets', () => {
  it('stand in no table and no log', async () => {
    const { browser, email } = await ofPartner();
    const { secret } = (await browser.call('POST', '/v1/session/totp')).body;
    const { recoveryCodes } = (
      await browser.call('POST', '/v1/session/totp/confirm', { code: totpOf(secret) })
    ).body;
    await new Browser().signIn(email, 'a wrong password here');
    const { code } = await invitePerson(
      directory.dataSource,
      directory.keys,
      { scope: partner, email: anEmail(), role: 'viewer' },
      SYSTEM,
    );
    const secrets = [
      browser.cookie,
      browser.csrf,
      secret,
      ...recoveryCodes,
      PASSWORD,
      'a wrong password here',
      code,
    ];
    const tables = await sql(`select tablename t from pg_tables where schemaname = 'public'`);
    for (const { t } of tables) {
      const rows = JSON.stringify(await sql(`select r::text from "${t}" r`));
      for (const each of secrets) expect([t, rows.includes(String(each))]).toEqual([t, false]);
    }
    const [{ log }] = [{ log: service.log.join('\n') }];
    for (const each of [...secrets, email]) expect(log).not.toContain(String(each));
    const audit = JSON.stringify(await sql('select before, after from audit_log'));
    expect(audit).not.toContain('@school.example');
  });
});
