import {
  LIVE_USE_DAYS,
  type ApiKeyId,
  type AppId,
  type DistrictId,
  type PartnerId,
  type SunsetExtension,
  type SunsetPlan,
} from '@hallpass/domain';
import { sunsetPlanJson, toSunsetPlan, type SunsetPlanJson } from './rules.js';
import { rows, type Sql } from './sql.js';

/** How many days of calls tell how far an app has come. */
export const SHARE_DAYS = 7;

/** What is known of one app's way from its API key to tokens. */
export interface MigrationFacts {
  appId: AppId;
  appName: string;
  partnerId: PartnerId;
  partnerName: string;
  /** Its own plan, where it has one. */
  plan: SunsetPlan | null;
  extension: SunsetExtension | null;
  liveKeys: number;
  keyUsedAt: Date | null;
  tokenUsedAt: Date | null;
  /** Districts whose grant is active, those of them with a token, and those whose token is in live use. */
  districts: number;
  districtsWithToken: number;
  districtsOnTokens: number;
  /** Calls of the last SHARE_DAYS days. */
  keyCalls: number;
  tokenCalls: number;
}

/** The facts of apps that have or had an API key, a page of them by id; of one app whether it had one or not. */
export async function migrationFacts(
  sql: Sql,
  of: { appId: AppId } | { startingAfter: string | undefined; limit: number },
  now: Date,
): Promise<MigrationFacts[]> {
  const [appId, after, limit] =
    'appId' in of ? [of.appId, null, 1] : [null, of.startingAfter ?? '', of.limit];
  const found = await rows<
    Omit<MigrationFacts, 'plan' | 'extension'> & {
      plan: SunsetPlanJson | null;
      until: Date | null;
      reason: string | null;
    }
  >(
    sql,
    `select a.id "appId", a.name "appName", p.id "partnerId", p.name "partnerName",
       case when s.app_id is not null then ${sunsetPlanJson('s')} end plan,
       e.until, e.reason,
       (select count(*) from api_keys k where k.app_id = a.id and k.revoked_at is null)::int "liveKeys",
       key_last_use(a.id) "keyUsedAt", t."tokenUsedAt", t.districts, t."districtsWithToken", t."districtsOnTokens",
       c."keyCalls", c."tokenCalls"
     from apps a
     join partners p on p.id = a.partner_id
     left join sunset_app_plans s on s.app_id = a.id
     left join sunset_extensions e on e.app_id = a.id
     cross join lateral (
       select count(*)::int districts, count(u.issued)::int "districtsWithToken", max(u.used) "tokenUsedAt",
         (count(*) filter (where u.used > $6::timestamptz - make_interval(days => $4)))::int "districtsOnTokens"
       from grants g
       left join lateral (
         select max(t.created_at) issued, max(uses.last_at) used
         from tokens t left join credential_uses uses on uses.credential_id = t.id
         where t.district_id = g.district_id and t.grant_id = g.id
       ) u on true
       where g.app_id = a.id and g.status = 'active'
     ) t
     cross join lateral (
       select coalesce(sum(d.calls) filter (where d.credential_type = 'api-key'), 0)::int "keyCalls",
         coalesce(sum(d.calls) filter (where d.credential_type = 'token'), 0)::int "tokenCalls"
       from usage_days d
       where d.app_id = a.id and d.day > ($6::timestamptz at time zone 'UTC')::date - $5::int
     ) c
     where case when $1::text is not null then a.id = $1
       else a.id > $2 and exists (select from api_keys k where k.app_id = a.id) end
     order by a.id limit $3`,
    [appId, after, limit, LIVE_USE_DAYS, SHARE_DAYS, now],
  );
  return found.map(({ plan, until, reason, ...facts }) => ({
    ...facts,
    plan: plan && toSunsetPlan(plan),
    extension: until && { until, reason: reason ?? '' },
  }));
}

