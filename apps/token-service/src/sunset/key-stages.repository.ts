import {
  firstRow,
  rows,
  sunsetPlanJson,
  toSunsetPlan,
  type Sql,
  type SunsetPlanJson,
} from '@hallpass/database';
import type { AppId, SunsetExtension, SunsetPlan } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';

/** An app with a live API key, and what it was last told. */
export interface KeyedApp {
  appId: AppId;
  /** Its own sunset plan, where it has one. */
  plan: SunsetPlan | null;
  extension: SunsetExtension | null;
  told: {
    /** Which stage it was last told of. */
    stage: string | null;
    /** How many days before which end of its keys. */
    ending: { days: number; endsAt: Date } | null;
    /** When its last digest was; from its first stage on. */
    digestAt: Date | null;
  };
}

/** What each app was last told of the sunset plan. */
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

  async keyedApps(sql: Sql): Promise<KeyedApp[]> {
    const found = await rows<{
      appId: AppId;
      plan: SunsetPlanJson | null;
      until: Date | null;
      reason: string | null;
      stage: string | null;
      endingDays: number | null;
      endingAt: Date | null;
      digestAt: Date | null;
    }>(
      sql,
      `select a.id "appId", e.until, e.reason, s.stage, s.ending_days "endingDays", s.ending_at "endingAt",
         s.digest_at "digestAt",
         case when p.app_id is not null then ${sunsetPlanJson('p')} end plan
       from apps a
       left join key_stages s on s.app_id = a.id
       left join sunset_extensions e on e.app_id = a.id
       left join sunset_app_plans p on p.app_id = a.id
       where a.is_enabled and exists (select from api_keys k where k.app_id = a.id and k.revoked_at is null)
       order by a.id`,
    );
    return found.map(({ appId, plan, until, reason, stage, endingDays, endingAt, digestAt }) => ({
      appId,
      plan: plan && toSunsetPlan(plan),
      extension: until && { until, reason: reason ?? '' },
      told: {
        stage,
        ending: endingDays !== null && endingAt ? { days: endingDays, endsAt: endingAt } : null,
        digestAt,
      },
    }));
  }

  async keep(tx: Sql, appId: AppId, { stage, ending, digestAt }: KeyedApp['told']): Promise<void> {
    await tx.query(
      `insert into key_stages (app_id, stage, ending_days, ending_at, digest_at) values ($1, $2, $3, $4, $5)
       on conflict (app_id) do update set stage = excluded.stage, ending_days = excluded.ending_days,
         ending_at = excluded.ending_at, digest_at = excluded.digest_at, changed_at = now()`,
      [appId, stage, ending?.days ?? null, ending?.endsAt ?? null, digestAt],
    );
  }

  /** Who is told by mail of what happens to an app, and what the app is called. */
  async addressees(tx: Sql, appId: AppId): Promise<{ appName: string; addresses: string[] }> {
    const found = await firstRow<{ appName: string; addresses: string[] }>(
      tx,
      `select a.name "appName", p.notice_addresses addresses from apps a join partners p on p.id = a.partner_id where a.id = $1`,
      [appId],
    );
    if (!found) throw new Error('an app that has a key is gone');
    return found;
  }
}
