import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { beginImport, createDataSource, importRoster, SYSTEM } from '@hallpass/database';
import { newId, type DistrictId, type ImportId } from '@hallpass/domain';
import { openFolder, readCarriedIds, readRoster, type RosterSource } from '@hallpass/roster-formats';
import { answerWith, jobOf, type ImportJob } from './import-job.js';

/** Imports one folder as the admin service would, in a process of its own. */
const job = jobOf<ImportJob>();
const districtId = job.districtId as DistrictId;
const dataSource = await createDataSource({ url: job.url, service: 'admin' }).initialize();

await answerWith(async () => {
  const source = await openFolder(job.folder);
  const importId = newId<ImportId>();
  await beginImport(dataSource, districtId, importId, SYSTEM);
  const { status } = await importRoster(
    dataSource,
    { districtId, importId },
    {
      contentHash: await hashOf(source),
      carriedIds: (problems) => readCarriedIds(source, problems),
      read: (problems, previous) => readRoster(source, { problems, previous }),
    },
    SYSTEM,
  );
  await source.close();
  return status;
});
await dataSource.destroy();

async function hashOf(source: RosterSource): Promise<Buffer> {
  const hash = createHash('sha256').update(job.salt);
  for (const file of source.list()) for await (const chunk of source.open(file)) hash.update(chunk);
  return hash.digest();
}
