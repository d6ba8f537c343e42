import { rows } from '@hallpass/database';
import type { AppId, DistrictId, FieldList, SignupMode } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface ListedApp {
  id: AppId;
  name: string;
  partner: string;
  purpose: string;
  requestedFields: FieldList;
  requiredFields: FieldList;
  signup: SignupMode;
  /** Whether it may be asked: it is found in the list, and enabled. */
  isListed: boolean;
}

const COLUMNS = `a.id, a.name, p.name partner, a.purpose, a.requested_fields "requestedFields",
  a.required_fields "requiredFields", a.signup, a.is_listed and a.is_enabled "isListed"`;

/** Apps as districts find them. */
@Injectable()
export class ListedAppsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Apps that want to be found, and those that the district shares with or has shared with, by id. The text is matched as it
   * stands, in whatever case.
   */
  find(
    districtId: DistrictId,
    { search, after, limit }: { search: string | undefined; after: string | undefined; limit: number },
  ): Promise<ListedApp[]> {
    return rows<ListedApp>(
      this.dataSource,
      `select ${COLUMNS} from apps a join partners p on p.id = a.partner_id
       where (a.is_listed and a.is_enabled
           or exists (select from grants g where g.district_id = $4 and g.app_id = a.id))
         and ($2::text is null or a.id > $2)
         and ($1::text is null or strpos(lower(a.name || ' ' || p.name), lower($1)) > 0)
       order by a.id limit $3`,
      [search ?? null, after ?? null, limit, districtId],
    );
  }

  /** Apps by their ids, listed or not: those that have invited a district. */
  named(ids: readonly AppId[]): Promise<ListedApp[]> {
    return rows<ListedApp>(
      this.dataSource,
      `select ${COLUMNS} from apps a join partners p on p.id = a.partner_id where a.id = any ($1)`,
      [ids],
    );
  }

  /** Whether a district may know of an app: it is listed, has invited the district, or has a grant of it. */
  async isKnownTo(districtId: DistrictId, id: AppId): Promise<boolean> {
    const found = await rows(
      this.dataSource,
      `select from apps a where a.id = $1 and a.is_enabled and (
         a.is_listed
         or exists (select from grants g where g.district_id = $2 and g.app_id = a.id and g.status <> 'revoked')
         or exists (select from invitations i where i.app_id = a.id and i.district_id = $2
           and i.accepted_at is null and i.withdrawn_at is null and i.expires_at > now()))`,
      [id, districtId],
    );
    return found.length > 0;
  }

  /** An app that a district may ask. */
  async asked(id: AppId): Promise<ListedApp | undefined> {
    const found = await rows<ListedApp>(
      this.dataSource,
      `select ${COLUMNS} from apps a join partners p on p.id = a.partner_id
       where a.id = $1 and a.is_listed and a.is_enabled`,
      [id],
    );
    return found[0];
  }
}
