import { firstRow, rows } from '@hallpass/database';
import type { AppId, ClientSecretId, DistrictId, ExposurePolicy } from '@hallpass/domain';
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

  clientSecret(lookups: readonly Buffer[]): Promise<{ id: ClientSecretId; appId: AppId } | undefined> {
    return firstRow<{ id: ClientSecretId; appId: AppId }>(
      this.dataSource,
      'select id, app_id "appId" from client_secrets where lookup = any ($1) and revoked_at is null',
      [lookups],
    );
  }
}
