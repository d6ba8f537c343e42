import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createDataSource, rows } from '@hallpass/database';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import type { DataSource } from 'typeorm';
import { KeyStagesRepository } from '../src/sunset/key-stages.repository.js';
import { KeyStages } from '../src/sunset/key-stages.service.js';

const HOUR = 3_600_000;

let directory: TestDirectory;
/** Two processes, each with connections of its own and the role of the service. */
let sources: DataSource[];
let processes: KeyStages[];
let app: TestApp;

beforeAll(async () => {
  directory = await TestDirectory.open();
  const source = () => createDataSource({ url: directory.url, service: 'token-service' }).initialize();
  sources = [await source(), await source()];
  processes = sources.map((each) => new KeyStages(each, new KeyStagesRepository()));
});
afterAll(async () => {
  for (const each of sources) await each.destroy();
  await directory.close();
});
beforeEach(async () => {
  await directory.dataSource.query('update api_keys set revoked_at = now()');
  app = await directory.app();
  await plan({});
});

const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
const plan = (dates: { announced?: string; steps?: object[]; brownouts?: object[]; refused?: string }) =>
  directory.dataSource.query(
    'update sunset_plan set announced_at = $1, steps = $2, brownouts = $3, refused_at = $4',
    [
      dates.announced ?? null,
      JSON.stringify(dates.steps ?? []),
      JSON.stringify(dates.brownouts ?? []),
      dates.refused ?? null,
    ],
  );
const tell = async () => {
  for (const each of processes) await each.tell();
};
const told = (of = app) =>
  rows<{ type: string; data: unknown }>(
    directory.dataSource,
    'select type, data from platform_events where app_id = $1 order by xid, number',
    [of.id],
  );

it('an app with a live key is told once of each stage that it comes into', async () => {
  await tell();
  await plan({ announced: ago(9) });
  await tell();
  expect(await told()).toEqual([]);
  const steps = [{ from: ago(3), requestsPerMinute: 60 }];
  await plan({ announced: ago(9), steps });
  await tell();
  await tell();
  expect(await told()).toEqual([{ type: 'key.slowed', data: { requestsPerMinute: 60 } }]);
  const until = ago(-1);
  await plan({ announced: ago(9), steps, brownouts: [{ from: ago(1), until }] });
  await tell();
  await plan({ announced: ago(9), steps: [...steps, { from: ago(2), requestsPerMinute: 30 }] });
  await tell();
  await plan({ announced: ago(9), steps, refused: ago(1) });
  await tell();
  expect(await told()).toEqual([
    { type: 'key.slowed', data: { requestsPerMinute: 60 } },
    { type: 'key.brownout', data: { until } },
    { type: 'key.slowed', data: { requestsPerMinute: 30 } },
    { type: 'key.refused', data: {} },
  ]);
});

it('of many processes one tells, whenever they look', async () => {
  await plan({ announced: ago(9), refused: ago(1) });
  await Promise.all(Array.from({ length: 10 }).flatMap(() => processes.map((each) => each.tell())));
  expect(await told()).toEqual([{ type: 'key.refused', data: {} }]);
});

it('an app that has more time is told when that has passed', async () => {
  const operator = 'a'.repeat(24);
  await directory.dataSource.query(
    `insert into operators (id, name, role, lookup, masked) values ($1, 'an operator', 'operator', '\\x01', '')`,
    [operator],
  );
  await directory.dataSource.query(
    `insert into sunset_extensions (app_id, until, reason, approved_by) values ($1, $2, 'asked for', $3)`,
    [app.id, ago(-1), operator],
  );
  const other = await directory.app();
  await plan({ announced: ago(9), refused: ago(1) });
  await tell();
  expect([await told(), await told(other)]).toEqual([[], [{ type: 'key.refused', data: {} }]]);
  await directory.dataSource.query('update sunset_extensions set until = $1', [ago(0.1)]);
  await tell();
  expect(await told()).toEqual([{ type: 'key.refused', data: {} }]);
});

it('an app without a live key, or disabled, is told nothing', async () => {
  const [keyless, disabled] = [await directory.app(), await directory.app()];
  await directory.dataSource.query('update api_keys set revoked_at = now() where app_id = $1', [keyless.id]);
  await directory.dataSource.query('update apps set is_enabled = false where id = $1', [disabled.id]);
  await plan({ announced: ago(9), refused: ago(1) });
  await tell();
  expect([await told(keyless), await told(disabled)]).toEqual([[], []]);
});
