import { rows } from '@hallpass/database';
import type { FieldList } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { GrantedCode } from './codes.repository.js';

/** A code on its way to an app. */
export interface RedirectCall extends GrantedCode {
  /** With this one. */
  attempts: number;
  fields: FieldList;
}

@Injectable()
export class RedirectCallsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Calls that are due, kept from other processes for so long. */
  claim(limit: number, seconds: number): Promise<RedirectCall[]> {
    return rows<RedirectCall>(
      this.dataSource,
      `update redirect_calls c set attempts = attempts + 1, claimed_until = now() + make_interval(secs => $1)
       from grants g
       where g.district_id = c.district_id and g.id = c.grant_id and (c.district_id, c.grant_id) in (
         select r.district_id, r.grant_id from redirect_calls r join apps a on a.id = r.app_id and a.is_enabled
         where r.ended_at is null and r.due_at <= now() and (r.claimed_until is null or r.claimed_until < now())
         order by r.due_at limit $2 for update of r skip locked)
       returning c.district_id "districtId", c.grant_id "grantId", c.app_id "appId", c.redirect_uri "redirectUri",
         c.attempts, g.fields`,
      [seconds, limit],
    );
  }

  /** What became of a try: over, or to be tried again after so many seconds. */
  async settle(
    { districtId, grantId }: RedirectCall,
    status: number | null,
    retrySeconds: number | null,
  ): Promise<void> {
    await this.dataSource.query(
      `update redirect_calls set http_status = $3, claimed_until = null,
         ended_at = case when $4::integer is null then now() end,
         due_at = now() + make_interval(secs => coalesce($4::integer, 0))
       where district_id = $1 and grant_id = $2`,
      [districtId, grantId, status, retrySeconds],
    );
  }
}
