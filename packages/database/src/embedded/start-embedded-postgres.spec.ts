import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from './start-embedded-postgres.js';

jest.setTimeout(60_000);

const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

let parent: string;
let folder: string;
let running: EmbeddedPostgres[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'hallpass-pg-'));
  await chmod(parent, 0o755);
  folder = join(parent, '.hallpass');
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  await removeEmbeddedPostgres(folder);
  await rm(parent, { recursive: true, force: true });
});

async function start(settings: Record<string, string> = FAST): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder, settings });
  running.push(server);
  return server;
}

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.superuserUrl() });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map((row: unknown[]) => row[0]);
  } finally {
    await client.end();
  }
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A launcher in a process of its own, which a test may kill. */
async function startElsewhere(): Promise<ChildProcess> {
  const built = resolve(import.meta.dirname, '../../dist/embedded/index.js');
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(built)});
    await startEmbeddedPostgres(${JSON.stringify({ folder, settings: FAST })});
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((ready, failed) => {
    child.stdout?.once('data', () => ready());
    child.once('exit', (code) => failed(new Error(`The launcher ended with ${code}.`)));
  });
  child.removeAllListeners('exit');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}

describe('startEmbeddedPostgres', () => {
  it('starts Postgres 18, keeps data over a restart, and leaves no process behind', async () => {
    const first = await start();
    expect(await ask(first, 'show server_version')).toEqual([expect.stringMatching(/^18\./)]);
    await ask(first, 'create table kept as select 42 as answer');
    const pid = await postmasterPid();
    await first.stop();
    expect(isRunning(pid)).toBe(false);

    const second = await start();
    expect(await ask(second, 'select answer from kept')).toEqual([42]);
  });

  it('is durable by default, speaks UTF-8, sorts by code point and has contrib', async () => {
    const server = await start({});
    expect(await ask(server, 'show fsync')).toEqual(['on']);
    expect(await ask(server, 'show server_encoding')).toEqual(['UTF8']);
    expect(await ask(server, "select x from (values ('b'), ('B'), ('é')) as t(x) order by x")).toEqual([
      'B',
      'b',
      'é',
    ]);
    expect(await ask(server, "select lower('É')")).toEqual(['é']);
    await ask(server, 'create extension pg_trgm');
  });

  it('listens on 127.0.0.1 only, asks for a password, and keeps it private', async () => {
    const server = await start();
    expect(await ask(server, 'show listen_addresses')).toEqual(['127.0.0.1']);
    expect((await stat(join(folder, 'postgres-password'))).mode & 0o777).toBe(0o600);
    const stranger = new Client({
      connectionString: `postgres://postgres:wrong@127.0.0.1:${server.port}/postgres`,
    });
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
  });

  it('recovers by itself when the server was killed', async () => {
    const first = await start({});
    await ask(first, 'create table kept as select 42 as answer');
    process.kill(await postmasterPid(), 'SIGKILL');
    await first.exited;

    const second = await start({});
    expect(await ask(second, 'select answer from kept')).toEqual([42]);
  });

  it('stops and replaces the server of a run that was killed', async () => {
    const launcher = await startElsewhere();
    const orphan = await postmasterPid();
    await kill(launcher);
    expect(isRunning(orphan)).toBe(true);

    await start();
    expect(isRunning(orphan)).toBe(false);
  });

  it('refuses a folder that a living run uses, naming its process', async () => {
    const launcher = await startElsewhere();
    try {
      await expect(start()).rejects.toThrow(`in use by process ${launcher.pid}`);
    } finally {
      const pid = await postmasterPid();
      await kill(launcher);
      process.kill(pid, 'SIGINT');
    }
  });

  it('begins again after a first start that was cut short', async () => {
    await mkdir(join(folder, 'postgres.new', 'base'), { recursive: true });
    await start();
    expect(await readdir(folder)).not.toContain('postgres.new');
  });

  it('spares a stranger whose number stands in a stale pid file', async () => {
    const first = await start();
    await first.stop();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await writeFile(join(folder, 'postgres', 'postmaster.pid'), `${stranger.pid}\n`);
    await start();
    expect(isRunning(stranger.pid ?? 0)).toBe(true);
    await kill(stranger);
  });

  it('says what is wrong when the password is lost or the port is taken', async () => {
    const first = await start();
    await expect(
      startEmbeddedPostgres({ folder: join(parent, 'other'), port: first.port, settings: FAST }),
    ).rejects.toThrow(`Port ${first.port} of 127.0.0.1 is taken`);
    await first.stop();
    await rm(join(folder, 'postgres-password'));
    await expect(start()).rejects.toThrow('postgres-password is missing');
  });

  if (process.getuid?.() !== 0) return;

  it('runs as an unprivileged user when root starts it, even inside a private home', async () => {
    await chmod(parent, 0o700);
    const server = await start();
    await ask(server, 'create table kept as select 42 as answer');
    const status = await readFile(`/proc/${await postmasterPid()}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65534\t/m);
    await server.stop();
    expect(await ask(await start(), 'select answer from kept')).toEqual([42]);
  });
});

describe('removeEmbeddedPostgres', () => {
  it('deletes the data and stops a server left on them, and the next start begins afresh', async () => {
    const launcher = await startElsewhere();
    const orphan = await postmasterPid();
    await kill(launcher);
    await removeEmbeddedPostgres(folder);
    expect(isRunning(orphan)).toBe(false);
    expect(await readdir(folder)).toEqual(['postgres.lock']);
    await start();
  });
});
