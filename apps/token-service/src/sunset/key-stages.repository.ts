import { firstRow, rows, type Sql } from '@hallpass/database';
import type { AppId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';

/** An app with a live API key. */
export interface KeyedApp {
  appId: AppId;
  /** Which stage it was last told of. */
  mark: string | null;
  extendedUntil: Date | null;
  reason: string | null;
}

/** Which stage of the sunset plan each app was last told of. */
@Injectable()
export class KeyStagesRepository {
  /** True for one at a time, until its transaction ends: whoever comes meanwhile leaves it to that one. */
  async isOurTurn(tx: Sql): Promise<boolean> {
    const lock = await firstRow<{ isOurs: boolean }>(
      tx,
      `select pg_try_advisory_xact_lock(hashtextextended('key stages', 0)) "isOurs"`,
    );
    return lock?.isOurs ?? false;
  }

  /** The database's clock, which is one for all processes. */
  async now(sql: Sql): Promise<Date> {
    const clock = await firstRow<{ now: Date }>(sql, 'select clock_timestamp() now');
    if (!clock) throw new Error('the database has no clock');
    return clock.now;
  }

  keyedApps(sql: Sql): Promise<KeyedApp[]> {
    return rows<KeyedApp>(
      sql,
      `select a.id "appId", s.stage mark, e.until "extendedUntil", e.reason
       from apps a left join key_stages s on s.app_id = a.id left join sunset_extensions e on e.app_id = a.id
       where a.is_enabled and exists (select from api_keys k where k.app_id = a.id and k.revoked_at is null)
       order by a.id`,
    );
  }

  async mark(tx: Sql, appId: AppId, stage: string): Promise<void> {
    await tx.query(
      `insert into key_stages (app_id, stage) values ($1, $2)
       on conflict (app_id) do update set stage = excluded.stage, changed_at = now()`,
      [appId, stage],
    );
  }
}
