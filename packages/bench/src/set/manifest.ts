import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseKeyring, type InstallationKeys } from '@hallpass/database';
import type { SetPlan } from './plan.js';

/** A grant of the set, with the token that reads by it. */
export interface SetGrant {
  districtId: string;
  grantId: string;
  token: string;
  /** The seq from which on it may read. */
  seq: number;
  /** The name of what it shows; '' for everything. */
  fingerprint: string;
  /** How long its approval took. */
  seconds: number;
}

export interface SetManifest {
  plan: SetPlan;
  /** Of the migrations that the set was made by: another schema needs another set. */
  schema: string;
  builtAt: string;
  seconds: number;
  bytes: number;
  /** Versions of records, over all districts. */
  records: number;
  keys: { pepper: string; masterKey: string };
  largeImportSeconds: number;
  /** The seq of the largest district, and which share of its students the rule shows. */
  largeSeq: number;
  onePercentShare: number;
  grants: {
    large: SetGrant;
    onePercent: SetGrant;
    hidden: SetGrant;
    export: SetGrant;
    plain: SetGrant;
    history: SetGrant;
    /** In a database of its own. */
    small: SetGrant;
  };
}

/** Where `pnpm bench:set` leaves the set. */
export const DATA_FOLDER = fileURLToPath(new URL('../../.data', import.meta.url));
export const [SET_DATABASE, SMALL_DATABASE] = ['bench_set', 'bench_small'];

const fileIn = (folder: string) => join(folder, 'set.json');

/** The set in the folder; undefined when none was finished there. */
export async function readManifest(folder: string): Promise<SetManifest | undefined> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as SetManifest);
}

export async function writeManifest(folder: string, manifest: SetManifest): Promise<void> {
  // It holds keys and tokens, if only of made-up people.
  await writeFile(fileIn(folder), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
}

export function keysOf({ keys }: Pick<SetManifest, 'keys'>): InstallationKeys {
  return { peppers: parseKeyring(keys.pepper), masterKeys: parseKeyring(keys.masterKey) };
}

/** Equal for equal migrations. */
export async function schemaNow(): Promise<string> {
  const folder = fileURLToPath(new URL('../../../database/migrations/', import.meta.url));
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).sort()) hash.update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}
