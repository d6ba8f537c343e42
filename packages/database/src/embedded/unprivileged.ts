import { chownSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The user that Postgres, which refuses to run as root, runs as instead: "nobody" of most systems, created or not. */
const NOBODY = 65534;

/** Where root keeps what an unprivileged server must reach when the checkout lies in a private home. */
const PUBLIC_STATE = '/var/lib/hallpass';

/** Options for spawn that give up root for the owner of the data, or none for an ordinary user. */
export async function asOwnerOf(dataFolder: string): Promise<{ uid?: number; gid?: number }> {
  if (!isRoot()) return {};
  const { uid, gid } = await stat(dataFolder);
  return uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid, gid };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Hands a path over to the user the server runs as. */
export function giveAway(path: string): void {
  if (isRoot()) chownSync(path, NOBODY, NOBODY);
}

/** True when the server's user can walk to the path, and read it if it exists. */
export async function isReachable(path: string): Promise<boolean> {
  if (!isRoot()) return true;
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found && !admits(found)) return false;
    if (at === dirname(at)) return true;
  }
}

function admits({ uid, gid, mode }: { uid: number; gid: number; mode: number }): boolean {
  const execute = uid === NOBODY ? 0o100 : gid === NOBODY ? 0o010 : 0o001;
  return (mode & execute) !== 0;
}

/** A folder of root's that everybody can walk through. */
export async function publicFolder(...names: string[]): Promise<string> {
  const folder = join(PUBLIC_STATE, ...names);
  for (const made of new Set([PUBLIC_STATE, dirname(folder)])) {
    await mkdir(made, { recursive: true });
    await chmod(made, 0o755);
  }
  return folder;
}
