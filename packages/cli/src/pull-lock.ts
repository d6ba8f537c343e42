import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { UsageError } from './run.js';

/**
 * Keeps all other pulls from a file until what it returns is called: the lock is a file with the number of this process. One that
 * was left by a process that is gone is taken over. Throws a UsageError while another process holds it.
 */
export async function lockPull(out: string): Promise<() => Promise<void>> {
  const [file, mine] = [`${out}.lock`, `${out}.lock.${process.pid}`];
  await writeFile(mine, String(process.pid), { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${out} cannot be written (${error.code}).`);
  });
  try {
    for (;;) {
      // Unlike a file that is made and then written, a link is there with its content or not at all.
      if (await linked(mine, file)) return () => rm(file, { force: true });
      const holder = await readFile(file, 'utf8').catch(() => undefined);
      if (holder === undefined) continue;
      if (isAlive(Number(holder)))
        throw new UsageError(
          `Process ${Number(holder)} pulls to ${out} already. Choose another --out; if that is no pull, delete ${file}.`,
        );
      await takeAway(file, holder);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead process's lock; if another was quicker and it is that one's by now, it is put back. */
async function takeAway(file: string, holder: string): Promise<void> {
  const aside = `${file}.${process.pid}.old`;
  try {
    await rename(file, aside);
  } catch {
    // Another was quicker.
    return;
  }
  if ((await readFile(aside, 'utf8')) !== holder) await linked(aside, file);
  await rm(aside, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
