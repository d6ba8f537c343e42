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
export interface AccessLogRange {
  /** As 2026-09-30. */
  from?: string;
  to?: string;
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
