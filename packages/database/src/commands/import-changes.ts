import {
  changeOf,
  recordKindOf,
  searchedTitle,
  titleOf,
  type Change,
  type ChangeType,
  type DistrictId,
  type DocumentOf,
  type ImportId,
  type ListedKind,
  type RecordId,
  type RecordKind,
  type UserRole,
} from '@hallpass/domain';
import { NAME_IN_PLACE } from '../roster/held-changes.js';
import { ROLE_BITS } from '../roster/staging.js';
import { firstRow, rows, type Sql } from '../sql.js';

/** Which records an import changed, or would: of a kind, with a text in their name, after the last of the page before. */
export interface ImportChangesQuery {
  districtId: DistrictId;
  importId: ImportId;
  kind: ListedKind;
  /** Null: all that became of a record. */
  type: ChangeType | null;
  search: string;
  after: string;
  limit: number;
}

export interface ImportChange {
  id: RecordId;
  title: string;
  /** As the district has it: with every field. */
  change: Change<DocumentOf[RecordKind]>;
  /** The whole record as it was; null of one that was not there. */
  before: DocumentOf[RecordKind] | null;
}

export interface ImportChangesPage {
  data: ImportChange[];
  /** Pass as `after` for the page that follows; null on the last. */
  next: string | null;
}

const NOTHING: ImportChangesPage = { data: [], next: null };

/**
 * What an import did to the records of a kind, by their ids; of a held one what it would do, by their names. A change of times
 * alone is none. Of a first roster, which created everything, nothing is told.
 */
export async function importChanges(sql: Sql, query: ImportChangesQuery): Promise<ImportChangesPage> {
  const { districtId, importId } = query;
  const found = await firstRow<{ status: string; seq: string | null; base: string | null }>(
    sql,
    'select status, seq, base_seq base from imports where district_id = $1 and id = $2',
    [districtId, importId],
  );
  if (found?.status === 'held') return heldChanges(sql, query, found.base);
  const seq = Number(found?.seq ?? 0);
  return seq > 1 ? publishedChanges(sql, query, seq) : NOTHING;
}

interface ChangedRow {
  id: RecordId;
  before: string | null;
  after: string | null;
}

const rolesIn = (kind: ListedKind) => (kind in ROLE_BITS ? ROLE_BITS[kind as UserRole] : 0);

/** The kept changes stand in their order: a page is a range of them, and a search reads their names alone. */
async function heldChanges(
  sql: Sql,
  { districtId, importId, kind, type, search, after, limit }: ImportChangesQuery,
  baseSeq: string | null,
): Promise<ImportChangesPage> {
  const found = await rows<ChangedRow & { place: string; title: string }>(
    sql,
    `with page as (
       select place, record_id, title, body from held_changes
       where district_id = $1 and import_id = $2 and kind = $3 and place > $4
         and ($5::text is null or type = $5) and ($6::int = 0 or role_mask & $6::int <> 0)
         and ($7 = '' or strpos(${NAME_IN_PLACE}, $7) > 0)
       order by place limit $8)
     select p.place, p.record_id id, p.title, p.body "after", r.doc "before"
     from page p
     left join record_versions r on r.district_id = $1 and r.kind = $3 and r.record_id = p.record_id
       and r.from_seq <= $9 and r.to_seq > $9
     order by p.place`,
    [
      districtId,
      importId,
      recordKindOf(kind),
      after,
      type,
      rolesIn(kind),
      searchedTitle(search),
      limit + 1,
      baseSeq,
    ],
  );
  const page = found.slice(0, limit);
  return {
    data: page.flatMap((row) => told(row, () => row.title)),
    next: found.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
}

/** So many changes are looked through at once for a name. */
const LOOKED_THROUGH = 20_000;

/** The versions of a publication are its changes; their names are in their documents alone. */
async function publishedChanges(
  sql: Sql,
  { districtId, kind, type, search, after, limit }: ImportChangesQuery,
  seq: number,
): Promise<ImportChangesPage> {
  const recordKind = recordKindOf(kind);
  const wanted = searchedTitle(search);
  const batch = wanted === '' ? limit + 1 : LOOKED_THROUGH;
  const data: ImportChange[] = [];
  let last = after;
  for (;;) {
    const found = await rows<ChangedRow>(
      sql,
      `select record_id id, c.doc "before", o.doc "after"
       from (select record_id, doc, role_mask from record_versions
             where district_id = $1 and kind = $2 and from_seq = $3 and record_id > $4) o
       full join (select record_id, doc, role_mask from record_versions
             where district_id = $1 and kind = $2 and to_seq = $3 and record_id > $4) c using (record_id)
       where ($6::text is null
           or $6 = case when c.doc is null then 'created' when o.doc is null then 'deleted' else 'updated' end)
         and ($7::int = 0 or (coalesce(o.role_mask, 0) | coalesce(c.role_mask, 0)) & $7::int <> 0)
       order by record_id limit $5`,
      [districtId, recordKind, seq, last, batch, type, rolesIn(kind)],
    );
    for (const [index, row] of found.entries()) {
      const changes = told(row, (document) => titleOf(recordKind, document));
      last = row.id;
      data.push(...changes.filter(({ title }) => wanted === '' || searchedTitle(title).includes(wanted)));
      const isMore = index + 1 < found.length || found.length === batch;
      if (data.length === limit) return { data, next: isMore ? last : null };
    }
    if (found.length < batch) return { data, next: null };
  }
}

function told(row: ChangedRow, titleIn: (document: DocumentOf[RecordKind]) => string): ImportChange[] {
  const before = documentIn(row.before);
  const after = documentIn(row.after);
  const seen = after ?? before;
  const change = changeOf(row.id, before, after);
  return change && seen ? [{ id: row.id, title: titleIn(seen), change, before: before ?? null }] : [];
}

function documentIn(text: string | null): DocumentOf[RecordKind] | undefined {
  return text === null ? undefined : (JSON.parse(text) as DocumentOf[RecordKind]);
}
