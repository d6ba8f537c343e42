import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { moveGrant, recordPlatformEvent } from '@hallpass/database';
import { SYSTEM, TestDirectory, type TestApp } from '@hallpass/database/testing';
import {
  RETRY_DELAYS_MS,
  newId,
  type DistrictId,
  type PlatformEventType,
  type WebhookId,
} from '@hallpass/domain';
import { Webhook } from 'standardwebhooks';
import { EventPruning } from '../src/platform-events/event-pruning.service.js';
import { DeliveriesRepository } from '../src/webhooks/deliveries.repository.js';
import { Deliverer } from '../src/webhooks/deliverer.service.js';
import { AnotherDeliverer, TestTokenService, untilListed } from './fixtures.js';
import { Receiver, type Received } from './receiver.js';

let directory: TestDirectory;
let service: TestTokenService;
let receiver: Receiver;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  service = await TestTokenService.start(directory, { env: { WEBHOOKS_TIMEOUT_SECONDS: '1' } });
});
afterAll(async () => {
  await service.close();
  await directory.close();
});
beforeEach(async () => {
  receiver = await Receiver.start();
  app = await directory.app();
});
afterEach(async () => {
  await directory.dataSource.query('update webhooks set is_enabled = false');
  await receiver.close();
});

interface Hook {
  id: WebhookId;
  secret: string;
}
const hook = async (url = receiver.url, types: PlatformEventType[] = []): Promise<Hook> => {
  const { status, body } = await service.call('POST', '/v1/webhooks', app, { url, types });
  expect(status).toBe(201);
  return body;
};
const happens = (type: PlatformEventType = 'key.refused', data = {}) =>
  recordPlatformEvent(directory.dataSource, { type, appId: app.id, districtId: null, data });
const delivered = () => service.nest.get(Deliverer).deliverDue();
const deliveriesOf = async ({ id }: { id: WebhookId }, query = '') =>
  (await service.call('GET', `/v1/webhooks/${id}/deliveries${query}`, app)).body.data;
/** As if the time had come. */
const makeDue = () =>
  directory.dataSource.query(`update webhook_deliveries set due_at = now() where status = 'pending'`);
const verified = ({ body, headers }: Received, secret: string) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as { id: string };

