import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort, removeEmbeddedPostgres, startEmbeddedPostgres } from '@hallpass/database/embedded';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

jest.setTimeout(120_000);

const PACKAGE = resolve(import.meta.dirname, '..');
const SERVICES = ['token-service', 'data-api', 'admin'];

let root: string;
let folder: string;
let ports: Record<string, string>;
let launched: Launched[];

/** A repository in small: the built launcher, and stand-ins where the services would be. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hallpass-launcher-'));
  await chmod(root, 0o755);
  folder = join(root, '.hallpass');
  const launcher = join(root, 'packages', 'launcher');
  await cp(join(PACKAGE, 'dist'), join(launcher, 'dist'), { recursive: true });
  await copyFile(join(PACKAGE, 'package.json'), join(launcher, 'package.json'));
  await symlink(join(PACKAGE, 'node_modules'), join(launcher, 'node_modules'));
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  for (const service of SERVICES) {
    await mkdir(join(root, 'apps', service, 'dist'), { recursive: true });
    await copyFile(
      join(import.meta.dirname, 'service-stand-in.mjs'),
      join(root, 'apps', service, 'dist', 'main.js'),
    );
  }
  const [token, data, admin] = await Promise.all([freePort(), freePort(), freePort()]);
  ports = {
    TOKEN_SERVICE_PORT: String(token),
    DATA_API_PORT: String(data),
    ADMIN_PORT: String(admin),
    METRICS_PORT: '0',
  };
  launched = [];
});

afterEach(async () => {
  for (const { child } of launched) child.kill('SIGKILL');
  await Promise.all(launched.map(({ ended }) => ended));
  await removeEmbeddedPostgres(folder);
  await rm(root, { recursive: true, force: true });
});

interface Launched {
  child: ChildProcess;
  output: () => string;
  /** Settles with the exit code once the process has gone. */
  ended: Promise<number | null>;
  says(text: string): Promise<void>;
}

