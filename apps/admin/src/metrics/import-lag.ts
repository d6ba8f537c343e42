import { firstRow } from '@hallpass/database';
import { Metrics } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';

/** Tells Prometheus how old rosters are, all districts together. */
@Injectable()
export class ImportLag {
  constructor(metrics: Metrics) {
    metrics.sampled(
      {
        hallpass_districts: 'Districts',
        hallpass_districts_never_imported: 'Those of them that have no roster yet',
        hallpass_districts_import_overdue: 'Those of them whose last import is more than a day ago',
        hallpass_import_age_seconds_max: 'Since the last import of the district that has waited longest',
      },
      (sql) =>
        firstRow(
          sql,
          `select count(*)::int hallpass_districts,
             count(*) filter (where last_import_at is null)::int hallpass_districts_never_imported,
             count(*) filter (where last_import_at < now() - interval '1 day')::int hallpass_districts_import_overdue,
             extract(epoch from now() - min(last_import_at))::float8 hallpass_import_age_seconds_max
           from districts`,
        ),
    );
  }
}
