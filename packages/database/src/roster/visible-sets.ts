import type { DistrictId, GrantId } from '@hallpass/domain';
import type { EntityManager } from 'typeorm';
import { rows, type Sql } from '../sql.js';
import type { NamedRule } from './projection.js';
import { OPEN_SEQ } from './staging.js';

/** For how long pictures and events of the past are kept, in days. */
export const RETENTION_DAYS = 30;

/**
 * The rules whose visible sets every publication has to move: those that grants of the district hold, and those that they held
 * within the retention, for a pull that began under one goes on.
 */
export function rulesInUse(sql: Sql, districtId: DistrictId): Promise<NamedRule[]> {
  return rows<NamedRule>(
    sql,
    `select s.fingerprint, s.links_fingerprint links, s.rule from visible_sets s
     where s.district_id = $1 and exists (
       select from grant_rules r join grants g on g.district_id = r.district_id and g.id = r.grant_id
       where r.district_id = s.district_id and r.fingerprint = s.fingerprint and g.status <> 'revoked'
         and (r.ended_at is null or r.ended_at > now() - make_interval(days => ${RETENTION_DAYS})))
     order by s.fingerprint`,
    [districtId],
  );
}

/** Writes down what a fingerprint stands for and from when on, when a grant comes to need a set that none has kept up. */
export async function recordVisibleSet(
  tx: Sql,
  districtId: DistrictId,
  { fingerprint, links, rule }: NamedRule,
  seq: number,
): Promise<void> {
  await tx.query(
    `insert into visible_sets (district_id, fingerprint, links_fingerprint, rule, from_seq) values ($1, $2, $3, $4, $5)
     on conflict (district_id, fingerprint) do update set from_seq = excluded.from_seq`,
    [districtId, fingerprint, links, JSON.stringify(rule), seq],
  );
}

/** Writes down the rule that a grant has from a seq on. */
export async function recordGrantRule(
  tx: EntityManager,
  place: { districtId: DistrictId; grantId: GrantId; seq: number },
  { fingerprint, links, rule }: NamedRule,
): Promise<void> {
  const { districtId, grantId, seq } = place;
  await tx.query(
    'update grant_rules set ended_at = now() where district_id = $1 and grant_id = $2 and ended_at is null',
    [districtId, grantId],
  );
  await tx.query(
    `insert into grant_rules (district_id, grant_id, from_seq, fingerprint, links_fingerprint, selection, fields)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      districtId,
      grantId,
      seq,
      fingerprint,
      links,
      JSON.stringify(rule.selection),
      JSON.stringify(rule.fields),
    ],
  );
}

/** Writes down, for the grant's events, every record that looks otherwise under its new rule. Both sets stand at the seq. */
export async function recordGrantChanges(
  tx: EntityManager,
  place: { districtId: DistrictId; grantId: GrantId; seq: number },
  before: string,
  after: string,
): Promise<void> {
  if (before === after) return;
  const { districtId, grantId, seq } = place;
  await tx.query(
    `insert into grant_changes (district_id, grant_id, seq, kind, record_id)
     select $1, $2, $3, kind, record_id
     from (${shownIn('$4')}) b full join (${shownIn('$5')}) a using (kind, record_id)
     where a.digest is distinct from b.digest`,
    [districtId, grantId, seq, before, after],
  );
}

function shownIn(fingerprint: string): string {
  return `select kind, record_id, digest from visible_versions
      where district_id = $1 and fingerprint = ${fingerprint} and to_seq = ${OPEN_SEQ}
    union all
    select kind, record_id, digest from record_versions
      where ${fingerprint} = '' and district_id = $1 and to_seq = ${OPEN_SEQ}`;
}

/** The name of what a grant showed until now. */
export async function fingerprintOf(tx: EntityManager, grantId: GrantId): Promise<string | undefined> {
  const [found] = await rows<{ fingerprint: string }>(
    tx,
    'select fingerprint from grant_rules where grant_id = $1 and ended_at is null',
    [grantId],
  );
  return found?.fingerprint;
}
