import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withClient } from '@hallpass/database';
import { digits, median, medianRatio, type Report } from '../figures.js';
import type { JobResult } from '../import/import-job.js';
import type { Server } from '../pages/load.js';
import { messageOf, spawnMeasured } from '../pinning.js';
import type { SetGrant } from '../set/manifest.js';
import type { CopyOutJob } from './copy-out-process.js';
import { ask } from './targets.js';

const PATH = '/v3.1/export';
const SAMPLE_MS = 50;
const MEMORY_MIB_MAX = 64;
const whatOf = (records: string) => `export of ${records} as NDJSON, time`;
const AGAINST = 'COPY … TO STDOUT of the same text';

export interface ExportBench {
  url: string;
  grant: SetGrant;
  server: Server;
  /** Of the server, whose memory is watched. */
  pid: number;
}

interface Exported {
  milliseconds: number;
  lines: number;
  bytes: number;
  /** By how much the server grew meanwhile. */
  grownMiB: number;
}

/** The export beside COPY of the same records, in turn; where there is no such route, a row that says so. */
export async function benchExport(bench: ExportBench, rounds: number): Promise<Report> {
  const probe = await ask(bench.server, PATH);
  await probe.body?.cancel();
  const wanted = { max: 2 };
  if (probe.status !== 200)
    return {
      figures: [
        { what: whatOf('a whole district'), against: AGAINST, ratio: NaN, wanted, absent: 'not there' },
      ],
      medians: [],
    };
  const records = await withClient(bench.url, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int count from record_versions where district_id = $1 and to_seq = 9223372036854775807`,
      [bench.grant.districtId],
    );
    return rows[0]?.count ?? 0;
  });
  const [exports, copies]: [Exported[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    copies.push(await copyOut(bench));
    const exported = await exportOnce(bench);
    if (exported.lines < records)
      throw new Error(`the export has ${exported.lines} lines, the district ${records} records`);
    exports.push(exported);
  }
  const times = exports.map((each) => each.milliseconds);
  const grown = Math.max(...exports.map((each) => each.grownMiB));
  return {
    figures: [
      {
        what: whatOf(`${records.toLocaleString('en')} records`),
        against: AGAINST,
        ratio: medianRatio(times, copies),
        wanted,
      },
      {
        what: `the server grows meanwhile, over ${records.toLocaleString('en')} records, by`,
        against: 'memory',
        ratio: grown,
        wanted: { max: MEMORY_MIB_MAX },
        unit: ' MiB',
      },
    ],
    medians: [
      {
        what: `export of ${records} records`,
        value: `${digits(median(times) / 1000)} s, ${digits(median(exports.map(({ bytes }) => bytes)) / 1e6)} MB`,
      },
      { what: 'COPY of them', value: `${digits(median(copies) / 1000)} s` },
    ],
  };
}

/** In a process of its own, on the core on which the data API serves. */
async function copyOut({ url, grant }: ExportBench): Promise<number> {
  const job: CopyOutJob = { url, districtId: grant.districtId };
  const child = spawnMeasured(fileURLToPath(new URL('./copy-out-process.js', import.meta.url)), {
    arguments: [JSON.stringify(job)],
  });
  const ended = new Promise((done) => child.once('exit', done));
  const { milliseconds } = await messageOf<JobResult>(child);
  await ended;
  return milliseconds;
}

async function exportOnce({ server, pid }: ExportBench): Promise<Exported> {
  const before = await residentMiB(pid);
  let largest = before;
  const watch = setInterval(() => {
    void residentMiB(pid).then((now) => (largest = Math.max(largest, now)));
  }, SAMPLE_MS);
  try {
    const start = performance.now();
    const answer = await ask(server, PATH);
    if (answer.status !== 200 || !answer.body) throw new Error(`${PATH} answered ${answer.status}`);
    let [lines, bytes] = [0, 0];
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    }
    return { milliseconds: performance.now() - start, lines, bytes, grownMiB: largest - before };
  } finally {
    clearInterval(watch);
  }
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}
