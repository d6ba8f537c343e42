import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createDataSource, recordUses, rows } from '@hallpass/database';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import type { DataSource } from 'typeorm';
import { Mailer } from '../src/mail/mailer.service.js';
import { MailsRepository } from '../src/mail/mails.repository.js';
import { KeyStagesRepository } from '../src/sunset/key-stages.repository.js';
import { KeyStages } from '../src/sunset/key-stages.service.js';
import { startMailServer, type MailServer } from './mail-server.js';

const HOUR = 3_600_000;

let directory: TestDirectory;
/** Two processes, each with connections of its own and the role of the service. */
let sources: DataSource[];
let processes: KeyStages[];
const mailers: Mailer[] = [];
let post: MailServer;
let app: TestApp;

beforeAll(async () => {
  post = await startMailServer();
  directory = await TestDirectory.open();
  const source = () => createDataSource({ url: directory.url, service: 'token-service' }).initialize();
  sources = [await source(), await source()];
  const docs = { DOCS_URL: 'https://docs.example' };
  processes = sources.map((each) => {
    const mailer = new Mailer(each, new MailsRepository(), {
      SMTP_URL: `smtp://127.0.0.1:${post.port}`,
      MAIL_FROM: 'Hallpass <notices@example.org>',
      MOVABLE_CLOCK: false,
    });
    mailers.push(mailer);
    return new KeyStages(each, new KeyStagesRepository(), mailer, { now: () => new Date() }, docs);
  });
});
afterAll(async () => {
  for (const each of sources) await each.destroy();
  await directory.close();
  await post.close();
});
beforeEach(async () => {
  post.received.length = 0;
  await directory.dataSource.query('delete from mails');
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
  for (const each of processes) await each.tell(new Date());
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
  const announced = { type: 'key.announced', data: {} };
  expect(await told()).toEqual([announced]);
  const steps = [{ from: ago(3), requestsPerMinute: 60, mode: 'enforce' }];
  await plan({ announced: ago(9), steps });
  await tell();
  await tell();
  expect(await told()).toEqual([announced, { type: 'key.slowed', data: { requestsPerMinute: 60 } }]);
  const until = ago(-1);
  await plan({ announced: ago(9), steps, brownouts: [{ from: ago(1), until }] });
  await tell();
  await plan({
    announced: ago(9),
    steps: [...steps, { from: ago(2), requestsPerMinute: 30, mode: 'enforce' }],
  });
  await tell();
  await plan({ announced: ago(9), steps, refused: ago(1) });
  await tell();
  expect(await told()).toEqual([
    announced,
    { type: 'key.slowed', data: { requestsPerMinute: 60 } },
    { type: 'key.brownout', data: { until } },
    { type: 'key.slowed', data: { requestsPerMinute: 30 } },
    { type: 'key.refused', data: {} },
  ]);
});

it('of many processes one tells, whenever they look', async () => {
  await plan({ announced: ago(9), refused: ago(1) });
  await Promise.all(Array.from({ length: 10 }).flatMap(() => processes.map((each) => each.tell(new Date()))));
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
  const announced = { type: 'key.announced', data: {} };
  expect([await told(), await told(other)]).toEqual([[announced], [{ type: 'key.refused', data: {} }]]);
  await directory.dataSource.query('update sunset_extensions set until = $1', [ago(0.1)]);
  await tell();
  expect(await told()).toEqual([announced, { type: 'key.refused', data: {} }]);
});

it('an app without a live key, or disabled, is told nothing', async () => {
  const [keyless, disabled] = [await directory.app(), await directory.app()];
  await directory.dataSource.query('update api_keys set revoked_at = now() where app_id = $1', [keyless.id]);
  await directory.dataSource.query('update apps set is_enabled = false where id = $1', [disabled.id]);
  await plan({ announced: ago(9), refused: ago(1) });
  await tell();
  expect([await told(keyless), await told(disabled)]).toEqual([[], []]);
});

