import { Imports, type ImportRow } from '@hallpass/database';
import type { DistrictId, ImportId } from '@hallpass/domain';
import { latestPage, type ListPage, type ListQuery } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A district's imports, the latest first. */
@Injectable()
export class DistrictImportsRepository {
  constructor(private readonly dataSource: DataSource) {}

  list<T>(districtId: DistrictId, query: ListQuery, show: (row: ImportRow) => T): Promise<ListPage<T>> {
    return latestPage(this.dataSource.manager, Imports, query, show, { districtId });
  }

  one(districtId: DistrictId, id: ImportId): Promise<ImportRow | null> {
    return this.dataSource.manager.findOneBy(Imports, { id, districtId });
  }
}
