import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RedisServer, SlowWay } from '@hallpass/service-kit/testing';
import { digits, median, medianRatio, type Figure, type Measured, type Report } from '../figures.js';
import { load, type Target } from '../pages/load.js';
import { importDistrict, listing, PAGE_STUDENTS } from '../pages/pages-bench.js';
import { PAGE_LENGTH } from '../pages/page-server.js';
import { startDataApi } from '../pages/peers.js';
import { stopChild } from '../pinning.js';
import { liftLimits, type Workbench } from '../workbench.js';
import { timeOfDecision } from './decision-bench.js';
import { pacedLoad, type PacedLoad } from './paced-load.js';

const WARM_UP_MS = 2000;
const ROUND_MS = 3000;
/** Of a measurement of single answers. */
const PHASE_MS = 4000;
/** Tokens that are used in turn, each within 1,200 a minute: as a store of limits sees the world, unlike one token's load. */
const MANY = 150;

interface Bed {
  bench: Workbench;
  redis: RedisServer;
  way: SlowWay;
  /** Every body has the same length: no page of another length comes. */
  targets: Target[];
  tokens: string[];
}

/** What limits cost, alone and with Redis, what becomes of answers when Redis fails, and whether one app is in another's way. */
export async function benchLimits(
  bench: Workbench,
  rounds: number,
  students = PAGE_STUDENTS,
): Promise<Report> {
  console.log(`limits: generating and importing ${students} students`);
  const { directory } = bench;
  const district = await directory.district([]);
  await importDistrict(bench, district.id, students);
  await directory.dataSource.query('vacuum analyze record_versions');
  const tokens = [];
  for (let i = 0; i < MANY; i += 1)
    tokens.push(`Bearer ${(await directory.grant(await directory.app(), district)).token}`);
  const redis = await RedisServer.open();
  const way = await SlowWay.open(redis.port);
  const bed: Bed = { bench, redis, way, targets: [], tokens };
  const reports: Report[] = [];
  try {
    bed.targets = await targetsOf(bed, district.id);
    reports.push(decisions(rounds));
    await directory.dataSource.query('delete from rate_policies');
    reports.push(await failures(bed));
    reports.push(await fairness(bed, rounds));
    await liftLimits(directory.dataSource);
    reports.push(await costs(bed, rounds));
  } finally {
    await way.close();
    await redis.kill();
  }
  return {
    figures: reports.flatMap((report) => report.figures),
    medians: reports.flatMap((report) => report.medians),
  };
}

async function withApi<T>(
  { bench }: Bed,
  { redisUrl, nodeOptions = [] }: { redisUrl?: string; nodeOptions?: string[] },
  work: (port: number) => Promise<T>,
): Promise<T> {
  const server = await start(bench, redisUrl, nodeOptions);
  try {
    return await work(server.port);
  } finally {
    await stopChild(server.child);
  }
}

function start({ url, folder, directory }: Workbench, redisUrl: string | undefined, nodeOptions: string[]) {
  const environment = { ...directory.environment, ...(redisUrl ? { REDIS_URL: redisUrl } : {}) };
  return startDataApi({ url, folder, environment }, nodeOptions);
}

async function targetsOf(bed: Bed, districtId: string): Promise<Target[]> {
  const { ids } = await listing(bed.bench, districtId);
  const starts = ids.slice(0, -PAGE_LENGTH - 1);
  return withApi(bed, {}, async (port) => {
    const targets: Target[] = [];
    for (let i = 0; i < 200; i += 1) {
      const after = starts[Math.floor(Math.random() * starts.length)] ?? '';
      const path = `/v3.0/users?limit=${PAGE_LENGTH}&starting_after=${after}`;
      const headers = { authorization: bed.tokens[i % MANY] ?? '' };
      const body = await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text();
      targets.push({ path, length: Buffer.byteLength(body) });
    }
    return targets;
  });
}

