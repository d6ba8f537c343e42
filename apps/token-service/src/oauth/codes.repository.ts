import { firstRow, lookupOf, lookupsOf, type InstallationKeys } from '@hallpass/database';
import type { AppId, DistrictId, GrantId } from '@hallpass/domain';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What a code stands for. */
export interface GrantedCode {
  appId: AppId;
  districtId: DistrictId;
  grantId: GrantId;
  redirectUri: string;
}

@Injectable()
export class CodesRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async insert(code: string, granted: GrantedCode, seconds: number): Promise<void> {
    const { appId, districtId, grantId, redirectUri } = granted;
    await this.dataSource.query(
      `insert into authorization_codes (lookup, expires_at, district_id, grant_id, app_id, redirect_uri)
       values ($1, now() + make_interval(secs => $2), $3, $4, $5, $6)`,
      [lookupOf(this.keys, code).lookup, seconds, districtId, grantId, appId, redirectUri],
    );
  }

  /** The code, used up: of two that send it at once, one gets it. */
  take(appId: AppId, code: string, redirectUri: string): Promise<GrantedCode | undefined> {
    return firstRow<GrantedCode>(
      this.dataSource,
      `update authorization_codes set used_at = now()
       where lookup = any ($1) and expires_at > now() and expires_at < now() + interval '1 hour'
         and used_at is null and app_id = $2 and redirect_uri = $3
       returning app_id "appId", district_id "districtId", grant_id "grantId", redirect_uri "redirectUri"`,
      [lookupsOf(this.keys, code), appId, redirectUri],
    );
  }
}
