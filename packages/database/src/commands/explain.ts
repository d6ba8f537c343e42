import {
  DomainError,
  explainSharing,
  grantRefusal,
  type GrantId,
  type ImportId,
  type RecordId,
  type RecordKind,
  type RefusalReason,
  type SharingExplanation,
  type UserRole,
} from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { Grants } from '../entities.js';
import { OPEN_SEQ, ROLE_BITS } from '../roster/staging.js';
import { firstRow } from '../sql.js';

/** Why an app does or does not see a record now. */
export interface Explanation extends SharingExplanation {
  grantId: GrantId;
  kind: RecordKind;
  recordId: RecordId;
  /** Why the grant answers nothing at all; null while it answers. */
  refusal: RefusalReason | null;
  /** Since when the app sees it, or until when it did; null where it never has. */
  shownSince: Date | null;
  shownUntil: Date | null;
  /** The import that deleted it. */
  deletedBy: ImportId | null;
  deletedAt: Date | null;
}

interface Found {
  is_open: boolean | null;
  role_mask: number | null;
  closed_at: Date | null;
  closed_by: ImportId | null;
  shown_from: Date | null;
  shown_to: Date | null;
  is_shown: boolean;
}

/** Explains, from what is kept of the past, what a grant shows of a record. */
export async function explainRecord(
  dataSource: DataSource,
  grantId: GrantId,
  kind: RecordKind,
  recordId: RecordId,
  now: Date,
): Promise<Explanation> {
  const grant = await dataSource.manager.findOneBy(Grants, { id: grantId });
  if (!grant) throw new DomainError('not-found', 'No grant has this id.');
  const { districtId, fingerprint, selection, fields, narrowingTo } = grant;
  const rule = { selection, fields };
  const shownIn = fingerprint === '' ? 'record_versions' : 'visible_versions';
  const named = fingerprint === '' ? `$4 = ''` : 'v.fingerprint = $4';
  const found = await firstRow<Found>(
    dataSource,
    `select r.to_seq = ${OPEN_SEQ} is_open, r.role_mask, closed.published_at closed_at, i.id closed_by,
       f.published_at shown_from, t.published_at shown_to, coalesce(v.to_seq = ${OPEN_SEQ}, false) is_shown
     from (select 1) one
     left join lateral (
       select to_seq, role_mask from record_versions
       where district_id = $1 and kind = $2 and record_id = $3 order by from_seq desc limit 1) r on true
     left join lateral (
       select min(v.from_seq) from_seq, max(v.to_seq) to_seq from ${shownIn} v
       where v.district_id = $1 and v.kind = $2 and v.record_id = $3 and ${named} having count(*) > 0) v on true
     left join publications closed on closed.district_id = $1 and closed.seq = r.to_seq
     left join imports i on i.district_id = $1 and i.seq = r.to_seq
     left join publications f on f.district_id = $1 and f.seq = v.from_seq
     left join publications t on t.district_id = $1 and t.seq = v.to_seq`,
    [districtId, kind, recordId, fingerprint],
  );
  const state = !found || found.is_open === null ? 'unknown' : found.is_open ? 'present' : 'gone';
  const mask = found?.role_mask ?? 0;
  const roles = (Object.keys(ROLE_BITS) as UserRole[]).filter((role) => mask & ROLE_BITS[role]);
  const isShared = fields[kind] !== undefined;
  const isShown = isShared && (found?.is_shown ?? false);
  return {
    grantId,
    kind,
    recordId,
    refusal: grantRefusal({ ...grant, rule, isNarrowing: narrowingTo !== null }, now) ?? null,
    ...explainSharing(rule, { kind, state, roles, isShown }),
    shownSince: isShared ? (found?.shown_from ?? null) : null,
    shownUntil: isShared ? (found?.shown_to ?? null) : null,
    deletedBy: found?.closed_by ?? null,
    deletedAt: found?.closed_at ?? null,
  };
}