/** (a), (b): throughput of pages beside the same server that is told of no limits. */
async function costs(bed: Bed, rounds: number): Promise<Report> {
  const unlimited = ['--import', fileURLToPath(new URL('./unlimit.js', import.meta.url))];
  const peers = {
    unlimited: await start(bed.bench, undefined, unlimited),
    alone: await start(bed.bench, undefined, []),
    leased: await start(bed.bench, bed.redis.url, []),
  };
  const names = Object.keys(peers) as (keyof typeof peers)[];
  const [authorization = ''] = bed.tokens;
  const rates: Record<keyof typeof peers | 'asking', number[]> = {
    unlimited: [],
    alone: [],
    leased: [],
    asking: [],
  };
  const measure = async (name: keyof typeof peers, authorizations: readonly string[], ms: number) => {
    const begun = performance.now();
    // The load of one token is one of many, in turn by connection.
    const counts = await load({ port: peers[name].port, authorization, authorizations }, bed.targets, ms);
    return (counts / (performance.now() - begun)) * 1000;
  };
  try {
    for (const name of names) await measure(name, [authorization], WARM_UP_MS);
    for (let round = 1; round <= rounds; round += 1) {
      for (const name of names) rates[name].push(await measure(name, [authorization], ROUND_MS));
      await useLimits(bed, false);
      rates.asking.push(await measure('leased', bed.tokens, ROUND_MS));
      await useLimits(bed, true);
      console.log(
        `limits: round ${round} of ${rounds}, pages a second: ${Object.entries(rates)
          .map(([name, each]) => `${name} ${digits(each.at(-1) ?? NaN)}`)
          .join(', ')}`,
      );
    }
  } finally {
    await Promise.all(names.map((name) => stopChild(peers[name].child)));
  }
  const cost = (name: keyof typeof rates) => (1 - medianRatio(rates[name], rates.unlimited)) * 100;
  const against = 'page throughput without limits';
  return {
    figures: [
      {
        what: 'all limits, in the process alone',
        against,
        ratio: cost('alone'),
        unit: ' %',
        wanted: { max: 8 },
      },
      {
        what: 'all limits, with Redis and leases',
        against,
        ratio: cost('leased'),
        unit: ' %',
        wanted: { max: 15 },
      },
      {
        what: `the same, ${MANY} tokens at 1,200 a minute, each asked at Redis`,
        against,
        ratio: cost('asking'),
        unit: ' %',
      },
    ],
    medians: Object.entries(rates).map(([name, each]) => ({
      what: `pages a second, ${name}`,
      value: digits(median(each)),
    })),
  };
}

