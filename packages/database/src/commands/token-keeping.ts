import {
  dueExpiryNotice,
  expiryUnderNewPolicy,
  maxAgeDays,
  secretState,
  successionLeadMs,
  type AppId,
  type DistrictId,
  type GrantId,
} from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { SYSTEM } from '../audit.js';
import type { GrantRow } from '../entities.js';
import type { InstallationKeys } from '../keys.js';
import { rows, type Sql } from '../sql.js';
import { ageDaysOf, lockAge, lockGrant, succeed, tell, tokensOf, type TokenLife } from './tokens.js';

/** So many grants are looked at in a round; the next one goes on. */
const ROUND = 500;

/**
 * What has to happen to tokens that expire: their successors are issued in time, their apps are told 30, 7 and 1 day before, and
 * once they have expired. Each grant in a transaction of its own; safe beside other processes that do the same. Gives how many
 * grants it looked at.
 */
export async function keepTokens(dataSource: DataSource, keys: InstallationKeys, now: Date): Promise<number> {
  const due = await rows<{ id: GrantId; districtId: DistrictId }>(
    dataSource,
    `select t.district_id "districtId", t.grant_id id
     from tokens t join grants g on g.district_id = t.district_id and g.id = t.grant_id
     where t.revoked_at is null and (t.retires_at is null or t.retires_at > $1)
       and t.expires_at <= $1::timestamptz + interval '30 days'
       and g.status in ('active', 'paused')
       -- A notice is due, or a successor may be.
       and (t.notice_days is null
         or t.notice_days > 0 and t.expires_at <= $1::timestamptz
           + make_interval(days => case when t.notice_days > 7 then 7 when t.notice_days > 1 then 1 else 0 end)
         or t.notice_days > 0 and not exists (
           select from tokens n where n.district_id = t.district_id and n.grant_id = t.grant_id
             and n.revoked_at is null and n.created_at > t.created_at))
     group by 1, 2 order by min(t.expires_at) limit ${ROUND}`,
    [now],
  );
  const errors: unknown[] = [];
  for (const grant of due) {
    try {
      await dataSource.transaction(async (tx) => {
        await keepGrant(tx, keys, await lockGrant(tx, grant), now);
      });
    } catch (error) {
      // One that cannot be kept does not keep the others waiting.
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} grants could not be kept`);
  return due.length;
}

async function keepGrant(
  tx: EntityManager,
  keys: InstallationKeys,
  grant: GrantRow,
  now: Date,
): Promise<void> {
  await lockAge(tx, grant.appId);
  const tokens = await tokensOf(tx, grant);
  const leadMs = successionLeadMs(await ageDaysOf(tx, grant));
  await succeed(tx, keys, grant, tokens, now, SYSTEM, leadMs);
  for (const token of tokens) await notify(tx, grant, token, now);
}

async function notify(tx: Sql, grant: GrantRow, token: TokenLife, now: Date): Promise<void> {
  const { expiresAt, noticeDays, id } = token;
  if (!expiresAt || noticeDays === 0) return;
  const state = secretState(token, now);
  const days =
    state === 'expired' ? 0 : state === 'live' ? dueExpiryNotice(expiresAt, noticeDays, now) : undefined;
  if (days === undefined) return;
  await tx.query('update tokens set notice_days = $3 where district_id = $1 and id = $2', [
    grant.districtId,
    id,
    days,
  ]);
  const type = days === 0 ? 'token.expired' : 'token.expiring';
  await tell(tx, SYSTEM, grant, type, id, { tokenId: id, expiresAt: expiresAt.toISOString() });
}

/** Brings the tokens of an app or a district under its new greatest age, each with at least its 30 days of notice. */
export async function applyTokenAge(
  tx: Sql,
  owner: { appId: AppId } | { districtId: DistrictId },
  now: Date,
): Promise<void> {
  const [column, id] = 'appId' in owner ? ['app_id', owner.appId] : ['district_id', owner.districtId];
  const tokens = await rows<{
    districtId: DistrictId;
    id: string;
    issuedAt: Date;
    expiresAt: Date | null;
    app: number | null;
    district: number | null;
  }>(
    tx,
    `select t.district_id "districtId", t.id, t.created_at "issuedAt", t.expires_at "expiresAt",
       a.token_max_age_days app, d.token_max_age_days district
     from tokens t join apps a on a.id = t.app_id join districts d on d.id = t.district_id
     where t.${column} = $1 and t.revoked_at is null`,
    [id],
  );
  const changed = tokens.flatMap((token) => {
    const due = expiryUnderNewPolicy(token, maxAgeDays(token.app, token.district), now);
    return due?.getTime() === token.expiresAt?.getTime() ? [] : [{ ...token, due }];
  });
  await tx.query(
    `with changed as (
       update tokens t set expires_at = c.due, notice_days = null, changed_at = clock_timestamp()
       from unnest($1::text[], $2::text[], $3::timestamptz[]) c(district_id, id, due)
       where t.district_id = c.district_id and t.id = c.id returning t.id
     )
     insert into authority_changes (subject_type, subject_id) select 'token', id from changed`,
    [
      changed.map(({ districtId }) => districtId),
      changed.map((each) => each.id),
      changed.map(({ due }) => due),
    ],
  );
}

/** Makes the partitions of short-lived things that are needed next, and drops those whose day is over. */
export async function keepDayPartitions(sql: Sql, now: Date): Promise<void> {
  await sql.query('select keep_day_partitions($1)', [now]);
}

/** Who read secrets is kept as long as a school year and the summer; where credentials were used from, for a season. */
const REVEALS_DAYS = 400;
const USES_DAYS = 100;
const USAGE_MONTHS = 13;

/** Forgets readings of secrets, uses of credentials, usage by day and ended invitations that are older than they are kept. */
export async function forgetOldUses(sql: Sql, now: Date): Promise<void> {
  const older = '$1::timestamptz - make_interval(days => $2)';
  await sql.query(`delete from token_reveals where at < ${older}`, [now, REVEALS_DAYS]);
  await sql.query(`delete from credential_uses where last_at < ${older}`, [now, USES_DAYS]);
  await sql.query(`delete from invitations where expires_at < ${older}`, [now, REVEALS_DAYS]);
  for (const table of ['usage_days', 'served_days'])
    await sql.query(
      `delete from ${table} where day < ($1::timestamptz at time zone 'UTC')::date - make_interval(months => $2)`,
      [now, USAGE_MONTHS],
    );
}