describe('a webhook', () => {
  it('is told of an event in the words of the list, signed so that the standard’s client verifies it', async () => {
    const district = await directory.district();
    const { secret } = await hook();
    const grant = await directory.grant(app, district);
    const [received] = (await receiver.first(1)) as [Received];
    await untilListed(directory);
    const { body: list } = await service.call('GET', '/v1/events', app);
    expect(verified(received, secret)).toEqual(list.data[0]);
    expect(list.data[0]).toEqual({
      id: received.headers['webhook-id'],
      type: 'grant.approved',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      districtId: district.id,
      data: { grantId: grant.id, tokenId: expect.stringMatching(/^[0-9a-f]{24}$/) },
    });
    expect(received.method).toBe('POST');
    expect(received.headers['content-type']).toBe('application/json');
    expect(Math.abs(Number(received.headers['webhook-timestamp']) * 1000 - Date.now())).toBeLessThan(60_000);
    await delivered();
  });

  it('is not believed when a byte of it is changed, or its secret is another', async () => {
    const { secret } = await hook();
    await happens();
    const [received] = (await receiver.first(1)) as [Received];
    expect(() =>
      verified({ ...received, body: received.body.replace('refused', 'slowed') }, secret),
    ).toThrow();
    const other = await hook();
    expect(() => verified(received, other.secret)).toThrow();
    await delivered();
  });

  it('is told of its types and of no other app’s events', async () => {
    const { id } = await hook(receiver.url, ['grant.paused']);
    const district = await directory.district([]);
    const [mine, others] = [
      await directory.grant(app, district),
      await directory.grant(await directory.app(), district),
    ];
    for (const grant of [others, mine]) await moveGrant(directory.dataSource, grant.id, 'pause', SYSTEM);
    await delivered();
    const told = (await receiver.first(1)).map(({ body }) => JSON.parse(body));
    expect(told).toMatchObject([{ type: 'grant.paused', data: { grantId: mine.id } }]);
    expect(await deliveriesOf({ id })).toMatchObject([{ status: 'delivered', eventType: 'grant.paused' }]);
    expect(receiver.received).toHaveLength(1);
  });

  it('of an app that is disabled is told nothing until the app is enabled again', async () => {
    await hook();
    const enable = (isEnabled: boolean) =>
      directory.dataSource.query('update apps set is_enabled = $2 where id = $1', [app.id, isEnabled]);
    await enable(false);
    const eventId = await happens();
    await delivered();
    expect(receiver.received).toEqual([]);
    await enable(true);
    await delivered();
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([eventId]);
  });

  it('is told nothing of what was rolled back', async () => {
    const webhook = await hook();
    const undone = directory.dataSource.transaction(async (tx) => {
      await recordPlatformEvent(tx, { type: 'key.slowed', appId: app.id, districtId: null, data: {} });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await delivered();
    expect([receiver.received, await deliveriesOf(webhook)]).toEqual([[], []]);
  });
});

describe('a receiver', () => {
  it('that was down is told once it is up, of the same event under the same id', async () => {
    const webhook = await hook();
    await receiver.close();
    const before = Date.now();
    const eventId = await happens();
    await delivered();
    const [failed] = await deliveriesOf(webhook);
    expect(failed).toMatchObject({
      status: 'pending',
      eventId,
      attempts: [{ httpStatus: null, error: 'connection', milliseconds: expect.any(Number) }],
    });
    const wait = Date.parse(failed.dueAt) - before;
    expect(wait).toBeGreaterThanOrEqual(RETRY_DELAYS_MS[0] ?? 0);
    await receiver.listen();
    await delivered();
    expect(receiver.received).toHaveLength(0);
    await makeDue();
    await delivered();
    expect(verified((await receiver.first(1))[0] as Received, webhook.secret)).toMatchObject({ id: eventId });
    expect(receiver.received[0]?.headers['webhook-id']).toBe(eventId);
    expect(await deliveriesOf(webhook)).toMatchObject([
      {
        status: 'delivered',
        dueAt: null,
        attempts: [{ error: 'connection' }, { httpStatus: 204, error: null }],
      },
    ]);
  });

  it('that redirects is not followed', async () => {
    const elsewhere = await Receiver.start();
    receiver.answerWith(Receiver.status(307, { location: elsewhere.url }));
    const webhook = await hook();
    await happens();
    await delivered();
    expect(await deliveriesOf(webhook)).toMatchObject([
      { status: 'pending', attempts: [{ httpStatus: 307, error: 'redirect' }] },
    ]);
    expect([receiver.received.length, elsewhere.received.length]).toEqual([1, 0]);
    await elsewhere.close();
  });

  it('that is slow is given up on in time, tried again, and holds up no other', async () => {
    const quick = await Receiver.start();
    receiver.answerWith(() => undefined);
    const [slow, other] = [await hook(), await hook(quick.url)];
    for (let i = 0; i < 6; i += 1) await happens();
    await quick.first(6);
    // No more than four at once; the others have been told meanwhile.
    expect(receiver.received.length).toBeLessThanOrEqual(4);
    await delivered();
    const list = await deliveriesOf(slow);
    expect(list).toHaveLength(6);
    for (const each of list)
      expect(each).toMatchObject({ status: 'pending', attempts: [{ httpStatus: null, error: 'timeout' }] });
    expect((await deliveriesOf(other)).map(({ status }: { status: string }) => status)).toEqual(
      Array.from({ length: 6 }, () => 'delivered'),
    );
    await quick.close();
  });

  it('that says it is gone is sent nothing more, until it is enabled again', async () => {
    receiver.answerWith(Receiver.status(410));
    const webhook = await hook();
    await happens();
    await delivered();
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'dead', attempts: [{ httpStatus: 410 }] }]);
    const url = `/v1/webhooks/${webhook.id}`;
    expect((await service.call('GET', url, app)).body).toMatchObject({
      isEnabled: false,
      goneAt: expect.any(String),
    });
    await happens();
    await delivered();
    expect(receiver.received).toHaveLength(1);
    receiver.answerWith(Receiver.status(200));
    expect((await service.call('PATCH', url, app, { isEnabled: true })).body).toMatchObject({
      isEnabled: true,
      goneAt: null,
    });
    await happens();
    await delivered();
    expect(receiver.received).toHaveLength(2);
  });

  it('that fails for three days leaves a dead letter, which is sent again when it is asked for', async () => {
    receiver.answerWith(Receiver.status(500));
    const webhook = await hook();
    const eventId = await happens();
    for (let i = 0; i <= RETRY_DELAYS_MS.length; i += 1) {
      await delivered();
      await makeDue();
    }
    await delivered();
    const [dead, ...more] = await deliveriesOf(webhook, '?status=dead');
    expect(more).toEqual([]);
    expect(dead).toMatchObject({ status: 'dead', eventId, dueAt: null, endedAt: expect.any(String) });
    expect(dead.attempts).toHaveLength(RETRY_DELAYS_MS.length + 1);
    receiver.answerWith(Receiver.status(200));
    receiver.received.length = 0;
    const replay = `/v1/webhooks/${webhook.id}/deliveries/${dead.id}/replay`;
    expect(await service.call('POST', replay, app)).toMatchObject({
      status: 202,
      body: { status: 'pending' },
    });
    await delivered();
    expect(verified((await receiver.first(1))[0] as Received, webhook.secret)).toMatchObject({ id: eventId });
    expect(await deliveriesOf(webhook, '?status=dead')).toEqual([]);
    expect(await deliveriesOf(webhook, '?status=delivered')).toHaveLength(1);
  });

  it('is sent all that was given up since an instant, and nothing that it has had', async () => {
    const webhook = await hook();
    await happens('key.slowed');
    await delivered();
    receiver.answerWith(Receiver.status(410));
    for (const type of ['key.brownout', 'key.refused'] as const) {
      await service.call('PATCH', `/v1/webhooks/${webhook.id}`, app, { isEnabled: true });
      await happens(type);
      await delivered();
    }
    await directory.dataSource.query(
      `update platform_events set at = at - interval '2 hours' where app_id = $1 and type = 'key.brownout'`,
      [app.id],
    );
    receiver.answerWith(Receiver.status(200));
    receiver.received.length = 0;
    const replay = (since: number) =>
      service.call('POST', `/v1/webhooks/${webhook.id}/replay`, app, {
        since: new Date(since).toISOString(),
      });
    expect((await replay(0)).body.code).toBe('webhook-disabled');
    await service.call('PATCH', `/v1/webhooks/${webhook.id}`, app, { isEnabled: true });
    const hour = 3_600_000;
    expect((await replay(Date.now() - hour)).body).toEqual({ replayed: 1 });
    expect((await replay(Date.now() - 3 * hour)).body).toEqual({ replayed: 1 });
    await delivered();
    const types = receiver.received.map(({ body }) => JSON.parse(body).type as string);
    expect(new Set(types)).toEqual(new Set(['key.brownout', 'key.refused']));
    expect(types).toHaveLength(2);
    expect((await replay(0)).body).toEqual({ replayed: 0 });
  });
});