/** Calls of an app on one day (UTC, as 2026-09-30). */
export interface CallsOfDay {
  day: string;
  keyCalls: number;
  /** Those of them that were answered 401 or 429. */
  keyRefused: number;
  tokenCalls: number;
}

export function callsByDay(sql: Sql, appId: AppId, days: number, now: Date): Promise<CallsOfDay[]> {
  return rows<CallsOfDay>(
    sql,
    `select each::date::text "day", coalesce(d.key, 0) "keyCalls", coalesce(d.refused, 0) "keyRefused",
       coalesce(d.token, 0) "tokenCalls"
     from generate_series(($3::timestamptz at time zone 'UTC')::date - ($2::int - 1), ($3::timestamptz at time zone 'UTC')::date, '1 day') each
     left join (
       select day, (sum(calls) filter (where credential_type = 'api-key'))::int "key",
         (sum(calls) filter (where credential_type = 'api-key' and status in (401, 429)))::int refused,
         (sum(calls) filter (where credential_type = 'token'))::int token
       from usage_days where app_id = $1 and day > ($3::timestamptz at time zone 'UTC')::date - $2::int group by day
     ) d on d.day = each::date
     order by each`,
    [appId, days, now],
  );
}

/** What an app still asks for with its key. */
export interface KeyRoute {
  route: string;
  calls: number;
}

export function keyRoutes(sql: Sql, appId: AppId, days: number, now: Date): Promise<KeyRoute[]> {
  return rows<KeyRoute>(
    sql,
    `select route, sum(calls)::int calls from usage_days
     where app_id = $1 and district_id = '' and credential_type = 'api-key' and day > ($3::timestamptz at time zone 'UTC')::date - $2::int
     group by route order by 2 desc, 1 limit 50`,
    [appId, days, now],
  );
}

/** From where an app still signs in with its key. */
export interface KeyPlace {
  keyId: ApiKeyId;
  masked: string;
  address: string;
  userAgent: string;
  lastAt: Date;
  uses: number;
}

export function keyPlaces(sql: Sql, appId: AppId): Promise<KeyPlace[]> {
  return rows<KeyPlace>(
    sql,
    `select k.id "keyId", k.masked, u.address, u.user_agent "userAgent", u.last_at "lastAt", u.uses::int uses
     from api_keys k join credential_uses u on u.credential_id = k.id
     where k.app_id = $1 and k.revoked_at is null order by u.last_at desc limit 50`,
    [appId],
  );
}

/** One district of an app's migration. */
export interface DistrictMigration {
  districtId: DistrictId;
  districtName: string;
  tokenIssuedAt: Date | null;
  tokenUsedAt: Date | null;
  /** Of the last SHARE_DAYS days: calls with the district's token, and answers to a key that held records of the district. */
  tokenCalls: number;
  keyCalls: number;
}

export function districtMigrations(sql: Sql, appId: AppId, now: Date): Promise<DistrictMigration[]> {
  return rows<DistrictMigration>(
    sql,
    `select g.district_id "districtId", d.name "districtName", u.issued "tokenIssuedAt", u.used "tokenUsedAt",
       (select coalesce(sum(calls), 0)::int from usage_days
        where district_id = g.district_id and app_id = $1 and day > ($3::timestamptz at time zone 'UTC')::date - $2::int) "tokenCalls",
       (select coalesce(max(calls), 0)::int from (
          select sum(calls) calls from served_days
          where district_id = g.district_id and app_id = $1 and credential_type = 'api-key'
            and day > ($3::timestamptz at time zone 'UTC')::date - $2::int
          group by kind) kinds) "keyCalls"
     from grants g join districts d on d.id = g.district_id
     left join lateral (
       select max(t.created_at) issued, max(uses.last_at) used
       from tokens t left join credential_uses uses on uses.credential_id = t.id
       where t.district_id = g.district_id and t.grant_id = g.id
     ) u on true
     where g.app_id = $1 and g.status = 'active' order by d.name, g.district_id`,
    [appId, SHARE_DAYS, now],
  );
}
