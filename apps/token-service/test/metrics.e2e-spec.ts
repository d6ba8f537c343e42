import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@hallpass/database/embedded';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import { Metrics } from '@hallpass/service-kit';
import { TestTokenService } from './fixtures.js';

let directory: TestDirectory;
let service: TestTokenService;
let port: number;
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  port = await freePort();
  service = await TestTokenService.start(directory, { env: { METRICS_PORT: String(port) } });
  app = await directory.app();
});
afterAll(async () => {
  await service.close();
  await directory.close();
});

const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
const valueIn = (text: string, name: string) => {
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};

describe('the outbox in the metrics', () => {
  it('is how many deliveries wait, how many were given up, and how late the oldest is; read seldom', async () => {
    const { body } = await service.call('POST', '/v1/webhooks', app, { url: 'http://127.0.0.1:9/' });
    const { dataSource } = directory;
    await dataSource.query(
      `insert into platform_events (id, app_id, type, data) values (repeat('a', 24), $1, 'webhook.test', '{}')`,
      [app.id],
    );
    const deliver = (letter: string, status: string, due: string) =>
      dataSource.query(
        `insert into webhook_deliveries (id, webhook_id, event_id, status, due_at, claimed_until)
         values (repeat($1, 24), $2, repeat('a', 24), $3, now() + $4::interval, now() + interval '1 hour')`,
        [letter, body.id, status, due],
      );
    await deliver('1', 'pending', '-10 minutes');
    await deliver('2', 'pending', '-1 minute');
    await deliver('3', 'pending', '1 hour');
    await deliver('4', 'dead', '-1 day');
    await deliver('5', 'delivered', '-1 day');
    const text = await scrape();
    expect(valueIn(text, 'hallpass_deliveries_pending')).toBe(3);
    expect(valueIn(text, 'hallpass_deliveries_dead')).toBe(1);
    const late = valueIn(text, 'hallpass_delivery_overdue_seconds') ?? 0;
    expect(late).toBeGreaterThanOrEqual(600);
    expect(late).toBeLessThan(700);
    expect(text).not.toMatch(/[0-9a-f]{24}/);
    // However often it is scraped, the database is asked every few seconds at the most.
    await dataSource.query('delete from webhook_deliveries');
    const again = await Promise.all(Array.from({ length: 20 }, scrape));
    for (const each of again) expect(valueIn(each, 'hallpass_deliveries_pending')).toBe(3);
  });

  it('is left out, and keeps nobody waiting, while the database does not answer', async () => {
    let readings = 0;
    service.nest.get(Metrics).sampled({ hallpass_slow: 'Never read' }, async (sql) => {
      readings += 1;
      await sql.query(`select pg_sleep(60), 'a slow reading'`);
      return { hallpass_slow: 1 };
    });
    const begun = performance.now();
    const texts = await Promise.all([scrape(), scrape(), scrape()]);
    expect(performance.now() - begun).toBeLessThan(3000);
    for (const text of texts) {
      expect(valueIn(text, 'hallpass_slow')).toBeUndefined();
      expect(valueIn(text, 'hallpass_authority_current')).toBe(1);
    }
    expect(readings).toBe(1);
    // The database is not left to sleep either.
    const isAsleep = async () => {
      const [row] = await directory.dataSource.query<{ count: number }[]>(
        `select count(*)::int from pg_stat_activity
         where state = 'active' and query like '%a slow reading%' and pid <> pg_backend_pid()`,
      );
      return row?.count !== 0;
    };
    const end = performance.now() + 5000;
    while (performance.now() < end && (await isAsleep()));
    expect(await isAsleep()).toBe(false);
  });
});
