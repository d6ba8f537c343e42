import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../client.js';
import { startEmbeddedPostgres } from '../embedded/index.js';
import { migrate } from '../migrations.js';

/** A database of its own for one suite, cloned from the migrated template. */
export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

interface TestServer {
  url: string;
  stop(): Promise<void>;
}

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

/**
 * A migrated database for one suite. The server is HALLPASS_TEST_DATABASE_URL's (the test run starts one for all suites), or
 * else an embedded one for this suite alone.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const template = await ensureTemplate(server.url);
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await onServer(server.url, `create database ${name} template ${template}`);
  return {
    url: databaseUrl(server.url, name),
    async drop() {
      await onServer(server.url, `drop database ${name} with (force)`);
      await server.stop();
    },
  };
}

async function testServer(): Promise<TestServer> {
  const url = process.env['HALLPASS_TEST_DATABASE_URL'];
  if (url) return { url, stop: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), 'hallpass-test-'));
  // Root's server runs as another user, which has to be able to walk in.
  await chmod(folder, 0o755);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const postgres = await startEmbeddedPostgres({ folder, settings });
  return {
    url: postgres.superuserUrl(),
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The template bears the hash of the migrations, so that one server serves every state of the checkout. */
async function ensureTemplate(url: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(MIGRATIONS)).sort())
    hash.update(await readFile(new URL(file, MIGRATIONS)));
  const template = `template_${hash.digest('hex').slice(0, 16)}`;
  await withClient(url, async (client) => {
    // Suites run in several processes: one makes the template, the others wait for it.
    await client.query('select pg_advisory_lock(4736202)');
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 0) {
      const unfinished = `${template}_unfinished`;
      await client.query(`drop database if exists ${unfinished}`);
      await client.query(`create database ${unfinished}`);
      await migrate(databaseUrl(url, unfinished));
      await client.query(`alter database ${unfinished} rename to ${template}`);
    }
  });
  return template;
}

async function onServer(url: string, sql: string): Promise<void> {
  await withClient(url, async (client) => {
    // Cloning needs the template to itself.
    await client.query('select pg_advisory_lock(4736202)');
    await client.query(sql);
  });
}

function databaseUrl(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.toString();
}