const DAYS = 24;
const ahead = (days: number) => new Date(Date.now() + days * DAYS * HOUR);
const useKey = async (at: Date) => {
  const [{ id }] = await directory.dataSource.query('select id from api_keys where app_id = $1', [app.id]);
  await recordUses(directory.dataSource, [
    { type: 'api-key', id, address: '192.0.2.1', userAgent: 'x', firstAt: at, lastAt: at, uses: 1 },
  ]);
};

it('an app that still uses its key is told before it ends, each threshold once, and anew when the day moves', async () => {
  await plan({ announced: ago(9), refused: ahead(40).toISOString() });
  const endings = async (days: number) => {
    await useKey(ahead(days));
    for (const each of processes) await each.tell(ahead(days));
    return (await told())
      .filter(({ type }) => type === 'key.ending')
      .map(({ data }) => (data as { days: number }).days);
  };
  expect(await endings(0.1)).toEqual([60]);
  expect(await endings(0.2)).toEqual([60]);
  expect(await endings(11)).toEqual([60, 30]);
  expect(await endings(39.5)).toEqual([60, 30, 1]);
  await plan({ announced: ago(9), refused: ahead(46).toISOString() });
  expect(await endings(39.6)).toEqual([60, 30, 1, 7]);
});

it('an app that no longer uses its key is told nothing of its end, nor of its weeks', async () => {
  await plan({ announced: ago(9), refused: ahead(40).toISOString() });
  for (const days of [0.1, 8, 16, 30]) await processes[0]!.tell(ahead(days));
  expect((await told()).map(({ type }) => type)).toEqual(['key.announced']);
});

it('digests come week by week from the first word on, and the partner reads each by mail', async () => {
  await directory.dataSource.query(
    `update partners set notice_addresses = '{it@partner.example,lead@partner.example}'
     where id = (select partner_id from apps where id = $1)`,
    [app.id],
  );
  await plan({ announced: ago(9), refused: ahead(200).toISOString() });
  for (const days of [0, 0.5, 6.9, 7.1, 8, 14.2]) {
    await useKey(ahead(days));
    for (const each of processes) await each.tell(ahead(days));
  }
  expect((await told()).map(({ type }) => type)).toEqual(['key.announced', 'key.digest', 'key.digest']);
  await Promise.all(mailers.map((each) => each.sendDue()));
  expect(post.received.map(({ subject }) => subject).sort()).toEqual([
    'an app: API keys are going to end',
    'an app: your week on the way to tokens',
    'an app: your week on the way to tokens',
  ]);
  expect(post.received[0]).toMatchObject({
    from: 'notices@example.org',
    to: ['it@partner.example', 'lead@partner.example'],
  });
  expect(post.received[0]?.text).toContain('https://docs.example/retiring-api-keys');
});

it('a mail that the server will not take now is tried again, and one that it refuses is given up', async () => {
  const [mailer] = mailers as [Mailer];
  const status = async () =>
    (await rows<{ status: string }>(directory.dataSource, 'select status from mails'))[0]?.status;
  const recipients = ['someone@partner.example'];
  await mailer.write(directory.dataSource, { recipients, subject: 's', body: 'b' });
  post.answer(451);
  await mailer.sendDue();
  expect([await status(), post.received.length]).toEqual(['pending', 0]);
  await directory.dataSource.query('update mails set due_at = now()');
  post.answer(250);
  await mailer.sendDue();
  expect([await status(), post.received.length]).toEqual(['sent', 1]);
  await directory.dataSource.query('delete from mails');
  await mailer.write(directory.dataSource, { recipients, subject: 's', body: 'b' });
  post.answer(550);
  await mailer.sendDue();
  expect([await status(), post.received.length]).toEqual(['dead', 1]);
  post.answer(250);
});

it('without a mail server nothing is written down', async () => {
  const mailer = new Mailer(sources[0]!, new MailsRepository(), {
    SMTP_URL: '',
    MAIL_FROM: '',
    MOVABLE_CLOCK: false,
  });
  await mailer.write(directory.dataSource, { recipients: ['a@b.example'], subject: 's', body: 'b' });
  expect(await rows(directory.dataSource, 'select from mails')).toEqual([]);
});
