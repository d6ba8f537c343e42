import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';

/** Another living process holds the lock. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  constructor(
    readonly pid: number,
    readonly file: string,
  ) {
    super(`Process ${pid} holds ${file}.`);
  }
}

export interface ProcessLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly bornAt: string;
}

/**
 * Holds a lock file for as long as this process lives. A file left by a process that is gone, or whose number now
 * belongs to another, is taken over. The lock goes by itself when the process exits.
 */
export async function holdLock(file: string): Promise<ProcessLock> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await created(file)) return releaseAtExit(file);
    const holder = await readHolder(file);
    if (holder && isAlive(holder)) throw new LockHeldError(holder.pid, file);
    await rm(file, { force: true });
  }
  throw new Error(`Cannot take the lock ${file}: other processes keep taking it. Try again.`);
}

async function created(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    const me: Holder = { pid: process.pid, bornAt: birthOf(process.pid) ?? '' };
    await handle.writeFile(JSON.stringify(me));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function releaseAtExit(file: string): ProcessLock {
  const release = (): void => {
    process.removeListener('exit', release);
    rmSync(file, { force: true });
  };
  process.once('exit', release);
  return { release };
}

function isAlive(holder: Holder): boolean {
  return birthOf(holder.pid) === holder.bornAt;
}

/** When the process was born, in the system's own words, or undefined when there is none: numbers are used again. */
function birthOf(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxBirthOf(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  if (process.platform === 'win32') return '';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

function linuxBirthOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command may hold spaces and brackets; what follows its last bracket starts at field 3, and birth is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
