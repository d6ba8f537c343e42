import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withClient } from '@hallpass/database';
import { from as copyFrom } from 'pg-copy-streams';
import { answerWith, jobOf, type CopyJob } from './import-job.js';

/** Copies the same files into plain tables: the least that any import has to do. */
const { url, folder } = jobOf<CopyJob>();
const files = await readdir(folder);

await withClient(url, async (client) => {
  // Made before, in a transaction of their own: Postgres spares the log for a table of the same transaction.
  for (const file of files) {
    const columns = (await headerOf(join(folder, file))).map(
      (name) => `${client.escapeIdentifier(name)} text`,
    );
    await client.query(`create table ${client.escapeIdentifier(file)} (${columns.join(', ')})`);
  }
  await answerWith(async () => {
    for (const file of files) {
      const target = client.query(
        copyFrom(`copy ${client.escapeIdentifier(file)} from stdin (format csv, header)`),
      );
      await pipeline(createReadStream(join(folder, file)), target);
    }
    return 'copied';
  });
  for (const file of files) await client.query(`drop table ${client.escapeIdentifier(file)}`);
});

async function headerOf(path: string): Promise<string[]> {
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    return (chunk as string).split(/\r?\n/, 1)[0]?.split(',') ?? [];
  }
  return [];
}
