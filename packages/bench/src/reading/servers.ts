import type { ChildProcess } from 'node:child_process';
import type { Server } from '../pages/load.js';
import { startDataApi, startPeer } from '../pages/peers.js';
import { stopChild } from '../pinning.js';
import type { SetGrant } from '../set/manifest.js';
import type { OpenSet } from '../set/with-set.js';

/** A running server of the set. */
export interface Running {
  child: ChildProcess;
  port: number;
  pid: number;
}

/** All servers that the rows ask. One of them is measured at a time; the others wait. */
export interface ReadingServers {
  /** As shipped. */
  ours: Running;
  /** The same without what its guard does. */
  unguarded: Running;
  /** As shipped, on the database that holds little. */
  small: Running;
  /** node:http and pg, on the large district. */
  floor: Running;
}

export async function withServers<T>(
  set: OpenSet,
  work: (servers: ReadingServers) => Promise<T>,
): Promise<T> {
  const started: ChildProcess[] = [];
  const running = ({ child, port }: { child: ChildProcess; port: number }): Running => {
    started.push(child);
    return { child, port, pid: child.pid ?? 0 };
  };
  const { url, smallUrl, folder, environment, manifest } = set;
  const { large } = manifest.grants;
  try {
    const ours = running(await startDataApi({ url, folder, environment }));
    const unguarded = running(await startDataApi({ url, folder, environment }, ['--import', unguard]));
    const small = running(await startDataApi({ url: smallUrl, folder, environment }));
    const floor = running(
      await startPeer('bare', {
        DATABASE_URL: url,
        DISTRICT_ID: large.districtId,
        PIN: String(manifest.largeSeq),
      }),
    );
    return await work({ ours, unguarded, small, floor });
  } finally {
    await Promise.all(started.map((child) => stopChild(child)));
  }
}

const unguard = new URL('./unguard.js', import.meta.url).href;

/** The server as the holder of a grant's token asks it. */
export function asked({ port }: Running, { token }: SetGrant): Server {
  return { port, authorization: `Bearer ${token}` };
}
