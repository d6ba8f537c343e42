import type { ApiKeyId, AppId, DistrictId, GrantId, RecordKind, TokenId } from '@hallpass/domain';
import { rows, type Sql } from './sql.js';

/** What usage is counted by: access tokens count as tokens, under the id of their grant. */
export type UsageCredentialType = 'token' | 'api-key';

/** Calls of one credential to one route that were answered alike within a minute, and the records that they were served. */
export interface UsageCalls {
  minute: Date;
  app: AppId;
  /** '' for an API key: its calls span districts. */
  district: DistrictId | '';
  type: UsageCredentialType;
  id: TokenId | GrantId | ApiKeyId;
  /** Method and pattern, such as `GET /v3.0/users/:id`; never an address. */
  route: string;
  status: number;
  calls: number;
  records: number;
}

/** Records of one kind that an app was served of a district on a day (UTC). */
export interface ServedRecords {
  /** As 2026-09-30. */
  day: string;
  app: AppId;
  district: DistrictId;
  type: UsageCredentialType;
  kind: RecordKind;
  /** The answers that held any of them. */
  calls: number;
  records: number;
}

export interface Usage {
  calls: readonly UsageCalls[];
  served: readonly ServedRecords[];
}

/** Adds to what is known, all of it in one statement. */
export async function recordUsage(sql: Sql, usage: Usage): Promise<void> {
  await sql.query('select record_usage($1)', [JSON.stringify(usage)]);
}

export interface KeyCallsOfMinute {
  appId: AppId;
  minute: Date;
  calls: number;
  /** Those of them that were answered 401 or 429. */
  refused: number;
}

/** Calls with API keys by app and minute, from an instant on and before another; minutes are kept for 35 days. */
export function keyCallsByMinute(sql: Sql, from: Date, to: Date): Promise<KeyCallsOfMinute[]> {
  return rows<KeyCallsOfMinute>(
    sql,
    `select app_id "appId", minute, sum(calls)::bigint calls,
       coalesce(sum(calls) filter (where status in (401, 429)), 0)::bigint refused
     from usage_minutes
     where district_id = '' and credential_type = 'api-key' and minute >= $1 and minute < $2
     group by app_id, minute order by app_id, minute`,
    [from, to],
  );
}

export interface UsageOfDay {
  day: string;
  appId: AppId;
  /** '' for an API key. */
  districtId: DistrictId | '';
  credentialType: UsageCredentialType;
  route: string;
  status: number;
  calls: number;
  records: number;
}

/** What is asked of the days: those from one to another, both included, as 2026-09-30. */
export interface DayRange {
  from: string;
  to: string;
}

/** Calls by day and route, of one app, or with tokens in one district, or of all. */
export function usageByDay(
  sql: Sql,
  { from, to }: DayRange,
  { appId, districtId }: { appId?: AppId; districtId?: DistrictId } = {},
): Promise<UsageOfDay[]> {
  return rows<UsageOfDay>(
    sql,
    `select day::text, app_id "appId", district_id "districtId", credential_type "credentialType", route, status,
       sum(calls)::bigint calls, sum(records)::bigint records
     from usage_days
     where day between $1 and $2 and ($3::text is null or app_id = $3) and ($4::text is null or district_id = $4)
     group by day, app_id, district_id, credential_type, route, status
     order by day, app_id, district_id, credential_type, route, status`,
    [from, to, appId ?? null, districtId ?? null],
  );
}

export interface LastKeyUse {
  appId: AppId;
  keyId: ApiKeyId;
  /** The minute, where it is within 35 days, or the day; refused calls count. */
  lastAt: Date;
}

/** When each API key was last used, within 13 months. */
export function lastKeyUses(sql: Sql, appId?: AppId): Promise<LastKeyUse[]> {
  return rows<LastKeyUse>(
    sql,
    `select d.app_id "appId", d.credential_id "keyId", greatest(max(d.day)::timestamp at time zone 'UTC', (
       select max(m.minute) from usage_minutes m
       where m.district_id = '' and m.app_id = d.app_id and m.credential_id = d.credential_id
         and m.minute >= max(d.day)::timestamp at time zone 'UTC')) "lastAt"
     from usage_days d
     where d.district_id = '' and d.credential_type = 'api-key' and ($1::text is null or d.app_id = $1)
     group by d.app_id, d.credential_id order by d.app_id, d.credential_id`,
    [appId ?? null],
  );
}

/** Tokens of a district's grant that an app has used, and how often, beside what its key was served of the district. */
export interface DistrictUse {
  districtId: DistrictId;
  appId: AppId;
  credentialType: UsageCredentialType;
  lastDay: string;
  /** Answers that held records of the district. */
  calls: number;
  records: number;
}

/** What each app was served of each district, by token and by key: whose traffic has moved. */
export function servedByDistrict(
  sql: Sql,
  { from, to }: DayRange,
  { appId, districtId }: { appId?: AppId; districtId?: DistrictId } = {},
): Promise<DistrictUse[]> {
  return rows<DistrictUse>(
    sql,
    `select district_id "districtId", app_id "appId", credential_type "credentialType", max(day)::text "lastDay",
       sum(calls)::bigint calls, sum(records)::bigint records
     from served_days
     where day between $1 and $2 and ($3::text is null or app_id = $3) and ($4::text is null or district_id = $4)
     group by district_id, app_id, credential_type order by district_id, app_id, credential_type`,
    [from, to, appId ?? null, districtId ?? null],
  );
}

/** One line of a district's access log. */
export interface AccessLogEntry {
  day: string;
  app: { id: AppId; name: string };
  credentialType: UsageCredentialType;
  kind: RecordKind;
  /** The answers that held any of them. */
  calls: number;
  records: number;
}

/** Which part of a district's access log: of days, both included; of one app; after the last line of the page before. */
export interface AccessLogRange extends Partial<DayRange> {
  appId?: AppId;
  after?: { day: string; appId: string; credentialType: string; kind: string };
  limit: number;
}

/** What apps were served of a district, the newest day first. */
export function accessLog(
  sql: Sql,
  districtId: DistrictId,
  { from, to, appId, after, limit }: AccessLogRange,
): Promise<AccessLogEntry[]> {
  return rows<AccessLogEntry>(
    sql,
    `select s.day::text, jsonb_build_object('id', a.id, 'name', a.name) app, s.credential_type "credentialType", s.kind,
       s.calls, s.records
     from served_days s join apps a on a.id = s.app_id
     where s.district_id = $1 and s.day between coalesce($2::date, '-infinity') and coalesce($3::date, 'infinity')
       and ($4::text is null or s.app_id = $4)
       and ($5::date is null or (s.day, s.app_id, s.credential_type, s.kind) < ($5::date, $6::wire_id, $7, $8))
     order by s.day desc, s.app_id desc, s.credential_type desc, s.kind desc limit $9`,
    [
      districtId,
      from ?? null,
      to ?? null,
      appId ?? null,
      after?.day ?? null,
      after?.appId ?? null,
      after?.credentialType ?? null,
      after?.kind ?? null,
      limit,
    ],
  );
}
