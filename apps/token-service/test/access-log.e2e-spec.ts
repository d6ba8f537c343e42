import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordUsage, type ServedRecords } from '@hallpass/database';
import { TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { RECORD_KINDS } from '@hallpass/domain';
import { TestTokenService } from './fixtures.js';

let directory: TestDirectory;
let service: TestTokenService;
let district: TestDistrict;
let apps: [TestApp, TestApp];
let portal: string;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  [district, apps] = [await directory.district([]), [await directory.app(), await directory.app()]];
  apps.sort((a, b) => (a.id < b.id ? -1 : 1));
  portal = `Bearer ${await directory.portalToken(district)}`;
  const served: ServedRecords[] = apps.flatMap((app, i) =>
    ['2026-09-29', '2026-09-30', '2026-10-01'].flatMap((day) =>
      RECORD_KINDS.map((kind, j) => ({
        day,
        app: app.id,
        district: district.id,
        type: i === 0 ? ('token' as const) : ('api-key' as const),
        kind,
        calls: j + 1,
        records: 10 * (j + 1),
      })),
    ),
  );
  const others = served.map((each) => ({ ...each, district: 'f'.repeat(24) as TestDistrict['id'] }));
  await recordUsage(directory.dataSource, { calls: [], served: [...served, ...others] });
  await directory.dataSource.query('update apps set name = $2 where id = $1', [
    apps[1].id,
    '=HYPERLINK("http://x.example","Click, me")',
  ]);
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

const LINES = 2 * 3 * RECORD_KINDS.length;
const ask = (query = '') => service.call('GET', `/v1/district/access-log${query && `?${query}`}`, portal);
const csv = (query: string, headers: Record<string, string> = {}) =>
  service.nest.inject({
    url: `/v1/district/access-log${query && `?${query}`}`,
    headers: { authorization: portal, ...headers },
  });

describe('a district’s access log', () => {
  it('says by app, day and kind how many records were served, the newest first, and of no other district', async () => {
    const { status, body } = await ask('limit=1000');
    expect([status, body.data.length, body.next]).toEqual([200, LINES, null]);
    const days = body.data.map(({ day }: { day: string }) => day);
    expect(days).toEqual([...days].sort((a: string, b: string) => (a < b ? 1 : -1)));
    expect(
      body.data.find(
        (each: { kind: string; app: { id: string } }) => each.kind === 'user' && each.app.id === apps[0].id,
      ),
    ).toEqual({
      day: '2026-10-01',
      app: { id: apps[0].id, name: 'an app' },
      credentialType: 'token',
      kind: 'user',
      calls: RECORD_KINDS.indexOf('user') + 1,
      records: 10 * (RECORD_KINDS.indexOf('user') + 1),
    });
    const another = `Bearer ${await directory.portalToken(await directory.district([]))}`;
    expect((await service.call('GET', '/v1/district/access-log', another)).body).toEqual({
      data: [],
      next: null,
    });
  });

  it('is read page by page, each line once, however large the pages', async () => {
    const whole = (await ask('limit=1000')).body.data;
    for (const limit of [1, 5, 7, LINES - 1, LINES]) {
      const lines = [];
      let next: string | null = '';
      while (next !== null) {
        const { body } = await ask(`limit=${limit}${next && `&startingAfter=${next}`}`);
        lines.push(...body.data);
        ({ next } = body);
      }
      expect(lines).toEqual(whole);
    }
  });

  it.each([
    ['from=2026-09-30', 2],
    ['to=2026-09-29', 1],
    ['from=2026-09-30&to=2026-09-30', 1],
    ['from=2026-10-02', 0],
  ])('is of the days of %s', async (query, days) => {
    expect((await ask(`${query}&limit=1000`)).body.data).toHaveLength((days * LINES) / 3);
  });

  it('is of one app when it is asked so', async () => {
    const { body } = await ask(`appId=${apps[1].id}&limit=1000`);
    expect(body.data).toHaveLength(LINES / 2);
    expect(new Set(body.data.map((each: { credentialType: string }) => each.credentialType))).toEqual(
      new Set(['api-key']),
    );
  });

  it('is a file for spreadsheets too, in which the name of an app is no formula', async () => {
    const asked = await csv('format=csv');
    expect([asked.statusCode, asked.headers['content-type'], asked.headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      `attachment; filename="access-log-${district.id}.csv"`,
    ]);
    const lines = asked.body.split('\r\n');
    expect(lines[0]).toBe('day,app id,app,credential,kind,answers,records');
    expect(lines).toHaveLength(LINES + 2);
    expect(
      lines.find((line) => line.startsWith(`2026-10-01,${apps[1].id}`) && line.includes(',user,')),
    ).toContain(`,"'=HYPERLINK(""http://x.example"",""Click, me"")",api-key,user,`);
    expect(asked.body).not.toContain(',"=HYPERLINK');
    expect((await csv('', { accept: 'text/csv' })).body).toBe(asked.body);
    const some = await csv('from=2026-10-01', { accept: 'text/csv; q=1, application/json; q=0.5' });
    expect(some.body.split('\r\n')).toHaveLength(LINES / 3 + 2);
    // What names both asks for JSON.
    expect((await csv('format=json', { accept: 'text/csv' })).headers['content-type']).toContain(
      'application/json',
    );
  });

  it('is whole in the file when it has more lines than are read at once', async () => {
    const large = await directory.district([]);
    await directory.dataSource.query(
      `insert into served_days (district_id, day, app_id, credential_type, kind, calls, records)
       select $1, '2024-01-01'::date + n, $2, 'token', 'user', 1, n from generate_series(1, 2500) n`,
      [large.id, apps[0].id],
    );
    const authorization = `Bearer ${await directory.portalToken(large)}`;
    const { body } = await service.nest.inject({
      url: '/v1/district/access-log?format=csv',
      headers: { authorization },
    });
    const numbers = body
      .split('\r\n')
      .slice(1, -1)
      .map((line) => Number(line.split(',').at(-1)));
    expect(numbers).toEqual(Array.from({ length: 2500 }, (_, each) => 2500 - each));
  });
});
