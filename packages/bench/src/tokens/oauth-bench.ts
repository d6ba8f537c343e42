import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { digits, median, medianRatio, type Report } from '../figures.js';
import { startService } from '../pages/peers.js';
import { messageOf, spawnMeasured, stopChild } from '../pinning.js';
import { timeOf, timeOfChildren } from '../processor-time.js';
import { liftLimits, type Workbench } from '../workbench.js';
import { postForms, type FormTarget } from './forms.js';

const CONNECTIONS = 20;
const WARM_UP_MS = 2000;
const ROUND_MS = 3000;
const DISTRICTS = 20;
const TOKENS = 200;

const NAMES = ['ours', 'oidc-provider'] as const;
type Name = (typeof NAMES)[number];
const KINDS = ['issue', 'introspection'] as const;
type Kind = (typeof KINDS)[number];

interface Sample {
  perSecond: number;
  server: number;
  postgres: number;
}

interface Peer {
  name: Name;
  child: ChildProcess;
  targets: Record<Kind, FormTarget>;
}

/**
 * Access tokens for client credentials and their introspection: by the token service, which commits each durably, and by
 * oidc-provider with its memory adapter, which keeps them in a map. Same client, same forms, same connections.
 */
export async function benchOAuth(bench: Workbench, rounds: number): Promise<Report> {
  const app = await bench.directory.app();
  const districts = [];
  for (let i = 0; i < DISTRICTS; i += 1) {
    const district = await bench.directory.district([]);
    await bench.directory.grant(app, district);
    districts.push(district.id);
  }
  await liftLimits(bench.directory.dataSource);
  const authorization = `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`;
  const started: ChildProcess[] = [];
  try {
    const { url, folder, directory } = bench;
    const ours = await startService('token-service', {
      url,
      folder,
      environment: { ...directory.environment, LOG_REQUESTS: 'true' },
    });
    started.push(ours.child);
    const script = fileURLToPath(new URL('./oidc-server.js', import.meta.url));
    const environment = { CLIENT_ID: app.clientId, CLIENT_SECRET: app.clientSecret };
    const other = spawnMeasured(script, { environment });
    started.push(other);
    const issuing = districts.map((id) => `grant_type=client_credentials&district=${id}`);
    const peers = [
      await peerOf('ours', ours.child, {
        port: ours.port,
        authorization,
        bodies: issuing,
        paths: ['/oauth/token', '/oauth/introspect'],
      }),
      await peerOf('oidc-provider', other, {
        port: await messageOf<number>(other),
        authorization,
        bodies: ['grant_type=client_credentials&scope=read%3Astudents'],
        paths: ['/token', '/token/introspection'],
      }),
    ];
    return reportOf(await measure(bench, peers, rounds));
  } finally {
    await Promise.all(started.map((child) => stopChild(child)));
  }
}

async function peerOf(
  name: Name,
  child: ChildProcess,
  place: { port: number; authorization: string; bodies: readonly string[]; paths: [string, string] },
): Promise<Peer> {
  const { port, authorization, bodies, paths } = place;
  const issue = { port, authorization, path: paths[0], bodies };
  const tokens = await Promise.all(
    Array.from({ length: TOKENS }, (_, i) => tokenFrom(issue, bodies[i % bodies.length] ?? '')),
  );
  const introspection = {
    port,
    authorization,
    path: paths[1],
    bodies: tokens.map((token) => `token=${encodeURIComponent(token)}`),
  };
  await requireActive(introspection);
  return { name, child, targets: { issue, introspection } };
}

async function postOne({ port, path, authorization }: FormTarget, body: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status} ${text}`);
  return text;
}

async function tokenFrom(target: FormTarget, body: string): Promise<string> {
  return (JSON.parse(await postOne(target, body)) as { access_token: string }).access_token;
}

async function requireActive(target: FormTarget): Promise<void> {
  const text = await postOne(target, target.bodies[0] ?? '');
  if (!(JSON.parse(text) as { active: boolean }).active) throw new Error('a token just issued is not active');
}

type Samples = Record<Kind, Record<Name, Sample[]>>;

async function measure(bench: Workbench, peers: readonly Peer[], rounds: number): Promise<Samples> {
  const none = () => ({ ours: [], 'oidc-provider': [] });
  const samples: Samples = { issue: none(), introspection: none() };
  for (const { targets } of peers)
    for (const kind of KINDS) await postForms(targets[kind], CONNECTIONS, WARM_UP_MS);
  for (let round = 1; round <= rounds; round += 1) {
    for (const kind of KINDS) {
      for (const peer of peers) samples[kind][peer.name].push(await sampleOf(bench, peer, kind));
      const said = NAMES.map((name) => `${name} ${digits(samples[kind][name].at(-1)?.perSecond ?? NaN)}`);
      console.log(`tokens: round ${round} of ${rounds}, ${kind}, a second: ${said.join(', ')}`);
    }
  }
  return samples;
}

async function sampleOf({ postmaster }: Workbench, { child, targets }: Peer, kind: Kind): Promise<Sample> {
  const times = () => Promise.all([timeOf(child.pid ?? 0), timeOfChildren(postmaster)]);
  const [before, start] = [await times(), performance.now()];
  const count = await postForms(targets[kind], CONNECTIONS, ROUND_MS);
  const [after, end] = [await times(), performance.now()];
  return {
    perSecond: (count / (end - start)) * 1000,
    server: (after[0] - before[0]) / count,
    postgres: (after[1] - before[1]) / count,
  };
}

const WANTED: Record<Kind, number> = { issue: 1, introspection: 2 };
const TITLES: Record<Kind, string> = {
  issue: 'access token, issued durably',
  introspection: 'introspection',
};

function reportOf(samples: Samples): Report {
  const of = (kind: Kind, name: Name, what: keyof Sample) => samples[kind][name].map((each) => each[what]);
  return {
    figures: KINDS.map((kind) => ({
      what: `${TITLES[kind]}, throughput`,
      against: 'oidc-provider in memory',
      ratio: medianRatio(of(kind, 'ours', 'perSecond'), of(kind, 'oidc-provider', 'perSecond')),
      wanted: { min: WANTED[kind] },
    })),
    medians: KINDS.flatMap((kind) =>
      NAMES.map((name) => ({
        what: `${TITLES[kind]}, ${name}`,
        value: `${digits(median(of(kind, name, 'perSecond')))} a second; ${digits(median(of(kind, name, 'server')))} ms of the server${
          name === 'ours' ? `, ${digits(median(of(kind, name, 'postgres')))} ms of Postgres` : ''
        }`,
      })),
    ),
  };
}
