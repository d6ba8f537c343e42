import type { DistrictId, KindedDocument, LinkBook, UserRoles } from '@hallpass/domain';
import type { PoolClient } from 'pg';
import { copyRows, idArray } from './copy.js';

/** An open version ends here: later than every seq. */
export const OPEN_SEQ = '9223372036854775807';

/** The bit of role_mask that each role of a user sets. */
export const ROLE_BITS = { student: 1, teacher: 2, staff: 4, contact: 8, district_admin: 16 } as const;

export function roleMask(roles: UserRoles): number {
  let mask = 0;
  for (const role of Object.keys(roles) as (keyof typeof ROLE_BITS)[]) mask |= ROLE_BITS[role];
  return mask;
}

export function roleMaskOf(each: KindedDocument): number {
  return each.kind === 'user' ? roleMask(each.document.roles) : 0;
}

/**
 * The tables in which one session prepares a publication, outside any lock: the roster as read (staged), how it differs from
 * what is published (changes), and what each restricted rule shows of the result (shown_versions, shown_links).
 */
export async function createStaging(client: PoolClient): Promise<void> {
  await client.query(`
    create temporary table if not exists staged (
      kind text collate "C" not null, record_id text collate "C" not null, role_mask smallint not null,
      body text not null, digest uuid generated always as (md5(body)::uuid) stored);
    create temporary table if not exists kept (
      kind text collate "C" not null, record_id text collate "C" not null);
    create temporary table if not exists changes (
      op "char" not null, kind text collate "C" not null, record_id text collate "C" not null,
      created_at timestamptz not null, times text collate "C" not null);
    create temporary table if not exists shown_versions (
      fingerprint text collate "C" not null, kind text collate "C" not null, record_id text collate "C" not null,
      role_mask smallint not null, digest uuid not null, doc text);
    create temporary table if not exists shown_links (
      fingerprint text collate "C" not null, relation text collate "C" not null,
      record_id text collate "C" not null, ids text[] collate "C" not null);
    truncate staged, kept, changes, shown_versions, shown_links`);
}

/** Keeps, of what no row names any more, the contacts of kept students and the courses and terms of kept sections. */
export async function keepRelated(client: PoolClient, districtId: DistrictId): Promise<void> {
  await client.query(
    `insert into kept (kind, record_id)
     select kind, record_id from (
       select named.kind, named.record_id
       from kept k
       join record_versions r on r.district_id = $1 and r.kind = k.kind and r.record_id = k.record_id
         and r.to_seq = ${OPEN_SEQ}
       cross join lateral (values ('course', r.doc::json ->> 'course'), ('term', r.doc::json ->> 'term_id'))
         named (kind, record_id)
       where k.kind = 'section' and named.record_id is not null
       union
       select 'user', r.record_id
       from record_versions r
       cross join lateral json_array_elements(r.doc::json #> '{roles,contact,student_relationships}') relation
       join kept k on k.kind = 'user' and k.record_id = relation ->> 'student'
       where r.district_id = $1 and r.to_seq = ${OPEN_SEQ} and r.kind = 'user'
         and r.role_mask & ${ROLE_BITS.contact} <> 0 and exists (select from kept where kind = 'user')
     ) related
     where not exists (select from staged s where s.kind = related.kind and s.record_id = related.record_id)
       and not exists (select from kept k where k.kind = related.kind and k.record_id = related.record_id)`,
    [districtId],
  );
}

/** The body of a changed record as it will be served, of `changes c` joined to `staged s`: what was read, and its two times. */
export const CHANGED_DOC = `left(s.body, -1) || c.times`;

/** Stages what a link book holds, as the links that a rule shows; fingerprint '' is the roster itself. */
export async function stageLinks(client: PoolClient, fingerprint: string, book: LinkBook): Promise<void> {
  await copyRows(client, 'shown_links (fingerprint, relation, record_id, ids)', linkRows(fingerprint, book));
}

function* linkRows(fingerprint: string, book: LinkBook) {
  for (const { relation, id, ids } of book.rows()) yield [fingerprint, relation, id, idArray(ids)];
}
