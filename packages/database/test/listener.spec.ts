import { afterAll, beforeAll, it } from '@jest/globals';
import { ChannelListener } from '../src/index.js';
import { TestDirectory } from '../src/testing/index.js';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await TestDirectory.open();
});
afterAll(() => directory.close());

it('hears its channel, and again after its connection was cut', async () => {
  let hear = (): void => undefined;
  const next = () => new Promise<void>((resolve) => (hear = resolve));
  const place = { url: directory.url, service: 'token-service', channel: 'platform_events' } as const;
  const listener = new ChannelListener(place, () => hear());
  const { dataSource } = directory;
  const opened = next();
  await listener.open();
  await opened;
  const said = next();
  await dataSource.query(`notify platform_events`);
  await said;
  const back = next();
  await dataSource.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'hallpass token-service listening' and datname = current_database()`,
  );
  await back;
  const saidAgain = next();
  await dataSource.query(`notify platform_events`);
  await saidAgain;
  await listener.close();
  const count = async () => {
    const [row] = await dataSource.query<{ count: number }[]>(
      `select count(*)::int count from pg_stat_activity
       where application_name = 'hallpass token-service listening' and datname = current_database()`,
    );
    return row?.count;
  };
  // The server sees the end a moment later; a connection that stays hangs this test.
  while ((await count()) !== 0);
});
