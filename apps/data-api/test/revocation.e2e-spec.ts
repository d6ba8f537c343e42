import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { moveGrant, revokeToken, withClient } from '@hallpass/database';
import { freePort } from '@hallpass/database/embedded';
import { SYSTEM, TestDirectory, type TestDistrict } from '@hallpass/database/testing';
import type { TokenId } from '@hallpass/domain';

// Two data APIs as they ship, in processes of their own, on one database.

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** After so long no process may accept what was revoked. */
const LIMIT_MS = 1000;

let directory: TestDirectory;
let district: TestDistrict;
let ports: number[];
const children: ChildProcess[] = [];
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  directory = await TestDirectory.open();
  district = await directory.district();
  ports = [await start(), await start()];
  await directory.dataSource.query(
    `insert into rate_policies values ('failed-sign-in', 'address', 1000000, 60, 'enforce'), ('token', 'token', 1000000, 60, 'enforce')`,
  );
  await directory.dataSource.query(
    `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
  );
});
afterAll(async () => {
  agent.destroy();
  for (const child of children) child.kill('SIGKILL');
  await directory.close();
});

async function start(): Promise<number> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...directory.environment, PORT: String(port), LOG_REQUESTS: 'false' },
    stdio: 'ignore',
  });
  children.push(child);
  const ended = once(child, 'exit').then(() => {
    throw new Error('a data API ended');
  });
  const isReady = async () => {
    while ((await ask(port, '', '/health/ready').catch(() => 0)) !== 200) await wait(50);
  };
  await Promise.race([isReady(), ended]);
  return port;
}

/** The status of an answer. */
function ask(port: number, token: string, path = '/v3.1/schools?limit=1'): Promise<number> {
  return new Promise((done, failed) => {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const sent = request({ host: '127.0.0.1', port, path, headers, agent }, (answer) => {
      answer.resume();
      answer.once('end', () => done(answer.statusCode ?? 0));
    });
    sent.once('error', failed);
    sent.end();
  });
}

interface Seen {
  sentAt: number;
  status: number;
}

/** Asks again and again until it is told to stop, and gives what it saw. */
function hammer(port: number, token: string, signal: AbortSignal): Promise<Seen[]> {
  const work = async () => {
    const seen: Seen[] = [];
    while (!signal.aborted) {
      const sentAt = performance.now();
      seen.push({ sentAt, status: await ask(port, token) });
    }
    return seen;
  };
  return work();
}

const granted = async (): Promise<{ token: string; grantId: string; tokenId: TokenId }> => {
  const mine = await directory.app();
  const { id, token } = await directory.grant(mine, district);
  const [row] = await directory.dataSource.query<{ id: TokenId }[]>(
    'select id from tokens where grant_id = $1',
    [id],
  );
  return { token, grantId: id, tokenId: row?.id as TokenId };
};
const revoke = async (tokenId: TokenId) => {
  await revokeToken(directory.dataSource, directory.keys, { tokenId, reason: 'asked' }, SYSTEM);
  return performance.now();
};
/** Accepted although it was sent after the limit had passed. */
const late = (seen: readonly Seen[], revokedAt: number) =>
  seen.filter(({ sentAt, status }) => status === 200 && sentAt > revokedAt + LIMIT_MS);

/** Hammers both processes before and after the work, and gives what they saw. */
async function around(token: string, work: () => Promise<number>): Promise<{ seen: Seen[]; at: number }> {
  const stop = new AbortController();
  const hammering = ports.flatMap((port) => [1, 2].map(() => hammer(port, token, stop.signal)));
  await wait(100);
  const at = await work();
  await wait(LIMIT_MS + 500);
  stop.abort();
  return { seen: (await Promise.all(hammering)).flat(), at };
}

describe('a revocation', () => {
  it('is heeded by every process within a second, whatever the token was doing', async () => {
    const { token, tokenId } = await granted();
    const { seen, at } = await around(token, () => revoke(tokenId));
    expect(seen.some(({ status, sentAt }) => status === 200 && sentAt < at)).toBe(true);
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200, 401]));
    expect(late(seen, at)).toEqual([]);
  });

  it('of a grant likewise, and its return as well', async () => {
    const { token, grantId } = await granted();
    const move = async (action: 'pause' | 'resume') => {
      await moveGrant(directory.dataSource, grantId as never, action, SYSTEM);
      return performance.now();
    };
    const paused = await around(token, () => move('pause'));
    expect(late(paused.seen, paused.at)).toEqual([]);
    const resumed = await around(token, () => move('resume'));
    const after = resumed.seen.filter(({ sentAt }) => sentAt > resumed.at + LIMIT_MS);
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('is not undone by readings that began before it: cold misses at the moment of the revocation', async () => {
    const tokens = [];
    for (let i = 0; i < 40; i += 1) tokens.push(await granted());
    const outcomes = await Promise.all(
      tokens.map(async ({ token, tokenId }, i) => {
        // The first use of each, begun just before, at, or just after its revocation.
        const firsts = ports.map(async (port) => {
          await wait(i % 7);
          return ask(port, token);
        });
        await wait(3);
        const at = await revoke(tokenId);
        await Promise.all(firsts);
        return { token, at };
      }),
    );
    await wait(LIMIT_MS);
    for (const { token } of outcomes) for (const port of ports) expect(await ask(port, token)).toBe(401);
  });

  it('is heeded within a second though the connections that listen are cut again and again', async () => {
    const { token, tokenId } = await granted();
    const stop = new AbortController();
    const cutting = (async () => {
      while (!stop.signal.aborted) {
        await directory.dataSource.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name = 'hallpass data-api'
             and query ~ 'authority_changes'`,
        );
        await wait(30);
      }
    })();
    const { seen, at } = await around(token, () => revoke(tokenId));
    stop.abort();
    await cutting;
    expect(late(seen, at)).toEqual([]);
    expect(await ask(ports[0] ?? 0, token)).toBe(401);
  });

  it('cannot be missed while the database is away: nothing is accepted unchecked, and all comes back with it', async () => {
    const { token } = await granted();
    expect(await ask(ports[0] ?? 0, token)).toBe(200);
    const name = new URL(directory.url).pathname.slice(1);
    const server = new URL(directory.url);
    server.pathname = '/postgres';
    const onServer = (sql: string) =>
      withClient(server.toString(), (client) => client.query(sql).then(() => undefined));
    await onServer(`alter database ${name} allow_connections false`);
    try {
      const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
      await onServer(cut);
      await wait(LIMIT_MS);
      await onServer(cut);
      for (const port of ports) expect(await ask(port, token)).toBe(503);
    } finally {
      await onServer(`alter database ${name} allow_connections true`);
    }
    const until = performance.now() + 20_000;
    for (const port of ports) {
      let status = 0;
      while (status !== 200 && performance.now() < until) status = await ask(port, token);
      expect(status).toBe(200);
    }
  });
});
