import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  AuthenticationError,
  type Clock,
  ConnectionError,
  Hallpass,
  HallpassApp,
  KINDS,
  NotFoundError,
  type PlatformEvent,
  type SyncStep,
  WebhookVerificationError,
  verifyWebhook,
} from '@hallpass/client';
import { generateDistrict, writeFolder } from '@hallpass/demo';
import { Webhook } from 'standardwebhooks';
import { RunningHallpass, type Demo } from './running-hallpass.js';

// The client library against the real services: what it says of pages, events, tokens and webhooks is what they do.

jest.setTimeout(120_000);

const NAME = 'Elm Valley Schools';
const CLI = fileURLToPath(new URL('../../cli/bin/hallpass.js', import.meta.url));
const CLIENT = fileURLToPath(new URL('../../client', import.meta.url));

let hallpass: RunningHallpass;
let demo: Demo;
let credentials: Demo['apps'][number];
let district: { id: string; name: string; token: string };
let app: HallpassApp;
let client: Hallpass;
let appId: string;

beforeAll(async () => {
  hallpass = await RunningHallpass.prepare();
  await hallpass.start();
  demo = await hallpass.demo();
  [credentials] = demo.apps as [Demo['apps'][number]];
  district = await makeDistrict();
  const { clientId, clientSecret } = credentials;
  app = new HallpassApp({ clientId, clientSecret, url: demo.tokenService, dataApiUrl: demo.dataApi });
  client = new Hallpass({ token: district.token, url: demo.dataApi });
});
afterAll(() => hallpass.remove());

/** What is kept of a roster, by kind and id. */
class Copy {
  readonly rows = new Map<string, { data: { id: string }; pull: string }>();
  checkpoint: string | undefined;
  steps: SyncStep[] = [];

  async sync(from: Hallpass): Promise<void> {
    this.steps = [];
    for await (const step of from.sync({ checkpoint: this.checkpoint, pageSize: 500 })) {
      this.steps.push(step);
      for (const { kind, id, data } of step.upserts)
        this.rows.set(`${kind} ${id}`, { data, pull: step.pull });
      for (const { kind, id } of step.deletes) this.rows.delete(`${kind} ${id}`);
      if (step.isComplete)
        for (const [key, { pull }] of this.rows) if (pull !== step.pull) this.rows.delete(key);
      this.checkpoint = step.checkpoint;
    }
  }

  get picture(): Record<string, { id: string }> {
    return Object.fromEntries([...this.rows].map(([key, { data }]) => [key, data]));
  }
}

const copy = new Copy();

/** Waits for nothing. */
const AT_ONCE: Clock = { now: () => Date.now(), random: () => 0, sleep: () => Promise.resolve() };

