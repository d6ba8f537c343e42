import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { digits, median, medianRatio, type Report } from '../figures.js';
import { messageOf, spawnMeasured, stopChild } from '../pinning.js';
import type { Pulled } from './pull-process.js';

const STUDENTS = 100_000;
const MANY = 1_000_000;

/** What reading a district costs with the client library, beside a bare loop over fetch in the same runtime. */
export async function benchClient(rounds: number, students = STUDENTS): Promise<Report> {
  const [bare, client]: [Pulled[], Pulled[]] = [[], []];
  await withPages(students, async (url) => {
    // The first pull of the server's life is nobody's.
    await pull('bare', url, students);
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await pull('bare', url, students));
      client.push(await pull('client', url, students));
    }
  });
  const long = await withPages(MANY, (url) => pull('client', url, MANY, ['--expose-gc']));
  const times = (pulls: Pulled[]) => pulls.map(({ cpuMs }) => cpuMs);
  return {
    figures: [
      {
        what: `client: ${students.toLocaleString('en')} students, processor time`,
        against: 'a bare loop over fetch',
        ratio: medianRatio(times(client), times(bare)),
        wanted: { max: 1.5 },
      },
      {
        what: `client: heap after ${MANY.toLocaleString('en')} records`,
        against: 'after a tenth of them',
        ratio: long.heapLateMiB / long.heapEarlyMiB,
        wanted: { max: 1.2 },
      },
    ],
    medians: [
      { what: 'bare loop, processor time', value: `${digits(median(times(bare)))} ms` },
      { what: 'client, processor time', value: `${digits(median(times(client)))} ms` },
      { what: 'client, heap after a tenth of a million', value: `${digits(long.heapEarlyMiB)} MiB` },
      { what: 'client, heap after a million', value: `${digits(long.heapLateMiB)} MiB` },
      { what: 'client, largest, over a million', value: `${digits(long.largestMiB)} MiB` },
    ],
  };
}

async function pull(
  how: 'bare' | 'client',
  url: string,
  total: number,
  nodeOptions: string[] = [],
): Promise<Pulled> {
  const script = fileURLToPath(new URL('./pull-process.js', import.meta.url));
  const child = spawnMeasured(script, { arguments: [how, url, String(total)], nodeOptions });
  const pulled = await messageOf<Pulled>(child);
  await stopChild(child);
  if (pulled.records !== total) throw new Error(`${how} read ${pulled.records} of ${total} records`);
  return pulled;
}

/** The server of pages, on the core of what is not measured. */
async function withPages<T>(total: number, work: (url: string) => Promise<T>): Promise<T> {
  const script = fileURLToPath(new URL('./page-process.js', import.meta.url));
  const child = spawn(process.execPath, [script, String(total)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    return await work(`http://127.0.0.1:${await messageOf<number>(child)}`);
  } finally {
    await stopChild(child);
  }
}
