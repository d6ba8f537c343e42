import type { DistrictId } from '@hallpass/domain';
import { firstRow, rows, type Sql } from '../sql.js';
import { CHANGED_DOC, OPEN_SEQ } from './staging.js';

export type PublicationCause = 'import' | 'grant';

/**
 * Takes the district's clock for the rest of the transaction; publications of one district queue here. Not its key: what only
 * refers to the district, as a revocation does, goes on meanwhile.
 */
export async function lockDistrict(tx: Sql, districtId: DistrictId): Promise<number | undefined> {
  const district = await firstRow<{ seq: number }>(
    tx,
    'select seq from districts where id = $1 for no key update',
    [districtId],
  );
  return district?.seq;
}

/** Moves the clock to the seq being published. The last act of its transaction: the edition's lock is held to the commit. */
export async function moveClock(
  tx: Sql,
  districtId: DistrictId,
  seq: number,
  at: Date,
  cause: PublicationCause,
): Promise<void> {
  await tx.query('update districts set seq = $2 where id = $1', [districtId, seq]);
  const [edition] = await rows<{ edition: number }>(
    tx,
    'update editions set edition = edition + 1 returning edition',
  );
  await tx.query(
    'insert into publications (district_id, seq, edition, published_at, cause) values ($1, $2, $3, $4, $5)',
    [districtId, seq, edition?.edition, at, cause],
  );
}

/** From so many staged rows on, joins go by hashing: tables just filled have no statistics to tell the planner so, and to
 * gather them would take longer than the joins. */
const MANY_ROWS = 1000;

/** Chooses how the transaction joins what is staged to what is published. */
export async function planPublication(tx: Sql): Promise<void> {
  const row = await firstRow<{ count: number }>(
    tx,
    `select (select count(*) from changes) + (select count(*) from shown_versions) + (select count(*) from shown_links) count`,
  );
  if ((row?.count ?? 0) > MANY_ROWS)
    await tx.query(`set local enable_nestloop = off; set local work_mem = '64MB'`);
}

/** Closes the versions that the session's `changes` name, and opens their successors. */
export async function publishChanges(tx: Sql, districtId: DistrictId, seq: number): Promise<void> {
  await tx.query(
    `update record_versions r set to_seq = $2 from changes c
     where c.op <> 'c' and r.district_id = $1 and r.kind = c.kind and r.record_id = c.record_id
       and r.to_seq = ${OPEN_SEQ}`,
    [districtId, seq],
  );
  await tx.query(
    `insert into record_versions (district_id, kind, record_id, from_seq, digest, role_mask, created_at, doc)
     select $1, c.kind, c.record_id, $2, s.digest, s.role_mask, c.created_at, ${CHANGED_DOC}
     from changes c join staged s on s.kind = c.kind and s.record_id = c.record_id
     where c.op <> 'd' order by c.kind, c.record_id`,
    [districtId, seq],
  );
}

/** The place of a publication, when it is, and which visible sets it moves. */
export interface SetPublication {
  districtId: DistrictId;
  seq: number;
  at: Date;
  /** Sets of which the session's `shown_versions` hold all. */
  whole: readonly string[];
  /** Sets of which they hold what the session's `changes` bring, and no more has changed. */
  partial: readonly string[];
  /** Whether the sets begin here: nobody has had them before, so nobody is told. */
  isFirst: boolean;
}

/** Ends a document's text before the instant of its `last_modified`: 24 characters, a quote and a brace. */
const LAST_MODIFIED_LENGTH = 26;

/**
 * Moves visible sets to what the session's `shown_versions` say. A record that looks as before keeps its version, and with it
 * its text and its `last_modified`, whatever changed in what is hidden; one that is cut otherwise is modified now.
 */
export async function publishShown(tx: Sql, publication: SetPublication): Promise<void> {
  const { districtId, seq, at, whole, partial, isFirst } = publication;
  const stays = `exists (
    select from shown_versions n where n.fingerprint = v.fingerprint and n.kind = v.kind and n.record_id = v.record_id
      and n.digest = v.digest and (v.doc is not null or n.doc is null))`;
  if (whole.length > 0)
    await tx.query(
      `update visible_versions v set to_seq = $2
       where v.district_id = $1 and v.fingerprint = any ($3) and v.to_seq = ${OPEN_SEQ} and not ${stays}`,
      [districtId, seq, whole],
    );
  if (partial.length > 0)
    await tx.query(
      `update visible_versions v set to_seq = $2
       from changes c, unnest($3::text[]) named(fingerprint)
       where v.district_id = $1 and v.fingerprint = named.fingerprint and v.kind = c.kind
         and v.record_id = c.record_id and v.to_seq = ${OPEN_SEQ} and not ${stays}`,
      [districtId, seq, partial],
    );
  if (whole.length + partial.length === 0) return;
  await tx.query(
    `insert into visible_versions (
       district_id, fingerprint, kind, record_id, from_seq, digest, role_mask, is_first, doc)
     select $1, n.fingerprint, n.kind, n.record_id, $2, n.digest, n.role_mask, $5,
       case
         when o.digest = n.digest then coalesce(o.doc, (
           select r.doc from record_versions r where r.district_id = $1 and r.kind = n.kind
             and r.record_id = n.record_id and r.from_seq < $2 and r.to_seq = $2))
         when o.digest is null or c.record_id is not null then n.doc
         else left(coalesce(n.doc, (
           select r.doc from record_versions r where r.district_id = $1 and r.kind = n.kind
             and r.record_id = n.record_id and r.from_seq < $2 and r.to_seq = ${OPEN_SEQ})),
           -${LAST_MODIFIED_LENGTH}) || $4 || '"}'
       end
     from shown_versions n
     left join visible_versions o on o.district_id = $1 and o.fingerprint = n.fingerprint and o.kind = n.kind
       and o.record_id = n.record_id and o.to_seq = $2
     left join changes c on c.kind = n.kind and c.record_id = n.record_id
     where n.fingerprint = any ($3) and not exists (
       select from visible_versions v where v.district_id = $1 and v.fingerprint = n.fingerprint
         and v.kind = n.kind and v.record_id = n.record_id and v.to_seq = ${OPEN_SEQ})`,
    [districtId, seq, [...whole, ...partial], at.toISOString(), isFirst],
  );
}

/** Moves links, by the names of what shows them ('' the roster's own), to what the session's `shown_links` say. */
export async function publishLinks(
  tx: Sql,
  districtId: DistrictId,
  seq: number,
  fingerprints: readonly string[],
): Promise<void> {
  await tx.query(
    `update link_versions l set to_seq = $2
     where l.district_id = $1 and l.fingerprint = any ($3) and l.to_seq = ${OPEN_SEQ}
       and not exists (
         select from shown_links n where n.fingerprint = l.fingerprint and n.relation = l.relation
           and n.record_id = l.record_id and n.ids = l.ids)`,
    [districtId, seq, fingerprints],
  );
  await tx.query(
    `insert into link_versions (district_id, fingerprint, relation, record_id, from_seq, ids)
     select $1, n.fingerprint, n.relation, n.record_id, $2, n.ids from shown_links n
     where n.fingerprint = any ($3) and not exists (
       select from link_versions l where l.district_id = $1 and l.fingerprint = n.fingerprint
         and l.relation = n.relation and l.record_id = n.record_id and l.to_seq = ${OPEN_SEQ})
     order by n.fingerprint, n.relation, n.record_id`,
    [districtId, seq, fingerprints],
  );
}
