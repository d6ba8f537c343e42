import { rows } from '@hallpass/database';
import type { AppId, DistrictId, FieldList, TokenId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The token of one grant in force, still under seal. */
export interface SealedToken {
  id: TokenId;
  districtId: DistrictId;
  createdAt: Date;
  fields: FieldList;
  sealed: Buffer;
}

@Injectable()
export class TokensRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest usable token of each of the app's grants in force, by id; of one district, where one is named. */
  sealed(appId: AppId, districtId: DistrictId | undefined): Promise<SealedToken[]> {
    return rows<SealedToken>(
      this.dataSource,
      `select * from (
         select distinct on (g.district_id) t.id, t.district_id "districtId", t.created_at "createdAt",
           g.fields, s.sealed
         from grants g
         join tokens t on t.district_id = g.district_id and t.grant_id = g.id
         join token_seals s on s.district_id = t.district_id and s.token_id = t.id
         where g.app_id = $1 and ($2::text is null or g.district_id = $2) and g.status = 'active'
           and (g.starts_at is null or g.starts_at <= now()) and (g.ends_at is null or g.ends_at > now())
           and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
         order by g.district_id, t.created_at desc, t.id
       ) newest order by id`,
      [appId, districtId ?? null],
    );
  }
}
