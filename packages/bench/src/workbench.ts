import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@hallpass/database/embedded';
import { TestDirectory } from '@hallpass/database/testing';
import { generateDistrict, writeFolder } from '@hallpass/demo';
import { parentOf } from './processor-time.js';

/** A folder and a Postgres of the run's own, with the settings that are shipped: everything written is durable. */
export interface Workbench {
  folder: string;
  directory: TestDirectory;
  /** The superuser's address of the database in which all is measured. */
  url: string;
  /** Whose children serve the sessions. */
  postmaster: number;
}

export async function withWorkbench<T>(work: (bench: Workbench) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hallpass-bench-'));
  // Root's Postgres runs as another user, which has to be able to walk in.
  await chmod(folder, 0o755);
  try {
    const postgres = await startEmbeddedPostgres({ folder });
    try {
      return await onServer(postgres.superuserUrl(), folder, work);
    } finally {
      await postgres.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onServer<T>(url: string, folder: string, work: (bench: Workbench) => Promise<T>): Promise<T> {
  process.env['HALLPASS_TEST_DATABASE_URL'] = url;
  const directory = await TestDirectory.open();
  try {
    const [session] = await directory.dataSource.query<{ pid: number }[]>('select pg_backend_pid() pid');
    return await work({
      folder,
      directory,
      url: directory.url,
      postmaster: await parentOf(session?.pid ?? 0),
    });
  } finally {
    await directory.close();
  }
}

/** Limits that are counted and told as ever, but too high to be met. */
export async function liftLimits(dataSource: TestDirectory['dataSource']): Promise<void> {
  await dataSource.query(
    `insert into rate_policies (name, subject, requests_max, window_seconds, mode)
     values ('token', 'token', 10000000, 60, 'enforce'), ('app', 'app', 10000000, 60, 'enforce'),
       ('district', 'district', 10000000, 60, 'enforce'), ('concurrency', 'token', 10000, null, 'enforce'),
       ('client', 'app', 10000000, 60, 'enforce'), ('token-endpoint', 'app', 10000000, 60, 'enforce'),
       ('failed-sign-in', 'address', 10000000, 60, 'enforce')
     on conflict (name) do nothing`,
  );
}

/** Writes a generated roster once; equal options make equal files. */
export async function writeRoster(folder: string, students: number, changedShare = 0): Promise<string> {
  const path = join(folder, `roster-${students}-${changedShare}`);
  await writeFolder(generateDistrict({ seed: 7, students, name: 'Bench Unified', changedShare }), path);
  return path;
}
