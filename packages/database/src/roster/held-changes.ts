import { searchedTitle, titleOf, type ChangeType, type DistrictId, type ImportId } from '@hallpass/domain';
import type { DocumentOf, RecordKind } from '@hallpass/domain';
import type { PoolClient } from 'pg';
import type { Sql } from '../sql.js';
import { copyRows } from './copy.js';
import { OPEN_SEQ } from './staging.js';

const BATCH_ROWS = 2000;

/** Whose changes they are. */
interface HeldPlace {
  districtId: DistrictId;
  importId: ImportId;
}

interface StagedChange {
  kind: RecordKind;
  record_id: string;
  type: ChangeType;
  role_mask: number;
  body: string | null;
  before: string | null;
}

/** Between a name and an id, below every sign of either. */
const BETWEEN = '\u0001';

/** By what a change is searched and sorted. */
export const placeOf = (title: string, recordId: string): string =>
  `${searchedTitle(title)}${BETWEEN}${recordId}`;

/** Of the column `place`: the name in it. */
export const NAME_IN_PLACE = 'left(place, -25)';

/** Keeps the session's `changes` for as long as their import is held, batch by batch. Needs the transaction that holds it. */
export async function keepHeldChanges(client: PoolClient, place: HeldPlace): Promise<void> {
  // Tables just filled have no statistics, and a nested loop over them would never end.
  await client.query('set local enable_nestloop = off');
  await client.query(
    `declare held no scroll cursor for
     select c.kind, c.record_id, coalesce(s.role_mask, 0) | coalesce(r.role_mask, 0) role_mask, s.body,
       case c.op when 'c' then 'created' when 'd' then 'deleted' else 'updated' end "type",
       case c.op when 'd' then r.doc end "before"
     from changes c
     left join staged s on s.kind = c.kind and s.record_id = c.record_id
     left join record_versions r on r.district_id = '${place.districtId}' and r.kind = c.kind
       and r.record_id = c.record_id and r.to_seq = ${OPEN_SEQ}`,
  );
  for (;;) {
    const { rows } = await client.query<StagedChange>(`fetch ${BATCH_ROWS} from held`);
    if (rows.length === 0) break;
    await copyRows(
      client,
      'held_changes (district_id, import_id, kind, place, record_id, type, role_mask, title, body)',
      rows.map((each) => heldRow(place, each)),
    );
  }
  await client.query('close held');
}

/** Lets them go, with the hold that they were kept for. */
export async function dropHeldChanges(tx: Sql, { districtId, importId }: HeldPlace): Promise<void> {
  await tx.query('delete from held_changes where district_id = $1 and import_id = $2', [
    districtId,
    importId,
  ]);
}

function heldRow({ districtId, importId }: HeldPlace, change: StagedChange) {
  const { kind, record_id: id, type, role_mask: roles, body, before } = change;
  const document = JSON.parse(body ?? before ?? '{}') as DocumentOf[RecordKind];
  const title = titleOf(kind, document).replace(/\p{Cc}+/gu, ' ');
  return [districtId, importId, kind, placeOf(title, id), id, type, roles, title, body];
}