function launch(args: string[] = [], env: Record<string, string> = {}): Launched {
  const child = spawn(process.execPath, [join(root, 'packages/launcher/dist/main.js'), ...args], {
    env: { PATH: process.env['PATH'], ...ports, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString('utf8')));
  child.stderr.on('data', (text: Buffer) => (output += text.toString('utf8')));
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const says = async (text: string): Promise<void> => {
    let hasEnded = false;
    void ended.then(() => (hasEnded = true));
    while (!output.includes(text)) {
      if (hasEnded) throw new Error(`it ended without saying "${text}", but:\n${output}`);
      await pause(20);
    }
  };
  const result = { child, output: () => output, ended, says };
  launched.push(result);
  return result;
}

async function ready(args: string[] = [], env: Record<string, string> = {}): Promise<Launched> {
  const launcher = launch(args, env);
  await launcher.says('Hallpass is ready');
  return launcher;
}

async function ask<T>(port: string, path: string): Promise<T> {
  return (await (await fetch(`http://127.0.0.1:${ports[port]}${path}`)).json()) as T;
}

/** Every process that a launcher started, the database among them. */
async function pids(): Promise<number[]> {
  const named = Object.keys(ports).filter((port) => ports[port] !== '0');
  const services = await Promise.all(named.map((port) => ask<number>(port, '/pid')));
  return [...services, Number.parseInt(await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8'), 10)];
}

function living(all: number[]): number[] {
  return all.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

async function gone(all: number[]): Promise<void> {
  while (living(all).length > 0) await pause(20);
}

/** The first of so many ports in a row that are free. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const isFree = (port: number) =>
      new Promise<boolean>((done) => {
        const server = createServer();
        server.once('error', () => done(false));
        server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
      });
    const all = await Promise.all(Array.from({ length: count }, (_, each) => isFree(first + each)));
    if (all.every(Boolean)) return first;
  }
}

async function readJson(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
}

describe('npm start', () => {
  it('starts everything, keeps secrets private, stops without a trace, and reuses its data', async () => {
    const first = await ready();
    const all = await pids();
    const demo = await readJson('demo.json');
    expect(demo).toMatchObject({
      tokenService: `http://127.0.0.1:${ports['TOKEN_SERVICE_PORT']}`,
      operatorToken: expect.any(String),
      apps: [
        { clientId: 'c', districts: [{ token: expect.any(String) }, {}, {}] },
        { districts: [{}, {}] },
        { apiKey: 'k', districts: [{}, {}] },
      ],
    });
    expect(first.output()).toContain(`curl -i -u 'k:' '${String(demo['dataApi'])}/v3.0/schools?limit=1'`);
    for (const name of ['demo.json', 'keys.json', 'operator-token', 'postgres-password']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    const keys = await readJson('keys.json');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(living(all)).toEqual([]);

    const second = await ready();
    expect(second.output()).not.toContain('demo districts');
    expect([await readJson('keys.json'), await readJson('demo.json')]).toEqual([keys, demo]);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  it('gives each service its own database login, its addresses, and the keys', async () => {
    const launcher = await ready();
    const { pepper, masterKey } = await readJson('keys.json');
    const env = await ask<Record<string, string>>('DATA_API_PORT', '/environment');
    expect(env).toMatchObject({
      DATABASE_URL: expect.stringMatching(/^postgres:\/\/hallpass_data_api:.+\/hallpass$/),
      HALLPASS_TOKEN_PEPPER: pepper,
      ADMIN_URL: `http://127.0.0.1:${ports['ADMIN_PORT']}`,
    });
    expect([env['METRICS_PORT'], launcher.output()]).toEqual(['0', expect.not.stringContaining('Metrics')]);
    // It opens no seal.
    expect(env).not.toHaveProperty('HALLPASS_MASTER_KEY');
    for (const port of ['ADMIN_PORT', 'TOKEN_SERVICE_PORT'] as const)
      expect(await ask(port, '/environment')).toMatchObject({ HALLPASS_MASTER_KEY: masterKey });
    launcher.child.kill('SIGTERM');
    await launcher.ended;
  });

  it('tells the services the addresses that a proxy before them has', async () => {
    const outside = {
      TOKEN_SERVICE_URL: 'https://tokens.example.org',
      PORTAL_URL: 'https://portal.example.org',
      DATA_API_URL: 'https://api.example.org',
      ADMIN_URL: 'https://admin.example.org',
    };
    const launcher = await ready([], outside);
    for (const port of ['TOKEN_SERVICE_PORT', 'DATA_API_PORT', 'ADMIN_PORT'] as const)
      expect(await ask(port, '/environment')).toMatchObject(outside);
    launcher.child.kill('SIGTERM');
    await launcher.ended;
  });

  it('recovers by itself after kill -9, its services gone', async () => {
    const first = await ready();
    const all = await pids();
    first.child.kill('SIGKILL');
    await gone(all.slice(0, 3));
    const second = await ready();
    expect(living(all)).toEqual([]);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('stops when npm, which started it, gets %s', async (signal) => {
    await writeFile(
      join(root, 'package.json'),
      JSON.stringify({ type: 'module', scripts: { start: 'node packages/launcher/dist/main.js' } }),
    );
    const npm = spawn('npm', ['start'], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...ports },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise<void>((settle) => {
      npm.stdout.on('data', (text: Buffer) => {
        if (text.includes('Hallpass is ready')) settle();
      });
    });
    const all = await pids();
    npm.kill(signal);
    await gone(all);
  });

  it('makes the demo again when it was cut short', async () => {
    const first = launch([], { STAND_IN_HANGS: '1' });
    await first.says('Making three demo districts');
    first.child.kill('SIGKILL');
    await first.ended;
    await expect(readJson('demo.json')).rejects.toThrow('ENOENT');
    const second = await ready();
    expect((await readJson('demo.json'))['apps']).toHaveLength(3);
    second.child.kill('SIGTERM');
    await second.ended;
  });

  it('stops when asked in the middle of a start', async () => {
    const launcher = launch([], { STAND_IN_HANGS: '1' });
    await launcher.says('Making three demo districts');
    const all = await pids();
    launcher.child.kill('SIGINT');
    expect(await launcher.ended).toBe(0);
    expect(living(all)).toEqual([]);
  });

  it('begins again with --fresh', async () => {
    const first = await ready();
    const demo = await readJson('demo.json');
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await ready(['--fresh']);
    expect((await readJson('demo.json'))['operatorToken']).not.toBe(demo['operatorToken']);
    second.child.kill('SIGTERM');
    await second.ended;
  });

  it('says which ports are taken, and how to choose others', async () => {
    const stranger = createServer().listen(Number(ports['DATA_API_PORT']), '127.0.0.1');
    const launcher = launch();
    expect(await launcher.ended).toBe(1);
    expect(launcher.output()).toContain(
      `Port ${ports['DATA_API_PORT']}, for data-api, is taken. Choose another: DATA_API_PORT=`,
    );
    stranger.close();
  });

  it('gives each service a port for its metrics on the loopback address, says so, and says which is taken', async () => {
    const base = await freePorts(3);
    const launcher = launch([], { METRICS_PORT: String(base) });
    await launcher.says('Hallpass is ready');
    expect(launcher.output()).toContain(`http://127.0.0.1:${base}, ${base + 1}, ${base + 2} /metrics`);
    for (const [i, port] of (['TOKEN_SERVICE_PORT', 'DATA_API_PORT', 'ADMIN_PORT'] as const).entries())
      expect(await ask(port, '/environment')).toMatchObject({
        METRICS_PORT: String(base + i),
        METRICS_HOST: '127.0.0.1',
      });
    launcher.child.kill('SIGTERM');
    await launcher.ended;
    const stranger = createServer().listen(base + 1, '127.0.0.1');
    const next = launch([], { METRICS_PORT: String(base) });
    expect(await next.ended).toBe(1);
    expect(next.output()).toContain(`Cannot listen on port ${base + 1}, for the metrics of data-api.`);
    stranger.close();
  });

  it('refuses to run twice on the same data, --fresh or not, and leaves the first alone', async () => {
    const first = await ready();
    const second = launch(['--fresh'], { TOKEN_SERVICE_PORT: String(await freePort()) });
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`already running here, as process ${first.child.pid}`);
    expect(living(await pids())).toHaveLength(4);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });

  it('stops everything when a service dies, showing the end of its log', async () => {
    const launcher = await ready();
    const all = await pids();
    await ask('ADMIN_PORT', '/crash').catch(() => undefined);
    expect(await launcher.ended).toBe(1);
    expect(launcher.output()).toMatch(/admin ended unexpectedly \(code 3\).*\n.*the disk is full/);
    expect(living(all)).toEqual([]);
  });

  it('stops everything when the database dies', async () => {
    const launcher = await ready();
    const all = await pids();
    process.kill(all[3] ?? 0, 'SIGKILL');
    expect(await launcher.ended).toBe(1);
    expect(launcher.output()).toContain('Postgres ended unexpectedly');
    expect(living(all)).toEqual([]);
  });

  it('kills what does not stop when told a second time', async () => {
    const launcher = await ready([], { STAND_IN_STUBBORN: '1' });
    const all = await pids();
    launcher.child.kill('SIGINT');
    await pause(300);
    launcher.child.kill('SIGINT');
    await launcher.ended;
    await gone(all);
  });

  it('makes no demo where others reach it', async () => {
    const launcher = await ready([], { HOST: '0.0.0.0' });
    expect(launcher.output()).toContain('There is no demo');
    await expect(readJson('demo.json')).rejects.toThrow('ENOENT');
    launcher.child.kill('SIGTERM');
    await launcher.ended;
  });

  it('uses the Postgres of DATABASE_URL, and makes no demo in it', async () => {
    const elsewhere = join(root, 'elsewhere');
    const server = await startEmbeddedPostgres({ folder: elsewhere, settings: { fsync: 'off' } });
    const launcher = await ready([], { DATABASE_URL: server.superuserUrl() });
    expect(launcher.output()).toContain('There is no demo');
    expect(launcher.output()).toMatch(/^Migrated the database: \d+ steps\.$/m);
    await expect(stat(join(folder, 'postgres'))).rejects.toThrow('ENOENT');
    launcher.child.kill('SIGTERM');
    expect(await launcher.ended).toBe(0);
    // Once that is done there is nothing to tell.
    const again = await ready([], { DATABASE_URL: server.superuserUrl() });
    expect(again.output()).not.toContain('Migrated');
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
    await server.stop();
    await removeEmbeddedPostgres(elsewhere);
  });
});
