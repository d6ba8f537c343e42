import type { DistrictId, VisibilityRule } from '@hallpass/domain';
import { rows, type Sql } from '../sql.js';
import type { NamedRule } from './projection.js';

/** The restricted rules that grants of the district hold now: the sets that every publication has to move. */
export function rulesInUse(sql: Sql, districtId: DistrictId): Promise<NamedRule[]> {
  return rows<NamedRule>(
    sql,
    `select s.fingerprint, s.rule from visible_sets s
     where s.district_id = $1 and exists (
       select from grants g where g.district_id = s.district_id and g.fingerprint = s.fingerprint
         and g.status <> 'revoked')
     order by s.fingerprint`,
    [districtId],
  );
}

/** Writes down what a fingerprint stands for and from when on, when a grant comes to need a set that none has kept up. */
export async function recordVisibleSet(
  tx: Sql,
  districtId: DistrictId,
  fingerprint: string,
  rule: VisibilityRule,
  seq: number,
): Promise<void> {
  await tx.query(
    `insert into visible_sets (district_id, fingerprint, rule, from_seq) values ($1, $2, $3, $4)
     on conflict (district_id, fingerprint) do update set from_seq = excluded.from_seq`,
    [districtId, fingerprint, JSON.stringify(rule), seq],
  );
}
