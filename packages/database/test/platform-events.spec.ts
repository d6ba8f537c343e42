import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, resolveField, type AppId, type PlatformEventType, type WebhookId } from '@hallpass/domain';
import { moveGrant, narrowGrant, recordPlatformEvent, rows, withClient } from '../src/index.js';
import { SYSTEM, TestDirectory, smallRoster, student } from '../src/testing/index.js';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterAll(() => directory.close());

interface Told {
  type: PlatformEventType;
  districtId: string | null;
  data: Record<string, unknown>;
}
const told = (appId: AppId) =>
  rows<Told>(
    directory.dataSource,
    `select type, district_id "districtId", data from platform_events where app_id = $1 order by xid, number`,
    [appId],
  );
const webhook = async (appId: AppId, types: PlatformEventType[] = [], isEnabled = true) => {
  const id = newId<WebhookId>();
  await directory.dataSource.query(
    `insert into webhooks (app_id, id, url, types, is_enabled) values ($1, $2, 'https://a.example', $3, $4)`,
    [appId, id, types, isEnabled],
  );
  return id;
};
const delivered = async (webhookId: WebhookId) =>
  (
    await rows<{ type: string }>(
      directory.dataSource,
      `select e.type from webhook_deliveries d join platform_events e on e.id = d.event_id
       where d.webhook_id = $1 order by d.number`,
      [webhookId],
    )
  ).map(({ type }) => type);

describe('what an app is told', () => {
  it('is the life of its grants, by ids alone, and nothing of another app', async () => {
    const [app, other, district] = [await directory.app(), await directory.app(), await directory.district()];
    await directory.grant(other, district);
    const { id } = await directory.grant(app, district);
    await narrowGrant(directory.dataSource, id, { hidden: resolveField('student.dob') }, SYSTEM);
    for (const action of ['pause', 'resume', 'revoke'] as const)
      await moveGrant(directory.dataSource, id, action, SYSTEM);
    const all = await told(app.id);
    expect(all.map(({ type }) => type)).toEqual([
      'grant.approved',
      'token.issued',
      ...['narrowed', 'paused', 'resumed', 'revoked'].map((each) => `grant.${each}`),
    ]);
    for (const { districtId, data } of all)
      expect([districtId, data]).toMatchObject([district.id, { grantId: id }]);
    expect((await told(other.id)).map(({ type }) => type)).toEqual(['grant.approved', 'token.issued']);
  });

  it('is each import of a district that shares with it now, published or held', async () => {
    const many = [...smallRoster(), ...Array.from({ length: 30 }, (_, i) => student(`s${i}`, ['A']))];
    const district = await directory.district(many);
    const [reader, paused, stranger] = [await directory.app(), await directory.app(), await directory.app()];
    await directory.grant(reader, district);
    const { id } = await directory.grant(paused, district);
    await moveGrant(directory.dataSource, id, 'pause', SYSTEM);
    const published = await directory.import(district.id, [...many, student('a3', ['A'])]);
    const same = await directory.import(district.id, [...many, student('a3', ['A'])]);
    const held = await directory.import(district.id, smallRoster());
    expect([published.status, same.status, held.status]).toEqual(['published', 'unchanged', 'held']);
    expect((await told(reader.id)).slice(2)).toEqual([
      { type: 'roster.imported', districtId: district.id, data: { importId: published.id } },
      { type: 'roster.held', districtId: district.id, data: { importId: held.id } },
    ]);
    expect((await told(paused.id)).map(({ type }) => type)).toEqual([
      'grant.approved',
      'token.issued',
      'grant.paused',
    ]);
    expect(await told(stranger.id)).toEqual([]);
  });
});

describe('an event', () => {
  it('is delivered to each enabled webhook of its app that is told of its type', async () => {
    const [app, other] = [await directory.app(), await directory.app()];
    const all = await webhook(app.id);
    const grants = await webhook(app.id, ['grant.paused']);
    const off = await webhook(app.id, [], false);
    const ofOther = await webhook(other.id);
    const { dataSource } = directory;
    const event = { appId: app.id, districtId: null, data: {} };
    await recordPlatformEvent(dataSource, { ...event, type: 'grant.paused' });
    await recordPlatformEvent(dataSource, { ...event, type: 'key.refused' });
    await recordPlatformEvent(dataSource, { ...event, type: 'webhook.test' }, grants);
    expect(await delivered(all)).toEqual(['grant.paused', 'key.refused']);
    expect(await delivered(grants)).toEqual(['grant.paused', 'webhook.test']);
    expect([await delivered(off), await delivered(ofOther)]).toEqual([[], []]);
  });

  it('is not told, and goes nowhere, when the transaction that it tells of is rolled back', async () => {
    const app = await directory.app();
    const hook = await webhook(app.id);
    const undone = directory.dataSource.transaction(async (tx) => {
      await recordPlatformEvent(tx, { type: 'key.refused', appId: app.id, districtId: null, data: {} });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect([await told(app.id), await delivered(hook)]).toEqual([[], []]);
  });

  it('wakes whoever listens', async () => {
    const app = await directory.app();
    await withClient(directory.url, async (client) => {
      await client.query('listen platform_events');
      const heard = new Promise((resolve) => client.on('notification', resolve));
      await recordPlatformEvent(directory.dataSource, {
        type: 'key.refused',
        appId: app.id,
        districtId: null,
        data: {},
      });
      expect(await heard).toMatchObject({ channel: 'platform_events' });
    });
  });
});
