import { ROLE_BITS, rows } from '@hallpass/database';
import { fingerprint, type DistrictScope, type UserRole } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

@Injectable()
export class HeadcountRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** How many people of a role the grant shows now. The function demands the district and the rule: no query is without. */
  async count({ districtId, grantId, rule }: DistrictScope, role: UserRole): Promise<number> {
    if (rule.fields.user === undefined) return 0;
    const text = `select line from count_records($1, $2, $3, 'user', $4, null) line`;
    const values = [districtId, grantId, fingerprint(rule), ROLE_BITS[role]];
    return Number((await rows<{ line: string }>(this.dataSource, text, values))[1]?.line);
  }
}
