import { rows } from '@hallpass/database';
import type { AppId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const ROUTES_MAX = 100;

/** Calls that were answered, of them those that a limit refused (429), and those that ended in another error. */
interface CallSums {
  calls: number;
  limited: number;
  failed: number;
}

const SUMS = `coalesce(sum(calls), 0)::int calls,
  coalesce(sum(calls) filter (where status = 429), 0)::int limited,
  coalesce(sum(calls) filter (where status >= 400 and status <> 429), 0)::int failed`;
const TODAY = `($3::timestamptz at time zone 'UTC')::date`;

/** What an app does with the data API. */
@Injectable()
export class UsageRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** By day in UTC, the earliest first, days without a call too. */
  byDay(appId: AppId, days: number, now: Date): Promise<(CallSums & { day: string; records: number })[]> {
    return rows(
      this.dataSource,
      `select each::date::text "day", ${SUMS}, coalesce(sum(records), 0)::int records
       from generate_series(${TODAY} - ($2::int - 1), ${TODAY}, '1 day') each
       left join usage_days u on u.app_id = $1 and u.day = each::date
       group by each order by each`,
      [appId, days, now],
    );
  }

  /** By route, the most called first. */
  byRoute(appId: AppId, days: number, now: Date): Promise<(CallSums & { route: string })[]> {
    return rows(
      this.dataSource,
      `select route, ${SUMS} from usage_days where app_id = $1 and day > ${TODAY} - $2::int
       group by route order by 2 desc, route limit ${ROUTES_MAX}`,
      [appId, days, now],
    );
  }
}
