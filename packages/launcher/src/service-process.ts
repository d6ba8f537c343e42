import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from './config.js';
import { LaunchError } from './launch-error.js';

const READY_WITHIN_MS = 60_000;
/** A service finishes the answers it has begun; past this it is killed. */
const STOP_WITHIN_MS = 10_000;
const LOG_BYTES_MAX = 20_000_000;
const LINES_SHOWN = 15;

export interface ServiceOptions {
  name: Service;
  /** The program's file. */
  main: string;
  /** The folder that holds `logs/`. */
  folder: string;
  url: string;
  env: Record<string, string>;
}

/** One service as a child process. It ends by itself when this process dies, because its IPC channel closes. */
export interface ServiceProcess {
  readonly name: Service;
  /** Settles when the process has gone. */
  readonly exited: Promise<void>;
  ready(): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
  /** Why it ended, with the last lines of its log. */
  obituary(): Promise<string>;
}

/** In a process group of its own: a Ctrl-C at the terminal must reach it through us, before the database goes. */
export async function startService({
  name,
  main,
  folder,
  url,
  env,
}: ServiceOptions): Promise<ServiceProcess> {
  const logFile = await openLog(folder, name);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [main], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    name,
    exited,
    ready: () => untilReady(child, exited, name, url),
    stop: () => stop(child, exited),
    kill: () => void child.kill('SIGKILL'),
    obituary: async () => {
      const how = child.signalCode ?? `code ${child.exitCode}`;
      return `${name} ended unexpectedly (${how}). The end of ${logFile}:\n${await endOf(logFile)}`;
    },
  };
}

async function openLog(folder: string, name: Service): Promise<string> {
  const file = join(folder, 'logs', `${name}.log`);
  await mkdir(join(folder, 'logs'), { recursive: true });
  const found = await stat(file).catch(() => undefined);
  if (found && found.size > LOG_BYTES_MAX) await rename(file, `${file}.1`);
  return file;
}

async function untilReady(
  child: ChildProcess,
  exited: Promise<void>,
  name: Service,
  url: string,
): Promise<void> {
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await pause(50)) {
    // Whoever watches the process tells of its end; nothing is ready, and nothing more is to be waited for.
    if (hasExited) return;
    if (await isReady(url)) return;
  }
  child.kill('SIGTERM');
  throw new LaunchError(`${name} was not ready within ${READY_WITHIN_MS / 1000} seconds.`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(timer);
}

async function endOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LINES_SHOWN);
  return lines.map((line) => `  ${line}`).join('\n');
}