/** Limits too high to be met, or those that are shipped but for the district's and with the load's connections in flight. */
async function useLimits({ bench }: Bed, isLifted: boolean): Promise<void> {
  const { dataSource } = bench.directory;
  if (isLifted) await liftLimits(dataSource);
  else await dataSource.query(`delete from rate_policies where name = 'token'`);
  await dataSource.query(
    `insert into authority_changes (subject_type, subject_id) values ('rules', 'bench')`,
  );
  await pause(1500);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

async function timesFor(paced: PacedLoad, ms: number): Promise<number[]> {
  const over = new AbortController();
  const running = pacedLoad(paced, over.signal);
  await Promise.race([running, pause(ms)]);
  over.abort();
  return (await running).times;
}

/** (c): the slowest of a hundred answers while the store fails, from the failure on, against the quiet just before. */
async function failures(bed: Bed): Promise<Report> {
  const { redis, way } = bed;
  const ways: Record<string, { begin: () => unknown; end: () => unknown }> = {
    killed: { begin: () => redis.kill(), end: () => redis.start() },
    frozen: { begin: () => redis.freeze(), end: () => redis.thaw() },
    'slow by 30 ms': { begin: () => (way.delayMs = 30), end: () => (way.delayMs = 0) },
    'slow by 200 ms': { begin: () => (way.delayMs = 200), end: () => (way.delayMs = 0) },
    flushed: { begin: () => redis.command('FLUSHALL'), end: () => undefined },
    restarted: { begin: () => redis.kill().then(() => redis.start()), end: () => undefined },
  };
  return withApi(bed, { redisUrl: way.url }, async (port) => {
    const { tokens: authorizations, targets } = bed;
    const paced = { port, authorizations, targets, connections: 8, pauseMs: 10 };
    await timesFor(paced, WARM_UP_MS);
    const figures: Figure[] = [];
    const medians: Measured[] = [];
    for (const [name, { begin, end }] of Object.entries(ways)) {
      const quiet = await timesFor(paced, PHASE_MS);
      const [, failing] = await Promise.all([begin(), timesFor(paced, PHASE_MS)]);
      await end();
      // Its heartbeat finds the store again.
      await pause(2500);
      const [before, after] = [quantile(quiet, 0.99), quantile(failing, 0.99)];
      console.log(`limits: ${name}: p99 ${digits(before)} → ${digits(after)} ms, ${failing.length} answers`);
      figures.push({
        what: `p99 of pages, Redis ${name}`,
        against: 'quiet',
        ratio: after / before,
        wanted: { max: 3 },
      });
      medians.push({
        what: `pages, Redis ${name}`,
        value: `p99 ${digits(before)} before, ${digits(after)} ms from then on; most ${digits(Math.max(...failing))} ms, of ${failing.length}`,
      });
    }
    return { figures, medians };
  });
}

/** (d): one decision among ten apps with overrides, and among ten thousand. */
function decisions(rounds: number): Report {
  const [few, many]: [number[], number[]] = [[], []];
  timeOfDecision(10);
  for (let round = 0; round < rounds; round += 1) {
    few.push(timeOfDecision(10));
    many.push(timeOfDecision(10_000));
  }
  return {
    figures: [
      {
        what: 'one decision on a key among 10,000 apps, overrides, extensions and brownouts, time',
        against: 'among 10',
        ratio: medianRatio(many, few),
        wanted: { max: 1.2 },
      },
    ],
    medians: [
      { what: 'one decision, its policies, counter and headers', value: `${digits(median(few))} ns` },
    ],
  };
}

/** (e): what an app's steady reading meets while another app bursts over a hundred connections. */
async function fairness(bed: Bed, rounds: number): Promise<Report> {
  // Each burst is a whole one: of a token that has spent nothing.
  const [bursting, steady] = [bed.tokens.slice(0, rounds), bed.tokens.slice(rounds)];
  return withApi(bed, {}, async (port) => {
    const own = { port, authorizations: steady, targets: bed.targets, connections: 4, pauseMs: 20 };
    const burstOf = (authorization: string): PacedLoad => ({
      port,
      authorizations: [authorization],
      targets: bed.targets,
      connections: 100,
      pauseMs: 0,
      mayBeRefused: true,
    });
    await timesFor(own, WARM_UP_MS);
    const [quiet, busy]: [number[], number[]] = [[], []];
    let told = '';
    for (let round = 1; round <= rounds; round += 1) {
      quiet.push(quantile(await timesFor(own, PHASE_MS), 0.99));
      const over = new AbortController();
      const flood = pacedLoad(burstOf(bursting[round - 1] ?? ''), over.signal);
      busy.push(quantile(await timesFor(own, PHASE_MS), 0.99));
      over.abort();
      const { times, refused } = await flood;
      told = `${times.length} of its answers came, ${refused} were refused`;
      console.log(
        `limits: fairness round ${round}: p99 ${digits(quiet.at(-1) ?? NaN)} → ${digits(busy.at(-1) ?? NaN)} ms; ${told}`,
      );
    }
    return {
      figures: [
        {
          what: 'p99 of an app’s pages while another bursts over 100 connections',
          against: 'quiet',
          ratio: medianRatio(busy, quiet),
          wanted: { max: 2 },
        },
      ],
      medians: [
        {
          what: 'pages of an app, p99',
          value: `${digits(median(quiet))} ms quiet, ${digits(median(busy))} ms in the burst; ${told}`,
        },
      ],
    };
  });
}
