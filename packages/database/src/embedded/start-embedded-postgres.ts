import { mkdir, open, realpath, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { type Binaries, findBinaries } from './binaries.js';
import { type Cluster, openCluster } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type Postmaster, spawnPostmaster, stopOrphan, stopPostmaster } from './postmaster.js';
import { LockHeldError, type ProcessLock, holdLock } from './process-lock.js';

export interface EmbeddedPostgresOptions {
  /** Holds the data, the superuser's password, the log and the lock; made when absent. */
  readonly folder: string;
  /** On 127.0.0.1; any free one when left out. */
  readonly port?: number;
  /** Postgres settings on top of the defaults, such as `fsync: 'off'` for a test. */
  readonly settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  readonly port: number;
  /** Settles when the server has gone, asked or not. */
  readonly exited: Promise<void>;
  superuserUrl(database?: string): string;
  /** A fast shutdown; on return the server is gone. */
  stop(): Promise<void>;
}

const DEFAULT_SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_connections: '100',
  // Pages are short index scans; compiling them costs more than it saves.
  jit: 'off',
  // Nothing replicates from an embedded server, so it need not log for it.
  wal_level: 'minimal',
  max_wal_senders: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Crash recovery replays what was written since the last checkpoint: seconds as a rule, minutes after a big import. */
const READY_WITHIN_MS = 300_000;
/** How long the last sessions of a killed server may take to notice and let go of its memory. */
const RELEASE_WITHIN_MS = 10_000;

/** Runs a real Postgres on this machine, with its data in the folder. One per folder: a second start is refused. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  const binaries = await findBinaries();
  const cluster = await openLocked(folder, binaries, options.settings?.['fsync'] !== 'off');
  try {
    await stopOrphan(binaries, cluster.dataFolder);
    const port = await freePort(options.port);
    const settings = { ...DEFAULT_SETTINGS, port: String(port), ...options.settings };
    const logFile = join(folder, 'postgres.log');
    const url = (database = 'postgres'): string =>
      `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
    const postmaster = await startUntilReady(binaries, cluster, logFile, settings, url());
    return running(binaries, cluster, postmaster, { port, superuserUrl: url });
  } catch (error) {
    cluster.lock.release();
    throw error;
  }
}

/** Deletes the data for good, wherever they lie, and a server that a killed run left on them. The folder itself stays. */
export async function removeEmbeddedPostgres(folder: string): Promise<void> {
  const data = await realpath(join(folder, 'postgres')).catch(() => undefined);
  if (data) {
    await stopOrphan(await findBinaries(), data);
    await rm(data, { recursive: true, force: true });
  }
  for (const name of ['postgres', 'postgres-password', 'postgres.log', 'postgres.log.1']) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function openLocked(
  folder: string,
  binaries: Binaries,
  isDurable: boolean,
): Promise<Cluster & { lock: ProcessLock }> {
  await mkdir(folder, { recursive: true });
  const lock = await holdLock(join(folder, 'postgres.lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new EmbeddedPostgresError(
      `The data in ${folder} are in use by process ${error.pid}. Stop that one first, or choose another folder.`,
      { cause: error },
    );
  });
  try {
    return { ...(await openCluster(folder, binaries, isDurable)), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function running(
  binaries: Binaries,
  { dataFolder, lock }: Cluster & { lock: ProcessLock },
  postmaster: Postmaster,
  address: Pick<EmbeddedPostgres, 'port' | 'superuserUrl'>,
): EmbeddedPostgres {
  const { pid = 0 } = postmaster.process;
  const killAtExit = (): void => void postmaster.process.kill('SIGINT');
  process.once('exit', killAtExit);
  const exited = postmaster.exited.then(() => {
    process.removeListener('exit', killAtExit);
    lock.release();
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= stopPostmaster(binaries, dataFolder, pid).then(() => exited));
  return { ...address, exited, stop };
}

async function startUntilReady(
  binaries: Binaries,
  { dataFolder }: Cluster,
  logFile: string,
  settings: Record<string, string>,
  url: string,
): Promise<Postmaster> {
  const releaseBy = Date.now() + RELEASE_WITHIN_MS;
  for (;;) {
    const postmaster = await spawnPostmaster(binaries, dataFolder, logFile, settings);
    if (await becomesReady(postmaster, url)) return postmaster;
    const said = await endOf(logFile);
    const isMemoryHeld = said.includes('pre-existing shared memory block');
    if (!isMemoryHeld || Date.now() > releaseBy) throw notStarted(said, logFile);
    await pause(200);
  }
}

async function endOf(logFile: string): Promise<string> {
  const { size } = await stat(logFile);
  const handle = await open(logFile);
  const length = Math.min(size, 4096);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  await handle.close();
  return buffer.toString('utf8').trim();
}

function notStarted(said: string, logFile: string): EmbeddedPostgresError {
  const lines = said.split('\n').slice(-8).join('\n');
  return new EmbeddedPostgresError(`Postgres did not start. The end of ${logFile} says:\n${lines}`);
}

/** True once a real session was opened; false when the server ended first. */
async function becomesReady({ process: child, exited }: Postmaster, url: string): Promise<boolean> {
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  try {
    for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await pause(25)) {
      if (hasExited) return false;
      if (await answers(url)) return true;
    }
    throw new EmbeddedPostgresError(`Postgres did not answer within ${READY_WITHIN_MS / 1000} seconds.`);
  } catch (error) {
    child.kill('SIGINT');
    await exited;
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    const { code = '' } = error as { code?: string };
    // Not listening yet, or still recovering; anything else, such as a wrong password, will not mend itself.
    if (['ECONNREFUSED', 'ECONNRESET', '57P03'].includes(code) || code === '') return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A port of 127.0.0.1 that was free a moment ago: the one wanted, or an error; any, when none is. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) =>
    server.once('error', failed).listen(wanted, '127.0.0.1', done),
  ).catch((cause: unknown) => {
    throw new EmbeddedPostgresError(`Port ${wanted} of 127.0.0.1 is taken; Postgres needs another.`, {
      cause,
    });
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string')
    throw new Error('A TCP server has an address and a port.');
  return address.port;
}
