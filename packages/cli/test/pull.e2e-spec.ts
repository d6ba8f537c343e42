import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const BIN = resolve(import.meta.dirname, '../bin/hallpass.js');
const TOKEN = 'hptok_of_the_test';
const ALL = Array.from({ length: 23 }, (_, i) => ({
  id: (i + 1).toString(16).padStart(24, '0'),
  name: `é${i}`,
}));
const LINES = ALL.map((each) => `${JSON.stringify(each)}\n`).join('');

let server: Server;
let folder: string;
let url: string;
let district = 'd'.repeat(24);
let asked: { path: string; authorization: string | undefined }[] = [];
/** What is done about a request, in the place of an answer or before it: true when nothing else is. */
let meddle: (path: string, response: ServerResponse) => boolean;

beforeEach(async () => {
  [asked, meddle, district] = [[], () => false, 'd'.repeat(24)];
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, authorization: request.headers.authorization });
    if (meddle(path, response)) return;
    if (path.startsWith('/v3.1/export')) return void response.end(exportOf(path));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answerTo(path)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'hallpass-pull-'));
});
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), 'close');
  await rm(folder, { recursive: true, force: true });
});

function answerTo(path: string): object {
  const { pathname, searchParams } = new URL(path, 'http://server');
  if (pathname === '/v3.1/me') return { data: { id: district, district, type: 'district' }, links: [] };
  if (pathname === '/v3.1/events') return { data: EVENTS, links: [] };
  const [after, limit] = [searchParams.get('starting_after') ?? '', Number(searchParams.get('limit'))];
  const page = ALL.filter(({ id }) => id > after).slice(0, limit);
  const next = `${pathname}?role=student&limit=${limit}&starting_after=${page.at(-1)?.id}&at=4`;
  const events = { rel: 'events', uri: '/v3.1/events?starting_after=00000009ffffffffffffffff' };
  const links = [page.length === limit ? { rel: 'next', uri: next } : events];
  return { data: page.map((data) => ({ data, uri: `/v3.1/users/${data.id}` })), links };
}

function exportOf(path: string): string {
  const after = new URL(path, 'http://server').searchParams.get('starting_after') ?? '';
  const lines = ALL.filter(({ id }) => id > after).map((data) => ({ kind: 'users', data }));
  const end = { records: lines.length, events: '/v3.1/events?starting_after=00000009ffffffffffffffff' };
  return [{ export: { at: '4' } }, ...lines, { end }].map((line) => `${JSON.stringify(line)}\n`).join('');
}

const EVENTS = [
  {
    data: {
      id: '0000000a0000000000000001',
      type: 'users.updated',
      created: '2026-11-25T10:00:00.000Z',
      data: { object: ALL[0] },
      previous_attributes: { name: { last: 'Secret' }, roles: { student: { grade: '7' } } },
    },
    uri: '/v3.1/events/0000000a0000000000000001',
  },
];

function begin(args: string[], env: Record<string, string> = { HALLPASS_TOKEN: TOKEN }): ChildProcess {
  const given = { PATH: process.env['PATH'] ?? '', HALLPASS_DATA_API_URL: url, ...env };
  return spawn(process.execPath, [BIN, ...args], { cwd: folder, env: given });
}

async function ran(
  child: ChildProcess,
  input = '',
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  child.stdin?.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code: code ?? signal, stdout, stderr };
}

const PULL = ['pull', '--out', 'students.ndjson', '--page-size', '5'];
const file = (name = 'students.ndjson') => readFile(join(folder, name), 'utf8');

