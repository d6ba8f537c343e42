import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { invitePerson, openSession, openViewing } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newSecret, type Id, type MemberRole, type PartnerId, type PersonId } from '@hallpass/domain';
import { AuthorityWatch, Sessions, openApiOf } from '@hallpass/service-kit';
import { TestTokenService, type Answer, type Method } from './fixtures.js';

const REASON = 'to help with a question about tokens';
let directory: TestDirectory;
let service: TestTokenService;
let app: TestApp;
let sibling: TestApp;
let district: TestDistrict;
let partnerId: PartnerId;
let people = 0;
let addresses = 0;

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads rows of every shape
const sql = (text: string, values: unknown[] = []) => directory.dataSource.query<any[]>(text, values);

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  app = await directory.app();
  sibling = await directory.app();
  district = await directory.district();
  await directory.grant(app, district);
  partnerId = (await sql('select partner_id id from apps where id = $1', [app.id]))[0].id;
  await sql(`update apps set partner_id = $2, name = 'The sibling' where id = $1`, [sibling.id, partnerId]);
});
afterAll(async () => {
  await service.close();
  await directory.close();
});
beforeEach(() => {
  addresses += 1;
});

/** Staff, who are an operator besides. */
async function staff(role: MemberRole = 'operator') {
  const command = {
    scope: { type: 'staff' },
    email: `s${(people += 1)}@x.example`,
    role,
    name: `Sam ${people}`,
  } as const;
  const { member } = await invitePerson(directory.dataSource, directory.keys, command, SYSTEM);
  const [{ id: operatorId, name }] = await sql('select id, name from operators where person_id = $1', [
    member.id,
  ]);
  return { personId: member.id, operatorId: operatorId as Id<'operator'>, name: name as string };
}

const opened = async (place: { type: 'app' | 'district'; id: string }, operatorId: Id<'operator'>) => {
  const actor = { type: 'operator', id: operatorId, requestId: 'req_1' } as const;
  return openViewing(directory.dataSource, directory.keys, { operatorId, place, reason: REASON }, actor);
};
const placeOf = (type: 'app' | 'district') => ({ type, id: type === 'app' ? app.id : district.id });

const begin = (code: string, headers: Record<string, string> = {}): Promise<Answer> =>
  service.call('POST', '/v1/viewings/begin', undefined, { code }, { headers, from: `10.6.0.${addresses}` });
const cookieOf = ({ headers }: Answer) =>
  /hallpass=([^;]*)/.exec(JSON.stringify(headers['set-cookie'] ?? ''))?.[1];

/** A call by a session, with the word that goes with its cookie. */
function by(session: string, method: Method, url: string, scope: Record<string, string> = {}, body?: object) {
  const csrf = service.nest.get(Sessions).csrfToken(session);
  const headers = { cookie: `hallpass=${session}`, 'hallpass-csrf': csrf, ...scope };
  return service.call(method, url, undefined, body, { headers });
}

/** A session of staff who look at the app or the district. */
async function looking(type: 'app' | 'district') {
  const who = await staff();
  const answer = await begin((await opened(placeOf(type), who.operatorId)).code);
  return { ...who, session: cookieOf(answer) as string, body: answer.body };
}

const asApp = () => ({ 'hallpass-app': app.id });
const asDistrict = () => ({ 'hallpass-district': district.id });
const outcome = ({ status, body }: Answer) => [status, body?.code];

