import { readdir, readFile } from 'node:fs/promises';

/** Linux counts a process's time in hundredths of a second, whatever the machine. */
const TICK_MS = 10;

interface ProcessStat {
  parent: number;
  milliseconds: number;
}

async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name stands in brackets and may hold anything; fields are counted from behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), milliseconds: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
}

/** Processor time that the process has used; NaN where the system does not tell. */
export async function timeOf(pid: number): Promise<number> {
  return (await statOf(pid))?.milliseconds ?? NaN;
}

export async function parentOf(pid: number): Promise<number> {
  return (await statOf(pid))?.parent ?? NaN;
}

/** Processor time that the living children of a process have used. */
export async function timeOfChildren(parent: number): Promise<number> {
  const entries = await readdir('/proc').catch(() => []);
  const stats = await Promise.all(
    entries.filter((name) => /^\d+$/.test(name)).map((name) => statOf(Number(name))),
  );
  const own = stats.filter((each) => each?.parent === parent);
  return own.length === 0 ? NaN : own.reduce((sum, each) => sum + (each?.milliseconds ?? 0), 0);
}
