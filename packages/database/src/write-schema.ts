import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from './embedded/index.js';
import { migrate } from './migrations.js';
import { dumpSchema } from './schema-dump.js';

// Writes schema.sql from the migrations, on a server of its own.
const folder = await mkdtemp(join(tmpdir(), 'hallpass-schema-'));
// Root's server runs as another user, which has to be able to walk in.
await chmod(folder, 0o755);
const postgres = await startEmbeddedPostgres({ folder, settings: { fsync: 'off' } });
try {
  await migrate(postgres.superuserUrl());
  await writeFile(new URL('../schema.sql', import.meta.url), await dumpSchema(postgres.superuserUrl()));
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
