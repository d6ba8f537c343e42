import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { recordPlatformEvent, type Sql } from '@hallpass/database';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import { PLATFORM_EVENT_RETENTION_DAYS, type PlatformEventType } from '@hallpass/domain';
import { EventPruning } from '../src/platform-events/event-pruning.service.js';
import { PlatformEventsService } from '../src/platform-events/platform-events.service.js';
import { TestTokenService, basic, untilListed } from './fixtures.js';

const DAY_MS = 86_400_000;

let directory: TestDirectory;
let service: TestTokenService;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory);
});
afterAll(async () => {
  await service.close();
  await directory.close();
});
beforeEach(async () => {
  app = await directory.app();
});

const writes = (tx: Sql, type: PlatformEventType, data = {}) =>
  recordPlatformEvent(tx, { type, appId: app.id, districtId: null, data });
const happens = async (type: PlatformEventType, data = {}) => {
  await writes(directory.dataSource, type, data);
  await untilListed(directory);
};
const list = (query = '') => service.call('GET', `/v1/events${query}`, app);
const numbersIn = (body: { data: { data: { i: number } }[] }) => body.data.map(({ data }) => data.i);

describe('GET /v1/events', () => {
  it('200 lists everything once and in order, over however many pages, and then what comes', async () => {
    for (let i = 0; i < 7; i += 1) await happens('key.slowed', { i });
    const seen: number[] = [];
    let query = '?limit=3';
    for (let page = 0; page < 3; page += 1) {
      const { status, headers, body } = await list(query);
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
      seen.push(...numbersIn(body));
      query = `?limit=3&after=${body.next}`;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect((await list(query)).body.data).toEqual([]);
    await happens('key.slowed', { i: 7 });
    expect(numbersIn((await list(query)).body)).toEqual([7]);
  });

  it('200 skips nothing that commits late, and lists nothing that does not commit', async () => {
    const late = directory.dataSource.createQueryRunner();
    const undone = directory.dataSource.createQueryRunner();
    for (const each of [late, undone]) await each.startTransaction();
    await writes(late, 'key.slowed', { i: 1 });
    await writes(undone, 'key.slowed', { i: 2 });
    await writes(directory.dataSource, 'key.slowed', { i: 3 });
    // What came after the open ones waits for them, so that the cursor stays before them.
    const first = (await list()).body;
    expect(first.data).toEqual([]);
    await undone.rollbackTransaction();
    await late.commitTransaction();
    for (const each of [late, undone]) await each.release();
    await untilListed(directory);
    expect(numbersIn((await list(`?after=${first.next}`)).body)).toEqual([1, 3]);
  });

  it('200 lists the chosen types, and those since an instant', async () => {
    await happens('key.slowed', { i: 1 });
    await happens('key.brownout', { i: 2 });
    await happens('key.refused', { i: 3 });
    expect(numbersIn((await list('?types=key.slowed,key.refused')).body)).toEqual([1, 3]);
    await directory.dataSource.query(
      `update platform_events set at = at - interval '1 hour' where app_id = $1 and type = 'key.slowed'`,
      [app.id],
    );
    const since = new Date(Date.now() - DAY_MS / 48).toISOString();
    expect(numbersIn((await list(`?since=${since}`)).body)).toEqual([2, 3]);
    // A page that holds none of the chosen types still moves on.
    const { next } = (await list('?types=key.slowed')).body;
    await happens('key.slowed', { i: 4 });
    expect(numbersIn((await list(`?types=key.slowed&after=${next}`)).body)).toEqual([4]);
  });

  it('200 lists the latest first where that is asked for, back to the first, and nobody else’s', async () => {
    for (let i = 0; i < 5; i += 1) await happens(i === 3 ? 'key.brownout' : 'key.slowed', { i });
    const other = await directory.app();
    await recordPlatformEvent(directory.dataSource, {
      type: 'key.slowed',
      appId: other.id,
      districtId: null,
      data: { i: 9 },
    });
    const seen: number[][] = [];
    let query = '?order=latest&limit=2';
    for (let page = 0; page < 4; page += 1) {
      const { status, body } = await list(query);
      expect(status).toBe(200);
      seen.push(numbersIn(body));
      query = `?order=latest&limit=2&after=${body.next}`;
    }
    expect(seen).toEqual([[4, 3], [2, 1], [0], []]);
    expect(numbersIn((await list('?order=latest&types=key.slowed&limit=2')).body)).toEqual([4, 2]);
    const [{ at }] = (await list('?types=key.brownout')).body.data;
    expect(numbersIn((await list(`?order=latest&since=${at}`)).body)).toEqual([4, 3]);
  });

  it('200 waits over a real connection for what happens next, and answers the moment it has', async () => {
    await service.nest.listen(0, '127.0.0.1');
    const { next } = (await list()).body;
    const headers = { authorization: basic(app.clientId, app.clientSecret) };
    const url = `${await service.nest.getUrl()}/v1/events?after=${next}&wait=25`;
    const began = performance.now();
    let hasAnswered = false;
    const waiting = fetch(url, { headers }).then((answer) => {
      hasAnswered = true;
      return answer.json() as Promise<{ data: { data: { i: number } }[] }>;
    });
    // Long enough for an answer that does not wait to have come.
    while (performance.now() - began < 300) await list();
    expect(hasAnswered).toBe(false);
    await happens('key.slowed', { i: 1 });
    expect(numbersIn(await waiting)).toEqual([1]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('200 answers with nothing when nothing has happened in the time', async () => {
    const began = performance.now();
    const { status, body } = await list('?wait=1');
    expect([status, body.data]).toEqual([200, []]);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('410 for a cursor behind which events have been pruned, and never for one that has lost nothing', async () => {
    await happens('key.slowed', { i: 1 });
    const old = (await list('?limit=1')).body;
    await happens('key.slowed', { i: 2 });
    const { next } = (await list()).body;
    await happens('key.slowed', { i: 3 });
    await directory.dataSource.query(
      `update platform_events set at = at - make_interval(days => $2, mins => 1) where app_id = $1 and data->>'i' in ('1', '2')`,
      [app.id, PLATFORM_EVENT_RETENTION_DAYS],
    );
    await service.nest.get(EventPruning).prune(new Date());
    const lost = await list(`?after=${old.next}`);
    expect([lost.status, lost.body.code]).toEqual([410, 'platform-events-expired']);
    expect(numbersIn((await list(`?after=${next}`)).body)).toEqual([3]);
    const anew = (await list()).body;
    expect(numbersIn(anew)).toEqual([3]);
    expect((await list(`?after=${anew.next}`)).status).toBe(200);
  });

  it('410 for a cursor of another history, as of a database before it was restored', async () => {
    const { status, body } = await list('?after=zzzzzzzzz.1');
    expect([status, body.code]).toEqual([410, 'platform-events-expired']);
  });

  it('200 lists in their order, after a restore from another cluster, what that one wrote and then what comes', async () => {
    for (const i of [1, 2]) await happens('key.slowed', { i });
    const { next } = (await list()).body;
    // Transactions of there were further on than those of here, and some events had been pruned.
    await directory.dataSource.query(`update platform_events set xid = '900000000000'`);
    await directory.dataSource.query(
      `insert into platform_event_floors values ($1, '899999999999', 0) on conflict do nothing`,
      [app.id],
    );
    expect((await list()).body.data).toEqual([]);
    await service.nest.get(PlatformEventsService).onModuleInit();
    await happens('key.slowed', { i: 3 });
    const first = (await list('?limit=2')).body;
    expect(numbersIn(first)).toEqual([1, 2]);
    expect(numbersIn((await list(`?after=${first.next}`)).body)).toEqual([3]);
    expect(numbersIn((await list(`?after=${next}`)).body)).toEqual([3]);
    const before = await list(`?after=${(900_000_000_000).toString(36)}.1`);
    expect([before.status, before.body.code]).toEqual([410, 'platform-events-expired']);
  });

  it('keeps what is younger, and forgets deliveries with their events', async () => {
    const hook = await service.call('POST', '/v1/webhooks', app, { url: 'http://127.0.0.1:9/' });
    await service.call('POST', `/v1/webhooks/${hook.body.id}/test`, app);
    await happens('key.slowed', { i: 1 });
    const deliveries = () => service.call('GET', `/v1/webhooks/${hook.body.id}/deliveries`, app);
    const just = new Date(Date.now() + (PLATFORM_EVENT_RETENTION_DAYS - 1) * DAY_MS);
    await service.nest.get(EventPruning).prune(just);
    expect((await deliveries()).body.data).toHaveLength(2);
    await service.nest.get(EventPruning).prune(new Date(just.getTime() + 2 * DAY_MS));
    expect((await deliveries()).body.data).toEqual([]);
    expect((await list()).body.data).toEqual([]);
  });
});