describe('a secret', () => {
  const rotate = async ({ id }: Hook, body: object = {}) =>
    (await service.call('POST', `/v1/webhooks/${id}/secret/rotate`, app, body)).body;
  const nextReceived = async (): Promise<Received> => {
    receiver.received.length = 0;
    await happens();
    await delivered();
    return (await receiver.first(1))[0] as Received;
  };

  it('that is rotated signs beside the new one until its end, and no longer', async () => {
    const webhook = await hook();
    const rotated = await rotate(webhook);
    expect(rotated.secret).not.toBe(webhook.secret);
    const hours = (Date.parse(rotated.previousEndsAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const both = await nextReceived();
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const secret of [webhook.secret, rotated.secret]) expect(verified(both, secret).id).toBeDefined();
    await directory.dataSource.query('update webhook_seals set ends_at = now() where ends_at is not null');
    const late = await nextReceived();
    expect(verified(late, rotated.secret).id).toBeDefined();
    expect(() => verified(late, webhook.secret)).toThrow();
    await service.nest.get(EventPruning).prune(new Date());
    const left = await directory.dataSource.query('select from webhook_seals where webhook_id = $1', [
      webhook.id,
    ]);
    expect(left).toHaveLength(1);
  });

  it('that is rotated twice leaves two that sign', async () => {
    const webhook = await hook();
    const [second, third] = [await rotate(webhook), await rotate(webhook)];
    const received = await nextReceived();
    for (const { secret } of [second, third]) expect(verified(received, secret).id).toBeDefined();
    expect(() => verified(received, webhook.secret)).toThrow();
  });

  it('that has leaked ends at once', async () => {
    const webhook = await hook();
    const { secret, previousEndsAt } = await rotate(webhook, { overlapHours: 0 });
    expect(previousEndsAt).toBeNull();
    const received = await nextReceived();
    expect(verified(received, secret).id).toBeDefined();
    expect(() => verified(received, webhook.secret)).toThrow();
  });

  it('is in no table, no answer but its first, no payload, no log and no error', async () => {
    const token = await directory.grant(app, await directory.district());
    const password = 'not-for-any-log';
    const webhook = await hook(`${receiver.url}?key=${password}`);
    const { secret } = await rotate(webhook);
    receiver.answerWith(Receiver.status(410, {}, password));
    await moveGrant(directory.dataSource, token.id, 'pause', SYSTEM);
    await delivered();
    const secrets = [webhook.secret, secret, token.token, app.clientSecret, app.apiKey];
    const inList = await service.call('GET', `/v1/webhooks/${webhook.id}/deliveries`, app);
    const one = await service.call('GET', `/v1/webhooks/${webhook.id}`, app);
    const told = JSON.stringify([receiver.received, inList.text, one.text, service.log]);
    for (const each of secrets) expect(told).not.toContain(each);
    expect(service.log.join()).toContain(webhook.id);
    expect(service.log.join()).not.toContain(password);
    expect(inList.text).not.toContain(password);
    const tables = await directory.dataSource.query<{ name: string }[]>(
      `select table_name name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    expect(tables.map(({ name }) => name)).toContain('webhook_seals');
    for (const { name } of tables) {
      const [row] = await directory.dataSource.query<{ text: string | null }[]>(
        `select string_agg(t::text, ' ') text from ${name} t`,
      );
      for (const each of [webhook.secret, secret])
        expect([name, row?.text?.includes(each) ?? false]).toEqual([name, false]);
    }
  });

  it('does not open when it is moved to another webhook', async () => {
    const [one, other] = [await hook(), await hook()];
    await directory.dataSource.query('delete from webhook_seals where webhook_id = $1', [other.id]);
    await directory.dataSource.query('update webhook_seals set webhook_id = $2 where webhook_id = $1', [
      one.id,
      other.id,
    ]);
    await happens();
    await delivered();
    expect(receiver.received).toEqual([]);
    expect(await deliveriesOf(other)).toMatchObject([
      { status: 'pending', attempts: [{ httpStatus: null, error: 'seal' }] },
    ]);
  });
});

it('an event of nobody’s webhook goes nowhere', async () => {
  await recordPlatformEvent(directory.dataSource, {
    type: 'roster.imported',
    appId: app.id,
    districtId: (await directory.district([])).id,
    data: { importId: newId<DistrictId>() },
  });
  await delivered();
  expect(receiver.received).toEqual([]);
});

describe('several processes', () => {
  it('tell each event once', async () => {
    const other = await AnotherDeliverer.start(directory);
    const webhook = await hook();
    const count = 40;
    await Promise.all(Array.from({ length: count }, () => happens()));
    await Promise.all([delivered(), other.deliverer.deliverDue()]);
    await receiver.first(count);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([count, count]);
    expect(await deliveriesOf(webhook, '?status=delivered')).toHaveLength(count);
    await other.close();
  });

  it('take over from one that died between its claim and the answer, once its claim has ended', async () => {
    const webhook = await hook();
    const deliveries = service.nest.get(DeliveriesRepository);
    const claimed = await directory.dataSource.transaction(async (tx) => {
      await recordPlatformEvent(tx, { type: 'key.refused', appId: app.id, districtId: null, data: {} });
      return deliveries.claim(tx, webhook.id, 10);
    });
    const [dead] = claimed;
    if (!dead) throw new Error('nothing was claimed');
    await delivered();
    expect(receiver.received).toEqual([]);
    await directory.dataSource.query(`update webhook_deliveries set claimed_until = now() where id = $1`, [
      dead.id,
    ]);
    await delivered();
    expect(receiver.received).toHaveLength(1);
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'delivered' }]);
    // Had it only been slow, it would not count any more.
    const late = { httpStatus: 500, error: 'status', at: new Date(), milliseconds: 1 } as const;
    const outcome = { status: 'dead', isGone: false } as const;
    expect(await deliveries.settle(directory.dataSource, dead, late, outcome)).toBe(false);
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'delivered' }]);
  });

  it('find untried what one that was stopped had under way', async () => {
    const webhook = await hook();
    receiver.answerWith(() => undefined);
    const eventId = await happens();
    await receiver.first(1);
    // Stopping breaks off the call that is under way in this process.
    const other = await AnotherDeliverer.start(directory);
    await service.nest.get(Deliverer).onModuleDestroy();
    receiver.answerWith(Receiver.status(200));
    await other.deliverer.deliverDue();
    expect(await deliveriesOf(webhook)).toMatchObject([
      { status: 'delivered', eventId, attempts: [{ httpStatus: 200 }] },
    ]);
    await other.close();
  });
});