describe('hallpass pull', () => {
  it('refuses a second pull to the same file while one runs, which ends whole; and leaves no lock', async () => {
    let held: (() => void) | undefined;
    const isHeld = new Promise<void>((hold) => {
      // The second page of the first pull waits; all else is answered.
      meddle = (path, response) => {
        if (held || !path.includes('starting_after=')) return false;
        held = () =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answerTo(path)));
        hold();
        return true;
      };
    });
    const first = begin(PULL);
    const ended = ran(first);
    await isHeld;
    const second = await ran(begin(PULL));
    expect([second.code, second.stdout]).toEqual([2, '']);
    expect(second.stderr).toContain(`Process ${first.pid} pulls to students.ndjson already`);
    // Another file is another matter.
    expect((await ran(begin(['pull', '--out', 'other.ndjson', '--page-size', '5']))).code).toBe(0);
    held?.();
    expect((await ended).code).toBe(0);
    expect([await file(), await file('other.ndjson')]).toEqual([LINES, LINES]);
    expect((await readdir(folder)).toSorted()).toEqual(['other.ndjson', 'students.ndjson']);
  });

  it('takes over the lock of a process that is gone', async () => {
    const gone = begin(['--version']);
    await ran(gone);
    await writeFile(join(folder, 'students.ndjson.lock'), String(gone.pid));
    expect((await ran(begin(PULL))).code).toBe(0);
    expect(await file()).toBe(LINES);
    expect(await readdir(folder)).toEqual(['students.ndjson']);
  });

  it('writes a line for each record, and says where to go on', async () => {
    const { code, stdout, stderr } = await ran(begin(PULL));
    expect([code, stderr, await file()]).toEqual([0, '', LINES]);
    expect(stdout).toBe(
      '23 students are in students.ndjson.\nWhat changes from now on: hallpass events --after 00000009ffffffffffffffff\n',
    );
    expect(await readdir(folder)).toEqual(['students.ndjson']);
    expect(asked[1]?.path).toBe('/v3.1/users?role=student&limit=5');
  });

  it('takes the token from standard input as well, and from no argument', async () => {
    const { code, stdout } = await ran(begin([...PULL, '--json'], {}), `${TOKEN}\n`);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { file: 'students.ndjson', kind: 'students', records: 23, eventsAfter: '00000009ffffffffffffffff' },
    ]);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect((await ran(begin(['pull', '--help']))).stdout).not.toMatch(/--token/);
  });

  it('is killed at every page, before and after it came, and has everything once', async () => {
    // Each run is killed by the request for its second or third page; each but the last makes one page of headway.
    for (let deaths = 0; deaths < 8; deaths += 1) {
      const child = begin(PULL);
      let pages = 0;
      meddle = (path, response) => {
        if (!path.startsWith('/v3.1/users') || (pages += 1) < 2 + (deaths % 2)) return false;
        if (deaths % 3 === 0) return child.kill('SIGKILL');
        // The page was sent: what is done with it is cut short at whatever the moment is.
        response.on('finish', () => child.kill('SIGKILL'));
        return false;
      };
      const { code } = await ran(child);
      if (code === 0) break;
      expect(code).toBe('SIGKILL');
    }
    meddle = () => false;
    // What a death between the file and its checkpoint leaves.
    if ((await readdir(folder)).includes('students.ndjson.part'))
      await appendFile(join(folder, 'students.ndjson.part'), '{"id":"half of a');
    expect((await ran(begin(PULL))).code).toBe(0);
    expect(await file()).toBe(LINES);
    expect(await readdir(folder)).toEqual(['students.ndjson']);
  });

  it('does not ask for a page twice that is on the disk', async () => {
    let pages = 0;
    const child = begin(PULL);
    meddle = (path) => path.startsWith('/v3.1/users') && (pages += 1) === 3 && child.kill('SIGKILL');
    await ran(child);
    [asked, meddle] = [[], () => false];
    const { stderr } = await ran(begin(PULL));
    expect(stderr).toBe('Going on after 10 records.\n');
    expect(asked.map(({ path }) => path)[1]).toContain(`starting_after=${ALL[9]?.id}&at=4`);
    expect(await file()).toBe(LINES);
  });

  it('writes all kinds of an export that breaks off and of a command that is killed: everything once', async () => {
    const all = ['pull', '--out', 'all.ndjson', '--kind', 'all', '--page-size', '5'];
    const child = begin(all);
    meddle = (path, response) => {
      if (!path.startsWith('/v3.1/export')) return false;
      if (path.includes('starting_after=')) return child.kill('SIGKILL');
      const text = exportOf(path);
      return response.write(text.slice(0, text.indexOf('é12')), () => response.socket?.destroy());
    };
    expect((await ran(child)).code).toBe('SIGKILL');
    [asked, meddle] = [[], () => false];
    const { code, stdout, stderr } = await ran(begin(all));
    expect([code, stderr, stdout.split('\n')[0]]).toEqual([
      0,
      'Going on after 10 records.\n',
      '23 records are in all.ndjson.',
    ]);
    expect(asked.map(({ path }) => path)).toEqual([
      '/v3.1/me',
      `/v3.1/export?at=4&kind=users&starting_after=${ALL[9]?.id}`,
    ]);
    expect(await file('all.ndjson')).toBe(
      ALL.map((data) => `${JSON.stringify({ kind: 'users', data })}\n`).join(''),
    );
  });

  it.each([
    ['before it has its name', { 'students.ndjson.part': LINES }],
    ['after it has its name', { 'students.ndjson': LINES }],
  ])('finishes a pull that died when all was written, %s', async (_name, files) => {
    const checkpoint = {
      districtId: district,
      kind: 'students',
      bytes: Buffer.byteLength(LINES),
      records: 23,
      eventsAfter: '9f',
    };
    await writeFile(join(folder, 'students.ndjson.checkpoint'), JSON.stringify(checkpoint));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    expect((await ran(begin(PULL))).code).toBe(0);
    expect([await file(), await readdir(folder)]).toEqual([LINES, ['students.ndjson']]);
    expect(asked.map(({ path }) => path)).toEqual(['/v3.1/me']);
  });

  it('begins anew when its picture is no longer kept, or its file is not what it was', async () => {
    const stale = {
      districtId: district,
      kind: 'students',
      bytes: 4,
      records: 1,
      cursor: '/v3.1/users?limit=5&at=1',
    };
    await writeFile(join(folder, 'students.ndjson.checkpoint'), JSON.stringify(stale));
    expect((await ran(begin(PULL))).stderr).toContain('not what its checkpoint says');
    expect(await file()).toBe(LINES);

    await writeFile(join(folder, 'students.ndjson.checkpoint'), JSON.stringify(stale));
    await writeFile(join(folder, 'students.ndjson.part'), 'old\n');
    meddle = (path, response) =>
      path.includes('at=1') &&
      !!response.writeHead(410).end(JSON.stringify({ code: 'cursor-expired', title: 'Gone' }));
    expect((await ran(begin(PULL))).stderr).toContain('no longer kept');
    expect(await file()).toBe(LINES);
  });

  it.each([
    ['of another district', { districtId: 'e'.repeat(24), kind: 'students', bytes: 0 }, 'another district'],
    ['of another kind', { districtId: 'd'.repeat(24), kind: 'schools', bytes: 0 }, 'is of schools'],
    ['that is none', 'nonsense', 'is no checkpoint'],
  ])('leaves a checkpoint alone %s', async (_name, checkpoint, said) => {
    await writeFile(join(folder, 'students.ndjson.checkpoint'), JSON.stringify(checkpoint));
    const { code, stderr } = await ran(begin(PULL));
    expect([code, stderr.includes(said)]).toEqual([2, true]);
  });

  it('is ended by Ctrl-C, and goes on', async () => {
    const child = begin(PULL);
    meddle = (path) => path.includes(`starting_after=${ALL[9]?.id}`) && child.kill('SIGINT');
    const { code, stderr } = await ran(child);
    expect([code, stderr]).toEqual([130, 'Ended. The same command goes on from here.\n']);
    meddle = () => false;
    expect((await ran(begin(PULL))).code).toBe(0);
    expect(await file()).toBe(LINES);
  });

  it.each([
    ['no token', { HALLPASS_TOKEN: '' }, 1, 'no token came'],
    [
      'no address',
      { HALLPASS_TOKEN: TOKEN, HALLPASS_DATA_API_URL: '' },
      1,
      'HALLPASS_DATA_API_URL is not set',
    ],
    ['nothing at all', { HALLPASS_DATA_API_URL: '' }, 1, 'Which district?'],
  ])('ends with %s, and says what to do', async (_name, env, code, said) => {
    const ended = await ran(begin(PULL, env));
    expect([ended.code, ended.stderr.includes(said)]).toEqual([code, true]);
  });

  it('says what the service says, and never the token', async () => {
    meddle = (_, response) => {
      const problem = {
        title: 'The district has paused this app.',
        status: 401,
        code: 'grant-paused',
        requestId: 'req_1',
      };
      response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
      return true;
    };
    const { code, stderr } = await ran(begin(PULL));
    expect([code, stderr]).toEqual([1, 'error: The district has paused this app.\nRequest id: req_1\n']);
    expect((await ran(begin(['pull', '--out', 'nowhere/a.ndjson']))).stderr).not.toContain(TOKEN);
  });

  it('says so when the file cannot be written', async () => {
    const { code, stderr } = await ran(begin(['pull', '--out', 'nowhere/a.ndjson']));
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be written (ENOENT)')]);
  });
});

