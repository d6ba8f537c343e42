import type { KindedDocument, LinkBook, UserRoles } from '@hallpass/domain';
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

/** The body of a changed record as it will be served, of `changes c` joined to `staged s`: what was read, and its two times. */
export const CHANGED_DOC = `left(s.body, -1) || c.times`;

/** Stages what a link book holds, as the links that a rule shows; fingerprint '' is the roster itself. */
export async function stageLinks(client: PoolClient, fingerprint: string, book: LinkBook): Promise<void> {
  await copyRows(client, 'shown_links (fingerprint, relation, record_id, ids)', linkRows(fingerprint, book));
}

function* linkRows(fingerprint: string, book: LinkBook) {
  for (const { relation, id, ids } of book.rows()) yield [fingerprint, relation, id, idArray(ids)];
}
