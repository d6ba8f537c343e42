import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { type AdminStandIn, startAdminStandIn } from './admin-stand-in.js';

const BIN = resolve(import.meta.dirname, '../bin/hallpass.js');
const EVENTS = 'GET /v1/events';

let tokenService: AdminStandIn;
let folder: string;
const running: Listening[] = [];

beforeEach(async () => {
  tokenService = await startAdminStandIn();
  folder = await mkdtemp(join(tmpdir(), 'hallpass-cli-'));
});
afterEach(async () => {
  for (const each of running.splice(0)) each.child.kill('SIGKILL');
  await tokenService.close();
  await rm(folder, { recursive: true, force: true });
});

/** The command as it runs, and what it has printed so far. */
class Listening {
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown[]>;

  constructor(readonly child: ChildProcess) {
    this.#ended = once(child, 'close');
    child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString('utf8')));
    child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString('utf8')));
  }

  /** Once it has printed that. */
  async until(stream: 'stdout' | 'stderr', text: string | RegExp): Promise<void> {
    const has = () => (typeof text === 'string' ? this[stream].includes(text) : text.test(this[stream]));
    while (!has()) await once(this.child[stream] as NodeJS.ReadableStream, 'data');
  }

  async code(): Promise<number | null> {
    return (await this.#ended)[0] as number | null;
  }
}

function listen(args: string[] = [], env?: Record<string, string>): Listening {
  const client = {
    HALLPASS_TOKEN_SERVICE_URL: tokenService.url,
    HALLPASS_CLIENT_ID: 'client',
    HALLPASS_CLIENT_SECRET: 'secret',
  };
  const child = spawn(process.execPath, [BIN, 'listen', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...(env ?? client) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listening = new Listening(child);
  running.push(listening);
  return listening;
}

const event = (n: number) => ({
  id: String(n).padStart(24, '0'),
  type: 'grant.approved',
  at: `2026-11-25T10:00:0${n}.000Z`,
  districtId: 'd'.repeat(24),
  data: { grantId: 'a'.repeat(24) },
});
const page = (next: string, ...data: object[]) => ({ status: 200, body: { data, next } });
/** Stands in for a wait: what would answer nothing for 25 seconds is away instead, and asked again. */
const AWAY = { status: 503, body: { title: 'Away' } };

describe('hallpass listen', () => {
  it('prints a line for each event, goes on from where it was, and ends by Ctrl-C', async () => {
    tokenService.answer(EVENTS, page('c1', event(1)), page('c2', event(2)), AWAY);
    const command = listen(['--types', 'grant.approved', '--since', '2026-11-25']);
    await command.until('stdout', event(2).at);
    expect(command.stdout).toBe(
      [1, 2]
        .map(
          (n) =>
            `${event(n).at}  grant.approved    districtId=${'d'.repeat(24)}  grantId=${'a'.repeat(24)}\n`,
        )
        .join(''),
    );
    expect(tokenService.received.slice(0, 2).map(({ query }) => query)).toEqual([
      { since: '2026-11-25T00:00:00.000Z', types: 'grant.approved', wait: '25' },
      { since: '2026-11-25T00:00:00.000Z', types: 'grant.approved', wait: '25', after: 'c1' },
    ]);
    expect(tokenService.received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('client:secret').toString('base64')}`,
    );
    command.child.kill('SIGINT');
    expect(await command.code()).toBe(0);
  });

  it('prints JSON alone on stdout, a line for each event', async () => {
    tokenService.answer(EVENTS, page('c1', event(1), event(2)), AWAY);
    const command = listen(['--json']);
    await command.until('stdout', event(2).id);
    const lines = command.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([event(1), event(2)]);
  });

  it('goes on after an outage, and says so once', async () => {
    tokenService.answer(EVENTS, page('c1', event(1)), AWAY, AWAY, page('c2', event(2)), AWAY);
    const command = listen();
    await command.until('stdout', event(2).at);
    expect(command.stderr.match(/Away: trying again/g)).toHaveLength(1);
    await command.until('stderr', 'answers again');
    expect(tokenService.received.at(3)?.query['after']).toBe('c1');
  });

  it('goes on with the oldest that is kept when its cursor has expired', async () => {
    const expired = { status: 410, body: { title: 'Gone', code: 'platform-events-expired' } };
    tokenService.answer(EVENTS, page('c1', event(1)), expired, page('c2', event(2)), AWAY);
    const command = listen();
    await command.until('stdout', event(2).at);
    expect(command.stderr).toContain('no longer kept');
    expect(tokenService.received.at(2)?.query['after']).toBeUndefined();
  });

  it('sends each event on, signed with the secret that it prints', async () => {
    const receiver = await startAdminStandIn();
    receiver.answer('POST /hooks', { status: 200 });
    tokenService.answer(EVENTS, page('c1', event(1)), AWAY);
    const command = listen(['--forward-to', `${receiver.url}/hooks`]);
    await command.until('stderr', /→ 200/);
    const [secret] = /whsec_\S+/.exec(command.stderr) ?? [''];
    const [sent] = receiver.received;
    const verified = new Webhook(secret).verify(sent?.body ?? '', sent?.headers as Record<string, string>);
    expect(verified).toEqual(event(1));
    await receiver.close();
  });

  it('goes on when what it sends to does not answer', async () => {
    const receiver = await startAdminStandIn();
    await receiver.close();
    tokenService.answer(EVENTS, page('c1', event(1), event(2)), AWAY);
    const command = listen(['--forward-to', `${receiver.url}/hooks`]);
    await command.until('stderr', /→ no answer[^]*→ no answer/);
  });

  it('asks as the first app of the demo, when it is told of none', async () => {
    await mkdir(join(folder, '.hallpass'));
    const demo = {
      tokenService: tokenService.url,
      apps: [{ clientId: 'demo', clientSecret: 'of the demo', districts: [] }],
    };
    await writeFile(join(folder, '.hallpass/demo.json'), JSON.stringify(demo));
    tokenService.answer(EVENTS, page('c1', event(1)), AWAY);
    const command = listen([], {});
    await command.until('stdout', event(1).at);
    expect(tokenService.received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('demo:of the demo').toString('base64')}`,
    );
  });

  it.each([
    ['a refused secret', [], undefined, 1, 'HALLPASS_CLIENT_SECRET'],
    ['no app', [], {}, 1, 'Which app?'],
    ['half of an app', [], { HALLPASS_CLIENT_ID: 'client' }, 1, 'HALLPASS_CLIENT_SECRET is not set'],
    ['what is no address', ['--forward-to', 'localhost:3000'], undefined, 2, 'is not an address'],
    ['what is no date', ['--since', 'yesterday'], undefined, 2, 'is not a date'],
  ])('ends with %s, and says what to do', async (_name, args, env, code, text) => {
    tokenService.answer(EVENTS, { status: 401, body: { title: 'Not known', code: 'credentials-unknown' } });
    const command = listen(args, env);
    expect([await command.code(), command.stdout]).toEqual([code, '']);
    expect(command.stderr).toContain(text);
    expect(command.stderr).not.toContain('whsec_');
  });
});
