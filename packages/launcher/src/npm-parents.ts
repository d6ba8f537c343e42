import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const CHECK_EVERY_MS = 200;
const SHELLS = /^-?(ba|da|a|z|k)?sh$/;

/**
 * Calls back once npm has gone. npm runs a script through a shell, and a signal sent to npm, or npm's death, never reaches
 * the script: only the shell's end or npm's can be seen from here. Does nothing when npm did not start this process.
 */
export function onceNpmIsGone(callBack: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined || process.platform === 'win32') return;
  const parent = process.ppid;
  const npm = npmBehind(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || exists(npm))) return;
    clearInterval(timer);
    callBack();
  }, CHECK_EVERY_MS);
  timer.unref();
}

/** npm's process when the parent is the shell between; undefined when the parent is npm itself. */
function npmBehind(parent: number): number | undefined {
  try {
    const { command, parent: above } = process.platform === 'linux' ? fromProc(parent) : fromPs(parent);
    return SHELLS.test(command) ? above : undefined;
  } catch {
    return undefined;
  }
}

function fromProc(pid: number): { command: string; parent: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const end = stat.lastIndexOf(')');
  return {
    command: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(stat.slice(end + 2).split(' ')[1]),
  };
}

function fromPs(pid: number): { command: string; parent: number } {
  const [parent = '', path = ''] = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], {
    encoding: 'utf8',
  })
    .trim()
    .split(/\s+/);
  return { command: path.split('/').at(-1) ?? '', parent: Number(parent) };
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