describe('hallpass events', () => {
  it('shows ids and the names of fields, and no value', async () => {
    const { code, stdout } = await ran(begin(['events', '--after', '9f', '--kinds', 'users']));
    expect([code, stdout]).toEqual([
      0,
      `0000000a0000000000000001  2026-11-25T10:00:00.000Z  users.updated     ${ALL[0]?.id}  name.last,roles.student.grade\n`,
    ]);
    expect(asked[0]?.path).toBe('/v3.1/events?starting_after=9f&record_type=users&limit=1000');
  });

  it('prints the whole of each as a line of JSON', async () => {
    const { stdout } = await ran(begin(['events', '--json']));
    expect(JSON.parse(stdout)).toEqual(EVENTS[0]?.data);
  });

  it('follows until Ctrl-C, from the last that it has shown', async () => {
    const child = begin(['events', '--follow', '--every', '1']);
    meddle = (path, response) => {
      if (!path.includes(`starting_after=${EVENTS[0]?.data.id}`)) return false;
      response.end(JSON.stringify({ data: [], links: [] }), () => child.kill('SIGINT'));
      return true;
    };
    const { code, stdout } = await ran(child);
    expect([code, stdout.split('\n')]).toEqual([0, [expect.stringContaining('users.updated'), '']]);
  });

  it('ends when nobody reads on', async () => {
    meddle = (_, response) => {
      const many = Array.from({ length: 20_000 }, () => EVENTS[0]);
      return !!response.end(JSON.stringify({ data: many, links: [] }));
    };
    const child = begin(['events', '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, stderr } = await ran(child);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('refuses a kind that there is not', async () => {
    const { code, stderr } = await ran(begin(['events', '--kinds', 'students']));
    expect([code, stderr]).toEqual([2, expect.stringContaining('--kinds are of schools')]);
  });
});
