import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { recordUsage, rows } from '@hallpass/database';
import { TestDirectory, type TestApp, type TestDistrict } from '@hallpass/database/testing';
import { newId, type TokenId } from '@hallpass/domain';
import { Publishing, TestTokenService } from './fixtures.js';

let directory: TestDirectory;
let service: TestTokenService;
let publishing: Publishing;
let district: TestDistrict;
let portal: string;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
  publishing = new Publishing(directory);
  district = await directory.district();
  portal = `Bearer ${await directory.portalToken(district)}`;
  app = await directory.app();
});
afterAll(async () => {
  await publishing.stop();
  await service.close();
  await directory.close();
});

const preview = (body: object) => service.call('POST', '/v1/district/preview', portal, body);
const countsOf = ({ body }: Awaited<ReturnType<typeof preview>>) =>
  Object.fromEntries(
    body.counts.map(({ kind, shown, of, vanishing }: Record<string, unknown>) => [
      kind,
      [shown, of, vanishing],
    ]),
  );

it('a choice is seen before it is made: in numbers, and record by record', async () => {
  const selection = { type: 'schools', schoolIds: [district.idOf('school', 'A')] };
  const answer = await preview({ appId: app.id, selection, hideFields: ['student.dob'], kind: 'school' });
  expect(answer.status).toBe(200);
  expect(countsOf(answer)).toMatchObject({ school: [1, 2, 0] });
  expect(answer.body.page).toMatchObject({ records: [{ title: 'Alder School' }], next: null });
  expect(JSON.stringify(answer.body.fields)).toContain('"roles.student.gender"');
  expect(JSON.stringify(answer.body.fields)).not.toContain('"roles.student.dob"');
  // Nothing stays behind, and nothing was shared.
  expect(await rows(directory.dataSource, 'select from previews')).toEqual([]);
  expect(await rows(directory.dataSource, 'select from grants where app_id = $1', [app.id])).toEqual([]);
});

it('a narrowing says who would vanish', async () => {
  const other = await directory.app();
  const { id } = await directory.grant(other, district);
  const selection = { type: 'schools', schoolIds: [district.idOf('school', 'A')] };
  const answer = await preview({ grantId: id, selection, kind: 'school', vanishing: true });
  expect(countsOf(answer)).toMatchObject({ school: [1, 2, 1] });
  expect(answer.body.page.records).toMatchObject([{ title: 'Birch School' }]);
});

it('what could not be shared is refused as sharing it would be', async () => {
  const school = await preview({
    appId: app.id,
    selection: { type: 'schools', schoolIds: ['0'.repeat(24)] },
  });
  expect([school.status, school.body.code]).toEqual([422, 'unknown-school']);
  const field = await preview({ appId: app.id, hideFields: ['student.shoe_size'] });
  expect([field.status, field.body.code]).toEqual([422, 'unknown-field']);
});

it('an app that the district may not know of is absent', async () => {
  const unlisted = await directory.app();
  await directory.dataSource.query('update apps set is_listed = false where id = $1', [unlisted.id]);
  const answer = await preview({ appId: unlisted.id });
  expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
});

it('a district reads the reports of its own imports', async () => {
  const list = await service.call('GET', '/v1/district/imports', portal);
  expect([list.status, list.body.data.length]).toEqual([200, 1]);
  const [{ id, status }] = list.body.data;
  expect(status).toBe('published');
  const one = await service.call('GET', `/v1/district/imports/${id}`, portal);
  expect(one.body).toMatchObject({ id, status, problems: [], kinds: { school: { created: 2 } } });
  const other = await directory.district();
  const [theirs] = await rows<{ id: string }>(
    directory.dataSource,
    'select id from imports where district_id = $1',
    [other.id],
  );
  const foreign = await service.call('GET', `/v1/district/imports/${theirs?.id}`, portal);
  expect([foreign.status, foreign.body.code]).toEqual([404, 'not-found']);
});

it('a district’s imports stand the latest first, a page at a time', async () => {
  const many = await directory.district();
  const byHand = `Bearer ${await directory.portalToken(many)}`;
  for (let day = 1; day <= 4; day += 1)
    await directory.dataSource.query(
      `insert into imports (id, district_id, status, started_at)
       values ($1, $2, 'failed', timestamptz '2030-01-01' + make_interval(days => $3))`,
      [newId(), many.id, day],
    );
  const days: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const after = next && `&startingAfter=${next}`;
    const { body } = await service.call('GET', `/v1/district/imports?limit=2${after}`, byHand);
    days.push(...body.data.map(({ startedAt }: { startedAt: string }) => startedAt.slice(0, 10)));
    next = body.next;
  }
  expect(days.slice(0, 4)).toEqual(['2030-01-05', '2030-01-04', '2030-01-03', '2030-01-02']);
  expect(days).toEqual(days.toSorted().toReversed());
  const absent = await service.call('GET', `/v1/district/imports?startingAfter=${newId()}`, byHand);
  expect([absent.status, absent.body.code]).toEqual([400, 'request-invalid']);
});

it('an app sees its calls by day and route, and the limits in force', async () => {
  const { id } = await directory.grant(app, district);
  const [token] = await rows<{ id: TokenId }>(
    directory.dataSource,
    'select id from tokens where grant_id = $1',
    [id],
  );
  const call = {
    minute: new Date(),
    app: app.id,
    district: district.id,
    type: 'token',
    id: token!.id,
  } as const;
  const on = { route: 'GET /v3.1/users', records: 100 };
  await recordUsage(directory.dataSource, {
    calls: [
      { ...call, ...on, status: 200, calls: 7 },
      { ...call, ...on, status: 429, calls: 2, records: 0 },
      { ...call, ...on, status: 404, calls: 1, records: 0 },
    ],
    served: [],
  });
  const { status, body } = await service.call('GET', '/v1/usage?days=7', app);
  expect(status).toBe(200);
  expect(body.days).toHaveLength(7);
  expect(body.days.at(-1)).toMatchObject({ calls: 10, limited: 2, failed: 1, records: 100 });
  expect(body.routes).toEqual([{ route: 'GET /v3.1/users', calls: 10, limited: 2, failed: 1 }]);
  expect(body.limits[0]).toMatchObject({ name: 'token', requestsMax: 1200, windowSeconds: 60 });
});
