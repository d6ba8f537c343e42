import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '@hallpass/database';
import { startEmbeddedPostgres } from '@hallpass/database/embedded';
import { parentOf } from '../processor-time.js';
import { buildSet } from './build-set.js';
import {
  DATA_FOLDER,
  SET_DATABASE,
  SMALL_DATABASE,
  readManifest,
  schemaNow,
  type SetManifest,
} from './manifest.js';

/** A set that is being served. */
export interface OpenSet {
  manifest: SetManifest;
  /** The superuser's addresses of the set and of the database that holds little. */
  url: string;
  smallUrl: string;
  postmaster: number;
  /** For logs; gone afterwards. */
  folder: string;
  /** Of a data API that reads the set. */
  environment: Record<string, string>;
}

const QUICK = { students: 20_000, districts: 10 };

/**
 * Serves the set that `pnpm bench:set` has built; where there is none, or a number of students is given, one that is made for
 * this run alone.
 */
export async function withSet<T>(
  students: number | undefined,
  work: (set: OpenSet) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hallpass-bench-'));
  await chmod(folder, 0o755);
  try {
    const built = students === undefined ? await readManifest(DATA_FOLDER) : undefined;
    if (built) {
      if (built.schema !== (await schemaNow()))
        throw new Error('The set was built by other migrations: build it anew with `pnpm bench:set`.');
      return await serve(DATA_FOLDER, built, folder, work);
    }
    const plan = { ...QUICK, students: students ?? QUICK.students };
    console.log(
      `reading: making a set of ${plan.students} students for this run; \`pnpm bench:set\` makes the large one`,
    );
    const manifest = await buildSet(folder, plan, (text) => console.log(`reading: ${text}`));
    return await serve(folder, manifest, folder, work);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function serve<T>(
  data: string,
  manifest: SetManifest,
  folder: string,
  work: (set: OpenSet) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedPostgres({ folder: data });
  try {
    const url = server.superuserUrl(SET_DATABASE);
    const postmaster = await withClient(url, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() pid');
      return parentOf(rows[0]?.pid ?? 0);
    });
    const environment = {
      HALLPASS_TOKEN_PEPPER: manifest.keys.pepper,
      HALLPASS_MASTER_KEY: manifest.keys.masterKey,
      DOCS_URL: 'https://docs.example',
    };
    const smallUrl = server.superuserUrl(SMALL_DATABASE);
    return await work({ manifest, url, smallUrl, postmaster, folder, environment });
  } finally {
    await server.stop();
  }
}
