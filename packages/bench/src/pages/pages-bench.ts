import { fileURLToPath } from 'node:url';
import { digits, median, medianRatio, type Report } from '../figures.js';
import type { ImportJob, JobResult } from '../import/import-job.js';
import { messageOf, spawnMeasured, stopChild } from '../pinning.js';
import { timeOf, timeOfChildren } from '../processor-time.js';
import { liftLimits, writeRoster, type Workbench } from '../workbench.js';
import { load, type Target } from './load.js';
import { PAGE_LENGTH } from './page-server.js';
import { startOurs, startPeer, type Peer } from './peers.js';

export const PAGE_STUDENTS = 10_000;
const TARGETS = 400;
const WARM_UP_MS = 2000;
const ROUND_MS = 3000;

interface Sample {
  perSecond: number;
  /** Processor time per page, in milliseconds. */
  server: number;
  postgres: number;
}

/** Pages of a hundred users of a real district, by the data API and by two peers that read the same rows. */
export async function benchPages(
  bench: Workbench,
  rounds: number,
  students = PAGE_STUDENTS,
): Promise<Report> {
  console.log(`pages: generating and importing ${students} students`);
  const district = await bench.directory.district([]);
  await importDistrict(bench, district.id, students);
  const { token } = await bench.directory.grant(await bench.directory.app(), district);
  // The limit is counted and told as ever, but is too high to be met.
  await liftLimits(bench.directory.dataSource);
  await bench.directory.dataSource.query('vacuum analyze record_versions');
  const { ids, pin } = await listing(bench, district.id);
  const environment = { DATABASE_URL: bench.url, DISTRICT_ID: district.id, PIN: pin };
  const peers: Peer[] = [];
  try {
    peers.push(await startPeer('bare', environment));
    peers.push(await startOurs(bench, token));
    peers.push(await startPeer('orm', environment));
    const targets = await targetsOf(peers, ids);
    const samples = await measure(bench, peers, targets, rounds);
    return reportOf(samples, targets);
  } finally {
    await Promise.all(peers.map((peer) => stopChild(peer.child)));
  }
}

export async function importDistrict(bench: Workbench, districtId: string, students: number): Promise<void> {
  const folder = await writeRoster(bench.folder, students);
  const job: ImportJob = { url: bench.url, folder, districtId, salt: '' };
  const script = fileURLToPath(new URL('../import/import-process.js', import.meta.url));
  const { status } = await messageOf<JobResult>(spawnMeasured(script, { arguments: [JSON.stringify(job)] }));
  if (status !== 'published') throw new Error(`the import ended as ${status}`);
}

export async function listing(
  { directory }: Workbench,
  districtId: string,
): Promise<{ ids: string[]; pin: string }> {
  const users = await directory.dataSource.query<{ id: string }[]>(
    `select record_id id from record_versions where district_id = $1 and kind = 'user' order by record_id`,
    [districtId],
  );
  const [district] = await directory.dataSource.query<{ seq: number }[]>(
    'select seq from districts where id = $1',
    [districtId],
  );
  return { ids: users.map(({ id }) => id), pin: String(district?.seq) };
}

/** Random full pages. All peers have to answer each with the very same bytes. */
async function targetsOf(peers: readonly Peer[], ids: readonly string[]): Promise<Target[]> {
  const starts = ids.slice(0, -PAGE_LENGTH - 1);
  if (starts.length === 0) throw new Error('the district is too small for a page');
  const targets: Target[] = [];
  for (let i = 0; i < TARGETS; i += 1) {
    const after = starts[Math.floor(Math.random() * starts.length)] ?? '';
    const path = `/v3.0/users?limit=${PAGE_LENGTH}&starting_after=${after}`;
    const bodies = await Promise.all(peers.map((peer) => bodyOf(peer, path)));
    const [wanted = ''] = bodies;
    peers.forEach(({ name }, place) => {
      if (bodies[place] !== wanted)
        throw new Error(`${name} answers ${path} with another body than the floor`);
    });
    targets.push({ path, length: Buffer.byteLength(wanted) });
  }
  return targets;
}

async function bodyOf({ port, authorization }: Peer, path: string): Promise<string> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return answer.text();
}

type Samples = Record<Peer['name'], Sample[]>;

async function measure(bench: Workbench, peers: readonly Peer[], targets: readonly Target[], rounds: number) {
  const samples: Samples = { bare: [], ours: [], orm: [] };
  for (const peer of peers) await load(peer, targets, WARM_UP_MS);
  for (let round = 1; round <= rounds; round += 1) {
    for (const peer of peers) samples[peer.name].push(await sampleOf(bench, peer, targets));
    const said = peers.map(({ name }) => `${name} ${digits(samples[name].at(-1)?.perSecond ?? NaN)}`);
    console.log(`pages: round ${round} of ${rounds}, pages a second: ${said.join(', ')}`);
  }
  return samples;
}

async function sampleOf({ postmaster }: Workbench, peer: Peer, targets: readonly Target[]): Promise<Sample> {
  const pid = peer.child.pid ?? 0;
  const times = () => Promise.all([timeOf(pid), timeOfChildren(postmaster)]);
  const [before, start] = [await times(), performance.now()];
  const pages = await load(peer, targets, ROUND_MS);
  const [after, end] = [await times(), performance.now()];
  return {
    perSecond: (pages / (end - start)) * 1000,
    server: (after[0] - before[0]) / pages,
    postgres: (after[1] - before[1]) / pages,
  };
}

function reportOf(samples: Samples, targets: readonly Target[]): Report {
  const of = (name: Peer['name'], what: keyof Sample) => samples[name].map((sample) => sample[what]);
  const ratio = (against: Peer['name'], what: keyof Sample) =>
    medianRatio(of('ours', what), of(against, what));
  const page = `page of ${PAGE_LENGTH}`;
  const [floor, usual] = ['node:http and pg', 'TypeORM and serializer'];
  const length = median(targets.map((target) => target.length)) / 1024;
  return {
    figures: [
      {
        what: `${page}, throughput`,
        against: floor,
        ratio: ratio('bare', 'perSecond'),
        wanted: { min: 0.8 },
      },
      { what: `${page}, throughput`, against: usual, ratio: ratio('orm', 'perSecond'), wanted: { min: 10 } },
      { what: `${page}, processor time of the server`, against: floor, ratio: ratio('bare', 'server') },
      { what: `${page}, processor time of the server`, against: usual, ratio: ratio('orm', 'server') },
      { what: `${page}, processor time of Postgres`, against: floor, ratio: ratio('bare', 'postgres') },
    ],
    medians: [
      { what: `${page}, its body`, value: `${digits(length)} KiB` },
      ...(['ours', 'bare', 'orm'] as const).map((name) => ({
        what: `${page}, ${name}`,
        value: `${digits(median(of(name, 'perSecond')))} a second; ${digits(median(of(name, 'server')))} ms of the server, ${digits(median(of(name, 'postgres')))} ms of Postgres`,
      })),
    ],
  };
}
