import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureServiceLogins, type ServiceName } from '@hallpass/database';
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
const mainOf = (service: ServiceName) =>
  fileURLToPath(new URL(`../../../../apps/${service}/dist/main.js`, import.meta.url));

/** What a service is started with. */
export interface ServicePlace {
  /** The superuser's address of the database. */
  url: string;
  /** Where its log goes. */
  folder: string;
  environment: Record<string, string>;
}

/** The real data API as it ships, with its own role in the database, which may read no table. */
export async function startOurs(bench: Workbench, token: string): Promise<Peer> {
  const { url, folder, directory } = bench;
  const server = await startDataApi({ url, folder, environment: directory.environment });
  return { name: 'ours', ...server, authorization: `Bearer ${token}` };
}

/** Starts the data API by its own main, with further options of Node's. */
export function startDataApi(
  place: ServicePlace,
  nodeOptions: readonly string[] = [],
): Promise<{ child: ChildProcess; port: number }> {
  return startService('data-api', place, nodeOptions);
}

/** Starts a service by its own main, with a role and a log of its own. */
export async function startService(
  service: ServiceName,
  { url, folder, environment }: ServicePlace,
  nodeOptions: readonly string[] = [],
): Promise<{ child: ChildProcess; port: number }> {
  const password = 'bench';
  const logins = await ensureServiceLogins(url, {
    'token-service': password,
    'data-api': password,
    admin: password,
  });
  const port = await freePort();
  const log = createWriteStream(join(folder, `${service}-${port}.log`));
  await once(log, 'open');
  const wanted = (process.env['BENCH_SERVER_NODE_OPTIONS'] ?? '').split(' ').filter((each) => each !== '');
  const child = spawnMeasured(mainOf(service), {
    environment: { ...environment, DATABASE_URL: logins[service], PORT: String(port) },
    stdio: ['ignore', log, 'inherit', 'ipc'],
    nodeOptions: [...nodeOptions, ...wanted],
  });
  await ready(port);
  return { child, port };
}

async function ready(port: number): Promise<void> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(100)) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error('a service did not become ready');
}

export async function startPeer(name: 'bare' | 'orm', environment: PeerEnvironment): Promise<Peer> {
  const child = spawnMeasured(fileURLToPath(new URL(`./${name}-server.js`, import.meta.url)), {
    environment,
  });
  return { name, child, port: await messageOf<number>(child), authorization: undefined };
}