describe('staff who look at pages', () => {
  it.each(['app', 'district'] as const)(
    'see those of the %s, as its viewers do, and who looks is said',
    async (type) => {
      const { body, session, name, personId } = await looking(type);
      expect(body.actingAs).toMatchObject({
        staffName: name,
        reason: REASON,
        place: type,
        id: placeOf(type).id,
      });
      expect(Date.parse(body.actingAs.until) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
      expect(Date.parse(body.actingAs.until) - Date.now()).toBeGreaterThan(14 * 60_000);
      expect(body.memberships.staff).toBeNull();
      const roles = [...body.memberships.partners, ...body.memberships.districts].map(
        ({ role }: { role: string }) => role,
      );
      expect(roles).toEqual(['viewer']);
      const [url, scope] = type === 'app' ? ['/v1/tokens', asApp()] : ['/v1/district/grants', asDistrict()];
      const seen = await by(session, 'GET', url, scope);
      expect([seen.status, seen.body.data.length]).toEqual([200, 1]);
      // What they belong to themselves, and what else there is, is not theirs to see this way.
      await sql(`insert into district_members (district_id, person_id, role) values ($1, $2, 'owner')`, [
        (await directory.district([])).id,
        personId,
      ]);
      const others = {
        'hallpass-district': (
          await sql('select district_id id from district_members where person_id = $1', [personId])
        )[0].id,
      };
      expect((await by(session, 'GET', '/v1/district/grants', others)).status).toBe(404);
      expect((await by(session, 'GET', '/v1/tokens', { 'hallpass-app': sibling.id })).status).toBe(404);
      const [elsewhere, of] =
        type === 'app' ? ['/v1/district/grants', asDistrict()] : ['/v1/tokens', asApp()];
      expect((await by(session, 'GET', elsewhere, of)).status).toBe(404);
    },
  );

  it('of one app are shown no other of its partner, neither by name nor by id', async () => {
    await looking('app');
    const other = await staff();
    await begin((await opened({ type: 'app', id: sibling.id }, other.operatorId)).code);
    const { session } = await looking('app');
    const asPartner = { 'hallpass-partner': partnerId };
    for (const scope of [asApp(), asPartner])
      for (const url of ['/v1/apps', '/v1/viewings', '/v1/people', '/v1/session']) {
        const { status, text } = await by(session, 'GET', url, scope);
        expect([url, status]).toEqual([url, 200]);
        expect(text).not.toMatch(new RegExp(`${sibling.id}|The sibling`));
      }
    const { data } = (await by(session, 'GET', '/v1/apps', asPartner)).body;
    expect(data.map(({ id }: { id: string }) => id)).toEqual([app.id]);
    expect((await by(session, 'GET', `/v1/apps/${app.id}/client-secrets`, asPartner)).status).toBe(200);
    // Exactly as what is not there.
    const ABSENT = 'f'.repeat(24);
    const answers = async (id: string) => [
      await by(session, 'GET', `/v1/apps/${id}/client-secrets`, asPartner),
      ...(await Promise.all(
        ['/v1/apps', '/v1/viewings', '/v1/people'].map((url) =>
          by(session, 'GET', url, { 'hallpass-app': id }),
        ),
      )),
    ];
    const told = (all: Answer[]) => all.map(({ status, body }) => ({ ...body, status, requestId: '' }));
    const absent = told(await answers(ABSENT));
    expect(told(await answers(sibling.id))).toEqual(absent);
    expect(absent.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    // A member of the partner is shown all.
    const own = (await by(await memberOf('partner'), 'GET', '/v1/apps', asPartner)).body.data;
    expect(own).toHaveLength(2);
  });

  it.each(['app', 'district'] as const)(
    'change nothing of the %s by any route there is, and are shown no secret',
    async (type) => {
      const { session } = await looking(type);
      const scope = type === 'app' ? asApp() : asDistrict();
      const { paths } = openApiOf(service.nest, '', '');
      const routes = Object.entries(paths).flatMap(([path, verbs]) =>
        Object.keys(verbs).map((verb) => [verb.toUpperCase() as Method, path] as const),
      );
      const changing = routes.filter(([method]) => method !== 'GET');
      expect(changing.length).toBeGreaterThan(30);
      const state = async () => {
        const tables = [
          'audit_log',
          'authority_changes',
          'tokens',
          'grants',
          'webhooks',
          'invitations',
          'people',
          'token_reveals',
          'previews',
        ];
        const counts = tables.map((table) => `(select count(*)::int from ${table}) ${table}`);
        return (
          await sql(
            `select ${counts.join(', ')}, (select max(xmin::text::bigint) from grants) g, (select max(xmin::text::bigint) from tokens) t`,
          )
        )[0];
      };
      const [token] = await sql(
        'select t.id, g.id "grantId" from tokens t join grants g on g.id = t.grant_id where g.app_id = $1',
        [app.id],
      );
      const before = await state();
      const allowed: string[] = [];
      for (const [method, path] of changing) {
        if (method === 'DELETE' && path === '/v1/session') continue;
        const url = path.replace(/\{(\w+)\}/g, path.includes('grants') ? token.grantId : token.id);
        const answer = await by(session, method, url, scope, method === 'DELETE' ? undefined : {});
        if (answer.status === 403 && answer.body.code === 'viewing-only') continue;
        allowed.push(`${method} ${path} ${answer.status}`);
        expect(answer.text).not.toMatch(/hp(tok|key|sec|ops|acc|inv|cod)_/);
      }
      // These look at no session: they are for servers with a secret of their own, or for whoever has a password or a link.
      expect(allowed.sort()).toEqual([
        'POST /oauth/introspect 401',
        'POST /oauth/revoke 401',
        'POST /oauth/token 401',
        'POST /oauth/tokens 401',
        'POST /v1/exposed-tokens 400',
        'POST /v1/password-resets 400',
        'POST /v1/person-links/accept 400',
        'POST /v1/person-links/look-up 400',
        'POST /v1/session 400',
        'POST /v1/viewings/begin 400',
      ]);
      expect(await state()).toEqual(before);
      // Nor by what a browser sends in the place of another method, or without the word that goes with the cookie.
      const odd: Record<string, string>[] = [{ 'x-http-method-override': 'GET' }, { 'hallpass-csrf': 'x' }];
      for (const headers of odd) {
        const answer = await by(session, 'POST', `/v1/tokens/${token.id}/reveal`, { ...scope, ...headers });
        expect(outcome(answer)).toEqual([403, 'viewing-only']);
      }
      for (const [method, path] of routes.filter(([each]) => each === 'GET')) {
        const { text } = await by(session, method, path.replace(/\{(\w+)\}/g, token.id), scope);
        expect([path, /hp(tok|key|sec|ops|acc|inv|cod|ses)_[0-9A-Za-z]{49}/.test(text)]).toEqual([
          path,
          false,
        ]);
      }
    },
  );

  it('may leave, and then see nothing more; both sides have it in writing', async () => {
    const { session, operatorId, name } = await looking('district');
    expect((await by(session, 'DELETE', '/v1/session?x=1')).status).toBe(403);
    expect((await by(session, 'DELETE', '/v1/session')).status).toBe(204);
    expect((await by(session, 'GET', '/v1/session')).status).toBe(401);
    const entries = await sql(
      `select action, subject_type, subject_id, district_id, after ->> 'reason' reason from audit_log
       where actor_type = 'operator' and actor_id = $1 order by id`,
      [operatorId],
    );
    const of = {
      subject_type: 'district',
      subject_id: district.id,
      district_id: district.id,
      reason: REASON,
    };
    expect(entries).toEqual(
      ['opened', 'begun', 'ended'].map((each) => ({ action: `viewing.${each}`, ...of })),
    );
    const { data } = (await by(await memberOf('district'), 'GET', '/v1/viewings', asDistrict())).body;
    expect(data[0]).toMatchObject({
      operatorName: name,
      reason: REASON,
      app: null,
      endedAt: expect.any(String),
    });
    expect(JSON.stringify(data)).not.toContain(operatorId);
  });

  it('a partner’s people see who looked at which app; others do not', async () => {
    const { name } = await looking('app');
    const { data } = (await by(await memberOf('partner'), 'GET', '/v1/viewings', asApp())).body;
    expect(data[0]).toMatchObject({ operatorName: name, app: { id: app.id }, endedAt: null });
    const elsewhere = await directory.app();
    const stranger = await memberOf(
      'partner',
      (await sql('select partner_id id from apps where id = $1', [elsewhere.id]))[0].id,
    );
    expect((await by(stranger, 'GET', '/v1/viewings', { 'hallpass-app': elsewhere.id })).body.data).toEqual(
      [],
    );
    expect((await by(stranger, 'GET', '/v1/viewings', asApp())).status).toBe(404);
    expect((await by(stranger, 'GET', '/v1/viewings')).status).toBe(400);
    expect((await service.call('GET', '/v1/viewings')).status).toBe(401);
  });

  it('are signed out after a quarter of an hour, however much they look', async () => {
    const { session, personId } = await looking('app');
    const age = async (minutes: number) => {
      await sql(
        `update sessions set created_at = now() - make_interval(mins => $2), seen_at = now() where person_id = $1`,
        [personId, minutes],
      );
      await forget(personId);
      return (await by(session, 'GET', '/v1/session')).status;
    };
    expect([await age(14), await age(15)]).toEqual([200, 401]);
  });

  it.each([
    ['is staff no longer', 'update operators set disabled_at = now() where person_id = $1'],
    ['has become an auditor', `update operators set role = 'auditor' where person_id = $1`],
    ['is disabled', 'update people set disabled_at = now() where id = $1'],
  ])('see nothing more as soon as one of them %s, and come in no more', async (_, change) => {
    const { session, personId, operatorId } = await looking('app');
    const { code } = await opened(placeOf('app'), operatorId);
    await sql(change, [personId]);
    await forget(personId);
    expect((await by(session, 'GET', '/v1/session')).status).toBe(401);
    expect(outcome(await begin(code))).toEqual([404, 'not-found']);
  });

  it('come in once by a code, within a minute, from these pages', async () => {
    const { operatorId } = await staff();
    const used = await opened(placeOf('app'), operatorId);
    expect((await begin(used.code, { origin: 'https://evil.example' })).status).toBe(403);
    const both = await Promise.all([begin(used.code), begin(used.code)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404]);
    const late = await opened(placeOf('app'), operatorId);
    await sql(`update viewings set created_at = now() - interval '61 seconds' where id = $1`, [late.id]);
    for (const code of [used.code, late.code, newSecret('viewing'), newSecret('personLink'), 'x'])
      expect(outcome(await begin(code))).toEqual([404, 'not-found']);
    const kept =
      JSON.stringify(await sql('select * from viewings')) +
      JSON.stringify(await sql('select * from audit_log'));
    expect(kept).not.toContain(used.code);
  });

  it('end whatever session the browser had, and have one that is new', async () => {
    const mine = await memberOf('district');
    const { operatorId } = await staff();
    const answer = await begin((await opened(placeOf('app'), operatorId)).code, {
      cookie: `hallpass=${mine}`,
    });
    expect(cookieOf(answer)).not.toBe(mine);
    expect(String(answer.headers['set-cookie'])).toContain('Max-Age=900; HttpOnly; SameSite=Strict');
    expect((await by(mine, 'GET', '/v1/session')).status).toBe(401);
  });

  it('are persons: an operator token opens none, and nothing opens what is not there', async () => {
    await directory.operator('administrator');
    const [{ id }] = await sql('select id from operators where person_id is null limit 1');
    await expect(opened(placeOf('app'), id)).rejects.toThrow('operator token');
    const { operatorId } = await staff();
    await expect(opened({ type: 'app', id: 'f'.repeat(24) }, operatorId)).rejects.toThrow('No app');
  });

  it('are refused for a while after too many codes that are none', async () => {
    const seen = new Set<number>();
    for (let i = 0; i < 200 && !seen.has(429); i += 1) seen.add((await begin(newSecret('viewing'))).status);
    expect([...seen]).toEqual([404, 429]);
  });
});

it('a person is held to their own limit at what is for members', async () => {
  const session = await memberOf('district');
  await sql(`insert into rate_policies values ('person', 'address', 2, 60, 'enforce')`);
  await sql(`insert into authority_changes (subject_type, subject_id) values ('rules', 'person')`);
  await service.nest.get(AuthorityWatch).look();
  const statuses = [];
  for (let i = 0; i < 3; i += 1) statuses.push(outcome(await by(session, 'GET', '/v1/people', asDistrict())));
  expect(statuses).toEqual([
    [200, undefined],
    [200, undefined],
    [429, 'rate-limited'],
  ]);
  const other = await by(await memberOf('district'), 'GET', '/v1/viewings', asDistrict());
  expect(other.status).toBe(200);
});

async function forget(personId: PersonId): Promise<void> {
  await sql(`insert into authority_changes (subject_type, subject_id) values ('person', $1)`, [personId]);
  await service.nest.get(AuthorityWatch).look();
}

/** A session of somebody of the district, or of a partner. */
async function memberOf(
  type: 'district' | 'partner',
  id: string = type === 'district' ? district.id : partnerId,
) {
  const scope = { type, id } as { type: 'district'; id: typeof district.id };
  const command = { scope, email: `m${(people += 1)}@x.example`, role: 'viewer' } as const;
  const { member } = await invitePerson(directory.dataSource, directory.keys, command, SYSTEM);
  return openSession(directory.dataSource, directory.keys, { personId: member.id, audience: 'portal' });
}