/** Hands connections on to a service, and cuts each after so many bytes of its answers. */
async function cuttingProxy(target: string, bytes: number) {
  const { hostname, port } = new URL(target);
  const proxy = { url: '', cuts: 0, stop: () => Promise.resolve() };
  const sockets = new Set<Socket>();
  const server = createTcpServer((near) => {
    const far = connect(Number(port), hostname);
    for (const each of [near, far]) each.on('error', () => undefined);
    sockets.add(near);
    let left = bytes;
    near.pipe(far);
    far.on('data', (piece: Buffer) => {
      near.write(piece.subarray(0, left));
      left -= piece.length;
      if (left > 0) return;
      proxy.cuts += 1;
      for (const each of [near, far]) each.destroy();
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.stop = async () => {
    for (const each of sockets) each.destroy();
    await once(server.close(), 'close');
  };
  return proxy;
}

describe('@hallpass/client', () => {
  it('finds a client for each district that shares, and each reads its own', async () => {
    const found: Record<string, string> = {};
    for await (const { districtId, client: own } of app.clients())
      found[districtId] = (await own.district()).id;
    const ids = [...credentials.districts.map(({ id }) => id), district.id];
    expect(found).toEqual(Object.fromEntries(ids.map((id) => [id, id])));
  });

  it('reads every page of a list, and goes on from a cursor', async () => {
    const all = await client.users.list({ role: 'student', pageSize: 100 }).all();
    expect(all.length).toBeGreaterThan(300);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(await client.users.list({ role: 'student' }).count()).toBe(all.length);
    const pages = client.users.list({ role: 'student', pageSize: 100 }).pages();
    const { cursor } = (await pages.next()).value as { cursor: string };
    expect(await client.users.list({ cursor }).all()).toEqual(all.slice(100));
  });

  it('reads records, what they lead to, and chosen fields', async () => {
    const [section] = await client.sections
      .list({ pageSize: 1 })
      .all()
      .then((all) => all.slice(0, 1));
    const id = section?.id as string;
    expect(await client.sections.get(id)).toEqual(section);
    expect((await client.sections.school(id)).id).toBe(section?.school);
    const students = await client.sections.users(id, { role: 'student' }).all();
    expect(students.map((each) => each.id).sort()).toEqual([...(section?.students ?? [])].sort());
    const [user] = await client.users.list({ fields: ['name.last'], pageSize: 10_000 }).all();
    expect(Object.keys(user ?? {}).sort()).toEqual(['district', 'id', 'name']);
    await expect(client.users.get('0'.repeat(24))).rejects.toThrow(NotFoundError);
    expect(await client.me()).toMatchObject({ type: 'district', district: district.id });
    expect((await client.access()).districts).toMatchObject([{ id: district.id, name: district.name }]);
  });

  it('pulls a copy, and keeps it what the next pull would be after an import and after a narrowing', async () => {
    await copy.sync(client);
    expect(copy.steps.at(-1)).toMatchObject({ phase: 'full', isComplete: true });
    const before = copy.rows.size;
    await copy.sync(client);
    expect(copy.steps).toEqual([]);

    await importRoster(district.id, 0.05);
    await copy.sync(client);
    expect(copy.steps.map(({ phase }) => phase)).toEqual(['changes']);
    await expectAsPulledAnew();

    const { id: grantId } = await grantOf(district.id);
    const schools = await client.schools.list().all();
    await hallpass.json(['grant', 'narrow', grantId, '--schools', schools[0]?.id as string]);
    await copy.sync(client);
    expect(copy.steps.every(({ phase }) => phase === 'changes')).toBe(true);
    expect(copy.rows.size).toBeLessThan(before);
    await expectAsPulledAnew();
  });

  it('exports what the lists have, and hands over to the events that follow', async () => {
    const found: Record<string, unknown[]> = {};
    let [events, records]: [string | undefined, number] = [undefined, 0];
    for await (const page of client.export({ pageSize: 100 }).pages()) {
      for (const { kind, data } of page.records) (found[kind] ??= []).push(data);
      records += page.records.length;
      events = page.eventsAfter;
    }
    const ofLists: Record<string, unknown[]> = {};
    for (const kind of KINDS) {
      const all = await client.list(kind).all();
      if (all.length > 0) ofLists[kind] = all;
    }
    expect([records > 300, found]).toEqual([true, ofLists]);
    expect(await client.events.list({ after: events }).all()).toEqual([]);
    // One kind alone, and on after any of it.
    const pages = client.export({ kinds: ['users'], pageSize: 50 }).pages();
    const { cursor } = (await pages.next()).value as { cursor: string };
    await pages.return();
    const rest = [];
    for await (const { data } of client.export({ cursor })) rest.push(data);
    expect(rest).toEqual(ofLists['users']?.slice(50));
  });

  it('is told as an error when a real export breaks off, and never as its end', async () => {
    const cut = await cuttingProxy(demo.dataApi, 50_000);
    try {
      const found = new Set<string>();
      const impatient = new Hallpass({ token: district.token, url: cut.url, retryBudgetMs: 0 });
      const reading = (async () => {
        for await (const { kind, id } of impatient.export({ pageSize: 10 })) found.add(`${kind} ${id}`);
      })();
      await expect(reading).rejects.toThrow(ConnectionError);
      expect(found.size).toBeGreaterThan(0);
      // With the usual patience all of it comes, however often it is cut.
      const whole = [];
      const patient = new Hallpass({ token: district.token, url: cut.url, clock: AT_ONCE });
      for await (const { kind, id } of patient.export({ pageSize: 10 })) whole.push(`${kind} ${id}`);
      const ofLists = [];
      for (const kind of KINDS) for await (const { id } of client.list(kind)) ofLists.push(`${kind} ${id}`);
      expect([cut.cuts > 2, whole]).toEqual([true, ofLists]);
    } finally {
      await cut.stop();
    }
  });

  it('is pulled into a file by a command that is killed in the middle: everything once', async () => {
    const out = join(hallpass.folder, 'students.ndjson');
    const env = { HALLPASS_TOKEN: district.token, HALLPASS_DATA_API_URL: demo.dataApi };
    const command = [CLI, 'pull', '--out', out, '--page-size', '3'];
    const options = { env: { ...hallpass.environment, ...env }, stdio: 'ignore' } as const;
    const child = spawn(process.execPath, command, options);
    const isBegun = () =>
      access(`${out}.checkpoint`).then(
        () => true,
        () => false,
      );
    while (!(await isBegun())) await pause(5);
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await expect(access(out)).rejects.toThrow('ENOENT');
    const { stderr, stdout } = await hallpass.hallpass(['pull', '--out', out, '--page-size', '50'], '', env);
    expect(stderr).toMatch(/^Going on after \d+ records\.\n$/);
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      await client.users.list({ role: 'student' }).all(),
    );
    const [, after] = /hallpass events --after ([0-9a-f]{24})/.exec(stdout) ?? [];
    const events = await hallpass.hallpass(['events', '--after', after as string], '', env);
    expect([events.code, events.stdout]).toEqual([0, '']);
  });

  it('does what its README says', async () => {
    const readme = await readFile(join(CLIENT, 'README.md'), 'utf8');
    const [, ofApp = '', ofWebhook = ''] = [...readme.matchAll(/```js\n([^]*?)```/g)].map(([, text]) => text);
    await mkdir(join(hallpass.folder, 'node_modules/@hallpass'), { recursive: true });
    await symlink(CLIENT, join(hallpass.folder, 'node_modules/@hallpass/client'));
    const env = {
      HALLPASS_CLIENT_ID: credentials.clientId,
      HALLPASS_CLIENT_SECRET: credentials.clientSecret,
      HALLPASS_TOKEN_SERVICE_URL: demo.tokenService,
      HALLPASS_DATA_API_URL: demo.dataApi,
    };
    const stdout = await runSample('app.mjs', ofApp, env);
    expect(stdout.match(/^[0-9a-f]{24}: \d+ schools$/gm)).toHaveLength(credentials.districts.length + 1);
    // Signed by the library that receivers may use in the place of ours.
    const [secret, body, at] = [
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      '{"type":"webhook.test"}',
      new Date(),
    ];
    const headers = {
      'webhook-id': 'e1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('e1', at, body),
    };
    const call = `${ofWebhook}\nconsole.log((await receive(${JSON.stringify(headers)}, '${body}')).type);`;
    expect(await runSample('webhook.mjs', call, { WEBHOOK_SECRET: secret })).toBe('webhook.test\n');
  });

  it('goes on over a rotation of its token, and says what became of a token that is given up', async () => {
    const own = app.client(district.id);
    expect((await own.me()).district).toBe(district.id);
    const [token] = await collect(app.tokens({ district: district.id }));
    expect(await app.token(token?.id as string)).toMatchObject({ districtId: district.id, state: 'live' });
    await app.rotateToken(token?.id as string, { graceSeconds: 0 });
    const refused = await client.schools
      .list()
      .all()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(refused).toMatchObject({ code: 'token-rotated', requestId: expect.stringMatching(/^req_/) });
    expect((await own.me()).district).toBe(district.id);
    const [successor] = await collect(app.tokens({ district: district.id }));
    await app.revokeToken(successor?.id as string);
    expect((await own.me()).district).toBe(district.id);
  });

  it('does not look for another token when the district has paused', async () => {
    const own = app.client(district.id);
    await own.me();
    const { id } = await grantOf(district.id);
    await hallpass.json(['grant', 'pause', id]);
    const error = await untilRefused(own);
    expect(error).toMatchObject({ status: 401, code: 'grant-paused' });
    await hallpass.json(['grant', 'resume', id]);
  });

  it('verifies what a real delivery is signed with, over a rotation of the secret', async () => {
    const receiver = await Receiver.start();
    const { id, secret } = await app.webhooks.create({ url: receiver.url, types: ['grant.requested'] });
    await app.webhooks.test(id);
    const first = await receiver.next();
    const event = await verifyWebhook({ secret, ...first });
    expect(event).toMatchObject({ type: 'webhook.test', data: { webhookId: id } });
    const changed = first.body.toString().replace('webhook.test', 'grant.approved');
    await expect(verifyWebhook({ secret, ...first, body: changed })).rejects.toThrow(
      WebhookVerificationError,
    );

    const rotated = await app.webhooks.rotateSecret(id);
    await app.webhooks.test(id);
    const second = await receiver.next();
    for (const each of [secret, rotated.secret])
      expect(await verifyWebhook({ secret: each, ...second })).toMatchObject({ type: 'webhook.test' });
    await app.webhooks.delete(id);
    expect(await app.webhooks.list()).toEqual([]);
    await receiver.stop();
  });

  it('tells what happened to the app, in the order of the list', async () => {
    const told: PlatformEvent[] = [];
    for await (const { data } of app.followPlatformEvents({
      wait: 0,
      types: ['token.rotated', 'grant.paused'],
    })) {
      told.push(...data);
      if (data.length === 0 || told.some(({ type }) => type === 'grant.paused')) break;
    }
    const types = told.map(({ type }) => type);
    expect(types.indexOf('token.rotated')).toBeGreaterThanOrEqual(0);
    expect(types.indexOf('grant.paused')).toBeGreaterThan(types.indexOf('token.rotated'));
  });

  it('takes a key of older days, and warns of the day on which it ends', async () => {
    const keyed = demo.apps.find(({ apiKey }) => apiKey !== undefined);
    const warnings: string[] = [];
    const onWarning = (warning: string) => void warnings.push(warning);
    // oxlint-disable-next-line typescript/no-deprecated -- it is what is tested
    const old = new Hallpass({ apiKey: keyed?.apiKey, url: demo.dataApi, onWarning });
    expect((await old.districts.list().all()).length).toBe(keyed?.districts.length);
    await old.schools.list().all();
    // One pull of all districts is what a pull of each with its own token is.
    const ofKey = new Copy();
    await ofKey.sync(old);
    const ofTokens: object = {};
    for (const { token } of keyed?.districts ?? []) {
      const own = new Copy();
      await own.sync(new Hallpass({ token, url: demo.dataApi }));
      Object.assign(ofTokens, own.picture);
    }
    expect(ofKey.picture).toEqual(ofTokens);
    await ofKey.sync(old);
    expect(ofKey.steps).toEqual([]);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(/deprecated and stops working/);
  });
});

/** A district of this test's own, which shares everything with the app. */
async function makeDistrict(): Promise<typeof district> {
  const { data } = await hallpass.json<{ data: { id: string; clientId: string }[] }>(['app', 'list']);
  appId = data.find(({ clientId }) => clientId === credentials.clientId)?.id as string;
  const { id, name } = await hallpass.json<{ id: string; name: string }>([
    'district',
    'create',
    '--name',
    NAME,
  ]);
  await importRoster(id, 0);
  const approval = ['grant', 'approve', '--app', appId, '--district', id];
  return { id, name, token: (await hallpass.json<{ token: string }>(approval)).token };
}

async function importRoster(districtId: string, changedShare: number): Promise<void> {
  const path = join(hallpass.folder, `roster-${changedShare}`);
  await writeFolder(generateDistrict({ seed: 11, students: 400, name: NAME, changedShare }), path);
  expect(await hallpass.json(['import', '--district', districtId, path])).toMatchObject({
    status: 'published',
  });
}

/** What it is refused with, within a second of the moment at which it stopped. */
async function untilRefused(own: Hallpass): Promise<unknown> {
  for (let tries = 0; tries < 100; tries += 1) {
    const error = await own.me().then(
      () => undefined,
      (each: unknown) => each,
    );
    if (error !== undefined) return error;
    await pause(50);
  }
  return undefined;
}

/** Where webhooks are sent to. */
class Receiver {
  readonly #waiting: { headers: IncomingHttpHeaders; body: Buffer }[] = [];

  private constructor(readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const receiver: Receiver = new Receiver(
      createServer((request, response) => {
        void buffer(request).then((body) => {
          receiver.#waiting.push({ headers: request.headers, body });
          response.writeHead(204).end();
          receiver.server.emit('came');
        });
      }).listen(0, '127.0.0.1'),
    );
    receiver.server.unref();
    await once(receiver.server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks`;
  }

  async next(): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
    while (this.#waiting.length === 0) await once(this.server, 'came');
    return this.#waiting.shift() as { headers: IncomingHttpHeaders; body: Buffer };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }
}

async function runSample(name: string, text: string, env: Record<string, string>): Promise<string> {
  await writeFile(join(hallpass.folder, name), text);
  const options = { cwd: hallpass.folder, env: { ...hallpass.environment, ...env } };
  return (await promisify(execFile)(process.execPath, [name], options)).stdout;
}

async function expectAsPulledAnew(): Promise<void> {
  const anew = new Copy();
  await anew.sync(client);
  expect(copy.picture).toEqual(anew.picture);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function grantOf(districtId: string): Promise<{ id: string }> {
  type Grants = { data: { id: string; appId: string }[] };
  const { data } = await hallpass.json<Grants>(['grant', 'list', '--district', districtId]);
  return data.find((grant) => grant.appId === appId) as { id: string };
}
