import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What is measured runs on one core; load and Postgres on another, so that neither takes the other's time. */
const MEASURED_CORE = '0';
const OTHER_CORE = '1';

let isPinned = false;

/** Moves this process, and the Postgres that it will start, to their core; false where that cannot be done. */
export function pinSelf(): boolean {
  if (availableParallelism() < 2) return false;
  try {
    execFileSync('taskset', ['-a', '-p', '-c', OTHER_CORE, String(process.pid)], { stdio: 'ignore' });
    isPinned = true;
  } catch {
    isPinned = false;
  }
  return isPinned;
}

export interface ChildOptions {
  arguments?: readonly string[];
  environment?: Record<string, string>;
  stdio?: StdioOptions;
  nodeOptions?: readonly string[];
}

/** Starts a Node program on the core of what is measured. */
export function spawnMeasured(script: string, options: ChildOptions = {}): ChildProcess {
  const { arguments: given = [], environment = {}, nodeOptions = [] } = options;
  const command = [process.execPath, ...nodeOptions, script, ...given];
  const [program = '', ...rest] = isPinned ? ['taskset', '-c', MEASURED_CORE, ...command] : command;
  return spawn(program, rest, {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: options.stdio ?? ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** The one message that a child sends. */
export function messageOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, failed) => {
    child.once('message', (message) => done(message as T));
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`a measured process ended early, with ${code}`)));
  });
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}
