import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SYSTEM, TestDirectory } from '@hallpass/database/testing';
import { invitePerson, openSession } from '@hallpass/database';
import type { MemberRole, PersonId } from '@hallpass/domain';
import { AuthorityWatch, Sessions, createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { admin } from '../src/admin.js';
import { AdminConfig } from '../src/config.js';

const PASSWORD = 'seven quiet lanterns';
let directory: TestDirectory;
let service: NestFastifyApplication;
let people = 0;

beforeAll(async () => {
  directory = await TestDirectory.open();
  const env = { ...directory.environment, MOVABLE_CLOCK: 'true' };
  service = await createService(admin(readConfig(AdminConfig, env), true));
  await service.init();
  await service.getHttpAdapter().getInstance().ready();
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

const anEmail = () => `staff${(people += 1)}@hallpass.example`;

async function call(method: string, url: string, payload?: object, cookie?: string, headers: object = {}) {
  const csrf = cookie === undefined ? {} : { 'hallpass-csrf': service.get(Sessions).csrfToken(cookie) };
  const answer = await service.inject({
    method: method as 'GET',
    url,
    headers: { ...(cookie === undefined ? {} : { cookie: `hallpass-staff=${cookie}` }), ...csrf, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  const set = /^hallpass-staff=([^;]*)/.exec(String(answer.headers['set-cookie'] ?? ''))?.[1];
  return { status: answer.statusCode, body: answer.body === '' ? undefined : JSON.parse(answer.body), set };
}

/** A member of staff who has followed the invitation. */
async function staff(role: MemberRole, email = anEmail()) {
  const command = { scope: { type: 'staff' }, email, role } as const;
  const { code, member } = await invitePerson(directory.dataSource, directory.keys, command, SYSTEM);
  const { set } = await call('POST', '/v1/person-links/accept', { code, password: PASSWORD });
  return { id: member.id, email, cookie: set as string };
}

describe('staff who sign in', () => {
  it.each([
    ['auditor', 200, 403, 403],
    ['operator', 200, 201, 403],
    ['administrator', 200, 201, 201],
  ] as const)('as %s may what the role permits', async (role, read, operate, administer) => {
    const { cookie } = await staff(role);
    const name = `by ${role}`;
    expect((await call('GET', '/v1/partners', undefined, cookie)).status).toBe(read);
    expect((await call('POST', '/v1/partners', { name }, cookie)).status).toBe(operate);
    const invited = await call('POST', '/v1/people', { email: anEmail(), role: 'auditor' }, cookie);
    expect(invited.status).toBe(administer);
  });

  it('change nothing without the CSRF token of the session', async () => {
    const { cookie } = await staff('operator');
    for (const csrf of ['', 'x', service.get(Sessions).csrfToken((await staff('operator')).cookie)]) {
      const refused = await call('POST', '/v1/partners', { name: 'n' }, cookie, { 'hallpass-csrf': csrf });
      expect([refused.status, refused.body.code]).toEqual([403, 'csrf-refused']);
    }
  });

  it('are staff: nobody else signs in here, and a session of the portal opens nothing', async () => {
    const { email, cookie, id } = await staff('administrator');
    const session = await call('POST', '/v1/session', { email, password: PASSWORD });
    expect(session.body.memberships.staff.role).toBe('administrator');
    await staff('administrator');
    expect((await call('DELETE', `/v1/people/${id}`, undefined, cookie)).status).toBe(204);
    expect((await call('GET', '/v1/partners', undefined, session.set)).status).toBe(403);
    const again = await call('POST', '/v1/session', { email, password: PASSWORD });
    expect([again.status, again.body.code]).toEqual([401, 'sign-in-failed']);
    const portal = await openSession(directory.dataSource, directory.keys, {
      personId: id,
      audience: 'portal',
    });
    expect((await call('GET', '/v1/session', undefined, portal)).status).toBe(401);
  });

  it.each([
    ['an hour unused', `seen_at = now() - interval '61 minutes', created_at = now() - interval '2 hours'`],
    ['twelve hours', `created_at = now() - interval '13 hours'`],
  ])('are signed out after %s', async (_, change) => {
    const { id, cookie } = await staff('auditor');
    await directory.dataSource.query(`update sessions set ${change} where person_id = $1`, [id]);
    await directory.dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('person', $1)`,
      [id satisfies PersonId],
    );
    await service.get(AuthorityWatch).look();
    expect((await call('GET', '/v1/session', undefined, cookie)).status).toBe(401);
  });

  it('invite the first owner of a partner, whose mail the demo shows', async () => {
    const { cookie } = await staff('operator');
    const { body: partner } = await call('POST', '/v1/partners', { name: 'Invited Partner' }, cookie);
    const email = anEmail();
    const url = `/v1/partners/${partner.id}/people`;
    const invited = await call('POST', url, { email, role: 'owner' }, cookie);
    expect([invited.status, invited.body.isHere]).toEqual([201, false]);
    expect(invited.body.link).toMatch(/^http:\/\/127\.0\.0\.1:4001\/link#hplnk_/);
    const { body: mails } = await call('GET', '/v1/demo/mails');
    expect(mails.data[0]).toMatchObject({
      recipients: [email],
      body: expect.stringContaining(invited.body.link),
    });
    expect((await call('GET', url, undefined, cookie)).body.data).toHaveLength(1);
  });
});
