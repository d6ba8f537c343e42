import {
  RECORD_KINDS,
  recordIdOf,
  type CarriedId,
  type DistrictId,
  type IdBook,
  type ProblemList,
  type RecordId,
  type SourceId,
} from '@hallpass/domain';
import type { DistrictRow } from '../entities.js';
import { rows, type Sql } from '../sql.js';

/** The carried ids of a district by kind and source id, and those among them that are new with this import. */
export interface CarriedIds {
  known: ReadonlyMap<string, RecordId>;
  fresh: readonly CarriedId[];
}

/**
 * Joins the ids that an import brings along to those brought before. A record keeps the id it has, so one that is here
 * already under another id is not renamed; nor may two records share one.
 */
export async function carryIds(
  sql: Sql,
  district: DistrictRow,
  offered: readonly CarriedId[],
  problems: ProblemList,
): Promise<CarriedIds> {
  const known = await knownIds(sql, district.id);
  const taken = new Set([...known.values(), ...(await takenIds(sql, district.id, offered))]);
  const settled = await settledIds(sql, district, offered);
  const fresh: CarriedId[] = [];
  for (const each of offered) {
    const key = keyOf(each.kind, each.sourceId);
    if (known.get(key) === each.id) continue;
    if (
      known.has(key) ||
      taken.has(each.id) ||
      settled.has(recordIdOf(district.recordKey, each.kind, each.sourceId))
    ) {
      problems.add({
        class: 'skipped',
        code: 'id-carried-elsewhere',
        file: 'hallpass-ids.csv',
        line: each.line,
        column: 'id',
        message: 'The record has another id here already, or another record has this one.',
        mend: 'Leave the row out: a record keeps the id it has.',
      });
      continue;
    }
    known.set(key, each.id);
    taken.add(each.id);
    fresh.push(each);
  }
  return { known, fresh };
}

async function knownIds(sql: Sql, districtId: DistrictId): Promise<Map<string, RecordId>> {
  const found = await rows<{ kind: string; source_id: string; record_id: RecordId }>(
    sql,
    'select kind, source_id, record_id from carried_ids where district_id = $1',
    [districtId],
  );
  return new Map(found.map((each) => [keyOf(each.kind, each.source_id), each.record_id]));
}

/** The offered ids that some district carries already, or that a record here has by itself. */
async function takenIds(
  sql: Sql,
  districtId: DistrictId,
  offered: readonly CarriedId[],
): Promise<RecordId[]> {
  const found = await rows<{ record_id: RecordId }>(
    sql,
    `select record_id from carried_ids where record_id = any ($2)
     union
     select record_id from record_versions
     where district_id = $1 and kind = any ($3) and record_id = any ($2)`,
    [districtId, offered.map(({ id }) => id), RECORD_KINDS],
  );
  return found.map((each) => each.record_id);
}

/** The ids that the offered records would have by themselves, of those that have been published. */
async function settledIds(
  sql: Sql,
  district: DistrictRow,
  offered: readonly CarriedId[],
): Promise<Set<RecordId>> {
  const own = offered.map(({ kind, sourceId }) => recordIdOf(district.recordKey, kind, sourceId));
  const found = await rows<{ record_id: RecordId }>(
    sql,
    `select distinct record_id from record_versions
     where district_id = $1 and kind = any ($3) and record_id = any ($2)`,
    [district.id, own, RECORD_KINDS],
  );
  return new Set(found.map((each) => each.record_id));
}

export async function recordCarriedIds(
  tx: Sql,
  districtId: DistrictId,
  fresh: readonly CarriedId[],
): Promise<void> {
  if (fresh.length === 0) return;
  await tx.query(
    `insert into carried_ids (district_id, kind, source_id, record_id)
     select $1, kind, source_id, record_id from unnest($2::text[], $3::text[], $4::text[]) t(kind, source_id, record_id)`,
    [
      districtId,
      fresh.map(({ kind }) => kind),
      fresh.map(({ sourceId }) => sourceId),
      fresh.map(({ id }) => id),
    ],
  );
}

/** The ids of a district's records: carried ones first, else those that follow from the source ids. Each is worked out once. */
export function idBookOf(district: DistrictRow, carried: ReadonlyMap<string, RecordId>): IdBook {
  const known = new Map<string, Map<SourceId, RecordId>>();
  return {
    districtId: district.id,
    idOf(kind, sourceId) {
      let ofKind = known.get(kind);
      if (!ofKind) known.set(kind, (ofKind = new Map()));
      let id = ofKind.get(sourceId);
      if (id === undefined) {
        id = carried.get(keyOf(kind, sourceId)) ?? recordIdOf(district.recordKey, kind, sourceId);
        ofKind.set(sourceId, id);
      }
      return id;
    },
  };
}

function keyOf(kind: string, sourceId: SourceId): string {
  return `${kind}\0${sourceId}`;
}
