import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { moveGrant } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp } from '@hallpass/database/testing';
import { TestTokenService } from './fixtures.js';

/** The districts of an app, as the service searches, sorts and pages them. */
let directory: TestDirectory;
let service: TestTokenService;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  app = await directory.app();
  for (const name of ['Elm', 'Ash', 'Oak', 'Fir 100%']) {
    const district = await directory.district([]);
    const grant = await directory.grant(app, district);
    await directory.dataSource.query('update districts set name = $2 where id = $1', [district.id, name]);
    if (name === 'Oak') await moveGrant(directory.dataSource, grant.id, 'pause', SYSTEM);
    if (name === 'Ash')
      await directory.dataSource.query(
        `insert into credential_uses (credential_type, credential_id, address, user_agent, first_at, last_at, uses)
         select 'token', id, '192.0.2.1', 'x', now(), now(), 3 from tokens where grant_id = $1`,
        [grant.id],
      );
  }
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

interface Page {
  data: {
    name: string;
    state: string;
    grantId: string;
    token: { masked: string } | null;
    lastUsedAt: string | null;
  }[];
  next: string | null;
  counts: Record<string, number>;
  usedLately: number;
}
const list = async (query: string) => (await service.call('GET', `/v1/districts?${query}`, app)).body as Page;

it('come by name, each with its state and its newest token, and are counted', async () => {
  const { data, next, counts, usedLately } = await list('');
  expect(data.map(({ name, state }) => [name, state])).toEqual([
    ['Ash', 'live'],
    ['Elm', 'unused'],
    ['Fir 100%', 'unused'],
    ['Oak', 'paused'],
  ]);
  expect(data.map(({ token }) => token?.masked.startsWith('hptok_'))).toEqual([true, true, true, true]);
  expect(data.map(({ lastUsedAt }) => lastUsedAt !== null)).toEqual([true, false, false, false]);
  expect([next, counts, usedLately]).toEqual([null, { live: 1, unused: 2, paused: 1 }, 1]);
});

it('are paged without gap and twice none, of each state too', async () => {
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: Page = await list(`limit=1${next && `&startingAfter=${next}`}`);
    seen.push(...page.data.map(({ name }) => name));
    next = page.next;
  }
  expect(seen).toEqual(['Ash', 'Elm', 'Fir 100%', 'Oak']);
  const unused = await list('state=unused&limit=1');
  expect(unused.data.map(({ name }) => name)).toEqual(['Elm']);
  expect(
    (await list(`state=unused&limit=1&startingAfter=${unused.next}`)).data.map(({ name }) => name),
  ).toEqual(['Fir 100%']);
});

it('are found by a part of the name, in which no sign is special', async () => {
  expect((await list('search=a')).data.map(({ name }) => name)).toEqual(['Ash', 'Oak']);
  expect((await list(`search=${encodeURIComponent('0%')}`)).data.map(({ name }) => name)).toEqual([
    'Fir 100%',
  ]);
  expect((await list(`search=${encodeURIComponent('%')}`)).data).toHaveLength(1);
  expect((await list('search=_')).data).toEqual([]);
});

it('of which one is no more do not go on from it: 400', async () => {
  const { status, body } = await service.call('GET', `/v1/districts?startingAfter=${'f'.repeat(24)}`, app);
  expect([status, body.code]).toEqual([400, 'cursor-invalid']);
});
