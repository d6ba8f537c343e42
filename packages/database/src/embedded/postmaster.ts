import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { asOwnerOf } from './unprivileged.js';

const run = promisify(execFile);

/** A fast shutdown writes a checkpoint; past this it is told to drop everything, and recovers at the next start. */
const FAST_STOP_MS = 20_000;
const LOG_BYTES_MAX = 20_000_000;

export interface Postmaster {
  readonly process: ChildProcess;
  readonly exited: Promise<void>;
}

/** Starts the server in its own process group: a Ctrl-C at the terminal must reach it last, and through us. */
export async function spawnPostmaster(
  binaries: Binaries,
  dataFolder: string,
  logFile: string,
  settings: Record<string, string>,
): Promise<Postmaster> {
  await turnOver(logFile);
  const owner = await asOwnerOf(dataFolder);
  const log = openSync(logFile, 'a', 0o600);
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', dataFolder, ...options], {
    ...owner,
    cwd: dataFolder,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { process: child, exited };
}

async function turnOver(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await rename(logFile, `${logFile}.1`);
}

/** Shuts a server down: sessions are ended, a checkpoint is written, and the data folder is free on return. */
export async function stopPostmaster(binaries: Binaries, dataFolder: string, pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await run(binaries.pgCtl, ['stop', '-D', dataFolder, '-m', 'fast', '-w']).catch(() => undefined);
    return;
  }
  for (const [signal, patienceMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!send(pid, signal) || (await isGone(pid, patienceMs))) return;
  }
  throw new EmbeddedPostgresError(`Postgres (process ${pid}) does not stop, even when killed.`);
}

/** Stops a server that a killed run left on this data folder, and clears away its pid file. */
export async function stopOrphan(binaries: Binaries, dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  if (await serves(pid, dataFolder)) await stopPostmaster(binaries, dataFolder, pid);
  await rm(pidFile, { force: true });
}

/** True when the process is a Postgres of this data folder: after a crash its number may belong to a stranger. */
async function serves(pid: number, dataFolder: string): Promise<boolean> {
  if (process.platform === 'win32') return send(pid, 0);
  const command = await (
    process.platform === 'linux'
      ? readFile(`/proc/${pid}/cmdline`, 'utf8')
      : run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(({ stdout }) => stdout)
  ).catch(() => '');
  return command.includes('postgres') && command.includes(dataFolder);
}

async function isGone(pid: number, patienceMs: number): Promise<boolean> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await pause(20)) {
    if (!send(pid, 0)) return true;
  }
  return false;
}

/** False when there is no such process. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
