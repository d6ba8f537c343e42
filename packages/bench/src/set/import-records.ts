import { createHash, randomBytes } from 'node:crypto';
import { beginImport, importRoster, SYSTEM } from '@hallpass/database';
import type { TestDirectory } from '@hallpass/database/testing';
import { newId, type DistrictId, type ImportId, type SourceRecord } from '@hallpass/domain';
import { generateDistrict } from '@hallpass/demo';
import { HISTORY_SHARE, type PlannedDistrict } from './plan.js';

/** A district without a roster. Its ids follow from the seed, so that districts of one seed have the same ids. */
export async function addDistrict(
  { dataSource }: TestDirectory,
  { seed }: PlannedDistrict,
): Promise<DistrictId> {
  const id = newId<DistrictId>();
  const recordKey = createHash('sha256').update(`bench ${seed}`).digest();
  await dataSource.query('insert into districts (id, name, record_key) values ($1, $2, $3)', [
    id,
    `Bench Unified ${id}`,
    recordKey,
  ]);
  return id;
}

/** Imports records as the admin service imports files, but for the reading of files; answers how long it took. */
export async function importRecords(
  { dataSource }: TestDirectory,
  districtId: DistrictId,
  records: () => Iterable<SourceRecord>,
): Promise<number> {
  const start = performance.now();
  const importId = newId<ImportId>();
  await beginImport(dataSource, districtId, importId, SYSTEM);
  const picture = {
    async *records() {
      yield* records();
    },
    kept: new Map(),
  };
  const files = {
    contentHash: randomBytes(32),
    carriedIds: () => Promise.resolve([]),
    read: () => Promise.resolve(picture),
  };
  const { status } = await importRoster(dataSource, { districtId, importId }, files, SYSTEM);
  if (status !== 'published') throw new Error(`an import of the set ended as ${status}`);
  return (performance.now() - start) / 1000;
}

/** The roster of a planned district. */
export function rosterOf({ seed, students }: PlannedDistrict): () => Iterable<SourceRecord> {
  const district = generateDistrict({ seed, students, name: `Bench Unified ${seed}` });
  return () => district.records();
}

/** The same roster after so many later imports, each of which changed the share of its people and sections, here and there. */
export function* laterRoster(records: Iterable<SourceRecord>, imports: number): Generator<SourceRecord> {
  let place = 0;
  for (const each of records) {
    place += 1;
    const turns = turnsOf(place, imports);
    if (turns === 0) yield each;
    else if (each.kind === 'user') yield { ...each, email: `${turns}.${each.email ?? ''}` };
    else if (each.kind === 'section') yield { ...each, name: `${each.name} (${turns})` };
    else yield each;
  }
}

/** How many of the imports changed the record at the place. */
function turnsOf(place: number, imports: number): number {
  let turns = 0;
  for (let number = 1; number <= imports; number += 1) {
    const mixed = Math.imul(place ^ (number << 20), 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b);
    const bits = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    if (((bits ^ (bits >>> 13)) >>> 0) / 0x1_0000_0000 < HISTORY_SHARE) turns += 1;
  }
  return turns;
}
