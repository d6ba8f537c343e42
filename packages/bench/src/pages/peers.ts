import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureServiceLogins } from '@hallpass/database';
import { freePort } from '@hallpass/database/embedded';
import { messageOf, spawnMeasured } from '../pinning.js';
import type { Workbench } from '../workbench.js';
import type { Server } from './load.js';
import type { PeerEnvironment } from './page-server.js';

export interface Peer extends Server {
  name: 'ours' | 'bare' | 'orm';
  child: ChildProcess;
}

const READY_WITHIN_MS = 20_000;

/** The real data API as it ships, with its own role in the database, which may read no table. */
export async function startOurs(bench: Workbench, token: string): Promise<Peer> {
  const password = 'bench';
  const logins = await ensureServiceLogins(bench.url, {
    'token-service': password,
    'data-api': password,
    admin: password,
  });
  const port = await freePort();
  const log = createWriteStream(join(bench.folder, 'data-api.log'));
  await once(log, 'open');
  const child = spawnMeasured(
    fileURLToPath(new URL('../../../../apps/data-api/dist/main.js', import.meta.url)),
    {
      environment: { ...bench.directory.environment, DATABASE_URL: logins['data-api'], PORT: String(port) },
      stdio: ['ignore', log, 'inherit', 'ipc'],
      nodeOptions: (process.env['BENCH_SERVER_NODE_OPTIONS'] ?? '').split(' ').filter((each) => each !== ''),
    },
  );
  await ready(port);
  return { name: 'ours', child, port, authorization: `Bearer ${token}` };
}

async function ready(port: number): Promise<void> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(100)) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error('the data API did not become ready');
}

export async function startPeer(name: 'bare' | 'orm', environment: PeerEnvironment): Promise<Peer> {
  const child = spawnMeasured(fileURLToPath(new URL(`./${name}-server.js`, import.meta.url)), {
    environment,
  });
  return { name, child, port: await messageOf<number>(child), authorization: undefined };
}
