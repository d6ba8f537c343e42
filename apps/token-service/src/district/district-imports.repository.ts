import { Imports, type ImportRow } from '@hallpass/database';
import type { DistrictId, ImportId } from '@hallpass/domain';
import { LATEST_BEGUN_FIRST, listPage, type ListPage, type ListQuery } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A district's imports. */
@Injectable()
export class DistrictImportsRepository {
  constructor(private readonly dataSource: DataSource) {}

  list<T>(districtId: DistrictId, query: ListQuery, show: (row: ImportRow) => T): Promise<ListPage<T>> {
    return listPage(this.dataSource.manager, Imports, query, show, {
      order: LATEST_BEGUN_FIRST,
      of: { districtId },
    });
  }

  one(districtId: DistrictId, id: ImportId): Promise<ImportRow | null> {
    return this.dataSource.manager.findOneBy(Imports, { id, districtId });
  }
}
