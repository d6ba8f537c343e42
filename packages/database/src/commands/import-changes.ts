import {
  changeOf,
  titleOf,
  type Change,
  type DistrictId,
  type DocumentOf,
  type RecordId,
  type RecordKind,
} from '@hallpass/domain';
import { rows, type Sql } from '../sql.js';

/** Which records an import changed: of a kind, after the last of the page before. */
export interface ImportChangesQuery {
  districtId: DistrictId;
  /** What the district's clock said when the import was published. */
  seq: number;
  kind: RecordKind;
  after: string;
  limit: number;
}

export interface ImportChange {
  id: RecordId;
  title: string;
  /** As the district has it: with every field. */
  change: Change<DocumentOf[RecordKind]>;
}

export interface ImportChangesPage {
  data: ImportChange[];
  /** Pass as `after` for the page that follows; null on the last. */
  next: string | null;
}

/** What a publication did to the records of a kind, by their ids. A change of times alone is none. */
export async function importChanges(sql: Sql, query: ImportChangesQuery): Promise<ImportChangesPage> {
  const { districtId, seq, kind, after, limit } = query;
  const found = await rows<{ id: RecordId; before: string | null; after: string | null }>(
    sql,
    `select coalesce(o.record_id, c.record_id) id, c.doc before, o.doc after
     from (select record_id, doc from record_versions where district_id = $1 and kind = $2 and from_seq = $3) o
     full join (select record_id, doc from record_versions where district_id = $1 and kind = $2 and to_seq = $3) c
       using (record_id)
     where coalesce(o.record_id, c.record_id) > $4 order by 1 limit $5`,
    [districtId, kind, seq, after, limit + 1],
  );
  const page = found.slice(0, limit);
  const documentOf = (text: string | null) =>
    text === null ? undefined : (JSON.parse(text) as DocumentOf[RecordKind]);
  const data = page.flatMap(({ id, before, after: now }) => {
    const [was, is] = [documentOf(before), documentOf(now)];
    const change = changeOf(id, was, is);
    const seen = is ?? was;
    return change && seen ? [{ id, title: titleOf(kind, seen as never), change }] : [];
  });
  return { data, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}
