import type { ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { ImportJob, JobResult } from '../import/import-job.js';
import { digits, type Report } from '../figures.js';
import { load } from '../pages/load.js';
import { startService } from '../pages/peers.js';
import { messageOf, spawnMeasured, stopChild } from '../pinning.js';
import { liftLimits, writeRoster, type Workbench } from '../workbench.js';

const REVOCATIONS = 1000;
/** So many tokens are hammered and revoked side by side. */
const AT_ONCE = 4;
const STUDENTS = 100_000;
/** A token that is accepted longer than this after the answer has failed. */
const GIVE_UP_MS = 5000;

interface Revoked {
  token: string;
  tokenId: string;
}

/** How long after the answer to the revocation each data API still accepted the token. */
interface Outcome {
  refusedAfterMs: number;
  lastAcceptedMs: number;
}

/**
 * Tokens are used as fast as they are answered at two data APIs, are revoked by the token service's API, and are watched until
 * both refuse; first under load, then while a large import publishes.
 */
export async function benchRevocations(bench: Workbench, students = STUDENTS): Promise<Report> {
  const { directory, url, folder } = bench;
  const app = await directory.app();
  console.log(`tokens: granting ${2 * REVOCATIONS} tokens`);
  const tokens: Revoked[] = [];
  for (let i = 0; i < 2 * REVOCATIONS; i += 1) {
    const { token, id } = await directory.grant(app, await directory.district([]));
    const [row] = await directory.dataSource.query<{ id: string }[]>(
      'select id from tokens where grant_id = $1',
      [id],
    );
    tokens.push({ token, tokenId: row?.id ?? '' });
  }
  const busy = await directory.district();
  const busyToken = (await directory.grant(app, busy)).token;
  await liftLimits(directory.dataSource);
  const started: ChildProcess[] = [];
  const start = async (service: 'data-api' | 'token-service') => {
    const each = await startService(service, { url, folder, environment: directory.environment });
    started.push(each.child);
    return each.port;
  };
  try {
    const apis = [await start('data-api'), await start('data-api')];
    const authorization = `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`;
    const place = { apis, tokenService: await start('token-service'), authorization };
    const length = await bodyLength(apis[0] ?? 0, busyToken);
    const background = new AbortController();
    const loads = apis.map((port) => keepBusy(port, busyToken, length, background.signal));
    const underLoad = await revokeAll(place, tokens.slice(0, REVOCATIONS));
    background.abort();
    await Promise.all(loads);
    const duringImport = await whileImporting(bench, students, () =>
      revokeAll(place, tokens.slice(REVOCATIONS)),
    );
    return reportOf({ 'under load': underLoad, 'while a large import publishes': duringImport });
  } finally {
    await Promise.all(started.map((child) => stopChild(child)));
  }
}

interface Place {
  apis: readonly number[];
  tokenService: number;
  authorization: string;
}

const PATH = '/v3.1/schools?limit=1';

async function bodyLength(port: number, token: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return Buffer.byteLength(await answer.text());
}

async function keepBusy(port: number, token: string, length: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted)
    await load({ port, authorization: `Bearer ${token}` }, [{ path: PATH, length }], 500);
}

/** Runs the work again and again for as long as an import of a large district takes, and gives what it gave. */
async function whileImporting(
  bench: Workbench,
  students: number,
  work: () => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const district = await bench.directory.district([]);
  const roster = await writeRoster(bench.folder, students);
  const job: ImportJob = { url: bench.url, folder: roster, districtId: district.id, salt: '' };
  const script = fileURLToPath(new URL('../import/import-process.js', import.meta.url));
  let isOver = false;
  const importing = messageOf<JobResult>(spawnMeasured(script, { arguments: [JSON.stringify(job)] })).finally(
    () => {
      isOver = true;
    },
  );
  const outcomes = await work();
  if (isOver) console.log('tokens: the import was over before the revocations were');
  const { status } = await importing;
  if (status !== 'published') throw new Error(`the import ended as ${status}`);
  return outcomes;
}

async function revokeAll(place: Place, tokens: readonly Revoked[]): Promise<Outcome[]> {
  const queue = [...tokens];
  const outcomes: Outcome[] = [];
  const work = async () => {
    const agent = new Agent({ keepAlive: true });
    for (let next = queue.pop(); next; next = queue.pop())
      outcomes.push(...(await revokeOne(place, next, agent)));
    agent.destroy();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

async function revokeOne(place: Place, { token, tokenId }: Revoked, agent: Agent): Promise<Outcome[]> {
  const headers = { authorization: `Bearer ${token}` };
  let answeredAt = Infinity;
  const watched = place.apis.map(async (port): Promise<Outcome> => {
    let lastAcceptedAt = 0;
    for (;;) {
      const askedAt = performance.now();
      const status = await statusOf({ port, path: PATH, method: 'GET', headers, agent });
      const now = performance.now();
      if (status === 401) {
        const since = Math.max(0, now - answeredAt);
        return { refusedAfterMs: since, lastAcceptedMs: Math.max(0, lastAcceptedAt - answeredAt) };
      }
      if (status !== 200) throw new Error(`the data API answered ${status}`);
      // An answer counts from when it was asked for: one that was on its way may still arrive.
      lastAcceptedAt = askedAt;
      if (now - answeredAt > GIVE_UP_MS) throw new Error('a revoked token goes on being accepted');
    }
  });
  // Warm in both caches, and in use, when it is revoked.
  await new Promise((resolve) => setTimeout(resolve, 10));
  const revoked = await statusOf({
    port: place.tokenService,
    path: `/v1/tokens/${tokenId}/revoke`,
    method: 'POST',
    headers: { authorization: place.authorization },
    agent,
  });
  answeredAt = performance.now();
  if (revoked !== 200) throw new Error(`the revocation was answered ${revoked}`);
  return Promise.all(watched);
}

function statusOf(options: {
  port: number;
  path: string;
  method: string;
  headers: Record<string, string>;
  agent: Agent;
}): Promise<number> {
  return new Promise((done, failed) => {
    const sent = request({ host: '127.0.0.1', ...options }, (answer) => {
      answer.resume();
      answer.once('end', () => done(answer.statusCode ?? 0));
    });
    sent.once('error', failed);
    sent.end();
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function reportOf(runs: Record<string, readonly Outcome[]>): Report {
  const entries = Object.entries(runs);
  const refused = (outcomes: readonly Outcome[]) => outcomes.map(({ refusedAfterMs }) => refusedAfterMs);
  const latest = (outcomes: readonly Outcome[]) =>
    Math.max(...outcomes.map(({ lastAcceptedMs }) => lastAcceptedMs));
  return {
    figures: entries.flatMap(([name, outcomes]) => [
      {
        what: `revoked to refused at two data APIs, p99, ${name}`,
        against: 'time',
        ratio: quantile(refused(outcomes), 0.99),
        wanted: { max: 250 },
        unit: ' ms',
      },
      {
        what: `the latest accept of a request sent after the answer, ${name}`,
        against: 'time',
        ratio: latest(outcomes),
        wanted: { max: 1000 },
        unit: ' ms',
      },
    ]),
    medians: entries.map(([name, outcomes]) => ({
      what: `revoked to refused, ${name}`,
      value: `${outcomes.length} times; p50 ${digits(quantile(refused(outcomes), 0.5))} ms, p99 ${digits(quantile(refused(outcomes), 0.99))} ms, most ${digits(Math.max(...refused(outcomes)))} ms`,
    })),
  };
}
