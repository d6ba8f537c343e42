import type { Report } from '../figures.js';
import { digits } from '../figures.js';
import type { SetGrant } from '../set/manifest.js';
import { withSet, type OpenSet } from '../set/with-set.js';
import { Measurement, type Comparison, type Side } from './comparison.js';
import { benchExport } from './export-bench.js';
import { asked, withServers, type ReadingServers, type Running } from './servers.js';
import { targetsOf, type GrantTargets } from './targets.js';
import { olderVersion } from './older-version.js';

/** Measures the reading of the set: every row in each round, so that what changes with time meets all of them. */
export async function benchReading(rounds: number, students?: number): Promise<Report> {
  return withSet(students, (set) => withServers(set, (servers) => measure(set, servers, rounds)));
}

async function measure(set: OpenSet, servers: ReadingServers, rounds: number): Promise<Report> {
  console.log('reading: comparing answers with plain SQL');
  const comparisons = await comparisonsOf(set, servers);
  const older = await olderVersion(servers.ours, set.manifest.grants.large);
  if (older.comparison) comparisons.push(older.comparison);
  const measurements = comparisons.map((each) => new Measurement(each, set.postmaster));
  for (const each of measurements) await each.warmUp();
  for (let round = 1; round <= rounds; round += 1) {
    for (const each of measurements) await each.round();
    const ratios = measurements.map((each) => digits(each.lastRatio)).join(' ');
    console.log(`reading: round ${round} of ${rounds}: ${ratios}`);
  }
  const exported = await benchExport(
    {
      url: set.url,
      grant: set.manifest.grants.export,
      server: asked(servers.ours, set.manifest.grants.export),
      pid: servers.ours.pid,
    },
    rounds,
  );
  // Whether memory stays what it is, however many records go through it.
  const { large } = set.manifest.grants;
  const largest = await benchExport(
    { url: set.url, grant: large, server: asked(servers.ours, large), pid: servers.ours.pid },
    1,
  );
  const figures = measurements.map((each) => each.figure());
  return {
    figures: [...figures, ...older.absent, ...exported.figures, ...largest.figures],
    medians: [
      ...setFacts(set),
      ...measurements.flatMap((each) => each.measured()),
      ...exported.medians,
      ...largest.medians,
    ],
  };
}

async function comparisonsOf(set: OpenSet, servers: ReadingServers): Promise<Comparison[]> {
  const { grants, plan } = set.manifest;
  const targets = (running: Running, grant: SetGrant, pin?: number, url = set.url) =>
    targetsOf({ url, server: asked(running, grant), grant, ...(pin === undefined ? {} : { pin }) });
  const large = await targets(servers.ours, grants.large);
  const onePercent = await targets(servers.ours, grants.onePercent);
  const hidden = await targets(servers.ours, grants.hidden);
  const small = await targets(servers.small, grants.small, undefined, set.smallUrl);
  const plain = await targets(servers.ours, grants.plain, grants.plain.seq);
  const history = await targets(servers.ours, grants.history, grants.history.seq);
  await requireSame(servers.floor, servers.unguarded, grants.large, large);

  const side = (name: string, running: Running, grant: SetGrant, of: Side['targets']): Side => ({
    name,
    server: asked(running, grant),
    pid: running.pid,
    targets: of,
  });
  const floor = (name: string, of: Side['targets']): Side => side(name, servers.floor, grants.large, of);
  const students = Math.round(plan.students / 2).toLocaleString('en');
  const pages = side('page of 100', servers.ours, grants.large, large.pages);
  const records = side('record', servers.ours, grants.large, large.records);
  const latency = (what: string, against: string, max: number, ours: Side, theirs: Side): Comparison => ({
    what: `${what}, time`,
    against,
    by: 'latency',
    wanted: { max },
    ours,
    theirs,
  });
  const throughput = (what: string, against: string, min: number, ours: Side, theirs: Side): Comparison => ({
    what: `${what}, throughput`,
    against,
    by: 'throughput',
    wanted: { min },
    ours,
    theirs,
  });
  const unguarded = (name: string, of: Side['targets']) =>
    side(`${name}, without its guard`, servers.unguarded, grants.large, of);
  return [
    throughput('page of 100', 'node:http and pg', 0.8, pages, floor('page, node:http and pg', large.pages)),
    throughput('record', 'node:http and pg', 0.65, records, floor('record, node:http and pg', large.records)),
    throughput(
      'page of 100',
      'the same without token, limits and their headers',
      0.85,
      pages,
      unguarded('page', large.pages),
    ),
    throughput(
      'record',
      'the same without token, limits and their headers',
      0.85,
      records,
      unguarded('record', large.records),
    ),
    latency(
      'pinned page after 30 imports of 5 %',
      'the same page without history',
      1.5,
      side('pinned page after 30 imports', servers.ours, grants.history, history.pages),
      side('pinned page without history', servers.ours, grants.plain, plain.pages),
    ),
    latency(
      `last page of ${students} students`,
      'the first page',
      1.2,
      side('last page', servers.ours, grants.large, large.last),
      side('first page', servers.ours, grants.large, large.first),
    ),
    latency(
      `page among ${set.manifest.records.toLocaleString('en')} records`,
      'page among 10 thousand',
      1.2,
      pages,
      side('page among 10 thousand records', servers.small, grants.small, small.pages),
    ),
    latency(
      `page under a rule for ${share(set)} of ${students} students`,
      'page of everything',
      2,
      side('page under the rule', servers.ours, grants.onePercent, onePercent.pages),
      pages,
    ),
    latency(
      'page with hidden fields',
      'page of everything',
      2,
      side('page with hidden fields', servers.ours, grants.hidden, hidden.pages),
      pages,
    ),
  ];
}

/** The floor and the unguarded server have to give what ours gives, byte for byte. */
async function requireSame(
  floor: Running,
  unguarded: Running,
  grant: SetGrant,
  { pages, records }: GrantTargets,
): Promise<void> {
  for (const running of [floor, unguarded]) {
    for (const { path, length } of [...pages, ...records]) {
      const answer = await fetch(`http://127.0.0.1:${running.port}${path}`, {
        headers: { authorization: `Bearer ${grant.token}` },
      });
      const body = Buffer.from(await answer.arrayBuffer());
      if (answer.status !== 200 || body.length !== length)
        throw new Error(`a peer answers ${path} with ${answer.status} and ${body.length} bytes`);
    }
  }
}

function share({ manifest }: OpenSet): string {
  return `${digits(manifest.onePercentShare * 100)} %`;
}

function setFacts({ manifest }: OpenSet) {
  const { plan, seconds, bytes, records, largeImportSeconds, grants } = manifest;
  const of = `${plan.students.toLocaleString('en')} students in ${plan.districts} districts`;
  return [
    {
      what: `the set: ${of}`,
      value: `${records.toLocaleString('en')} records, ${digits(bytes / 1e9)} GB, built in ${digits(seconds / 60)} minutes`,
    },
    { what: 'first import of the largest district', value: `${digits(largeImportSeconds)} s` },
    { what: 'approval of its grant by schools', value: `${digits(grants.onePercent.seconds)} s` },
    { what: 'approval of its grant with hidden fields', value: `${digits(grants.hidden.seconds)} s` },
  ];
}
