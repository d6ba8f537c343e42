import { firstRow, rows, type Sql } from '@hallpass/database';
import type { AppId, ClientSecretId, DistrictId, ExposurePolicy, TokenId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

@Injectable()
export class ExposureRepository {
  constructor(private readonly dataSource: DataSource) {}

  async policyOf(districtId: DistrictId): Promise<ExposurePolicy | undefined> {
    const row = await firstRow<{ exposure: ExposurePolicy }>(
      this.dataSource,
      'select exposure from districts where id = $1',
      [districtId],
    );
    return row?.exposure;
  }

  /** Ends an access token, and tells every process. */
  async endAccessToken(lookups: readonly Buffer[]): Promise<void> {
    await rows(
      this.dataSource,
      `with ended as (
         update access_tokens set revoked_at = now() where lookup = any ($1) and revoked_at is null returning id
       ) insert into authority_changes (subject_type, subject_id) select 'access-token', id from ended`,
      [lookups],
    );
  }

  /** A live client secret, the first time that it is reported. */
  reportClientSecret(
    tx: Sql,
    lookups: readonly Buffer[],
  ): Promise<{ id: ClientSecretId; appId: AppId } | undefined> {
    return firstRow<{ id: ClientSecretId; appId: AppId }>(
      tx,
      `update client_secrets set exposed_at = now()
       where lookup = any ($1) and exposed_at is null and revoked_at is null
         and (retires_at is null or retires_at > now()) and (expires_at is null or expires_at > now())
       returning id, app_id "appId"`,
      [lookups],
    );
  }

  /** True the first time that a token is reported. */
  async reportToken(tx: Sql, districtId: DistrictId, id: TokenId): Promise<boolean> {
    const reported = await rows(
      tx,
      `update tokens set exposed_at = now() where district_id = $1 and id = $2 and exposed_at is null returning id`,
      [districtId, id],
    );
    return reported.length === 1;
  }

  /** Ends a portal token, whose holder could do anything in its district's name. */
  endPortalToken(
    tx: Sql,
    lookups: readonly Buffer[],
  ): Promise<{ id: string; districtId: DistrictId } | undefined> {
    return firstRow<{ id: string; districtId: DistrictId }>(
      tx,
      `update portal_tokens set revoked_at = now() where lookup = any ($1) and revoked_at is null
       returning id, district_id "districtId"`,
      [lookups],
    );
  }
}
