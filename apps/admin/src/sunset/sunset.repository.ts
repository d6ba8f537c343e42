import {
  firstRow,
  rows,
  sunsetPlanJson,
  toSunsetPlan,
  type Sql,
  type SunsetPlanJson,
} from '@hallpass/database';
import {
  REHEARSAL_DAYS,
  type AppId,
  type KeyMinute,
  type OperatorId,
  type ProposalId,
  type SunsetChange,
  type SunsetExtension,
  type SunsetPlan,
  type TimeRange,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';

/** An app with a live API key, and what the plan says to it. */
export interface KeyedApp {
  id: AppId;
  name: string;
  plan: SunsetPlan | null;
  extension: SunsetExtension | null;
  keyUsedAt: Date | null;
  tokenUsedAt: Date | null;
}

export interface Proposal {
  id: ProposalId;
  change: SunsetChange;
  revision: number;
  /** Whose keys it would end sooner. */
  apps: { id: AppId; name: string }[];
  status: 'waiting' | 'approved' | 'declined';
  proposedBy: OperatorId;
  proposedAt: Date;
  decidedBy: OperatorId | null;
  decidedAt: Date | null;
}

export interface Extension extends SunsetExtension {
  appId: AppId;
  approvedBy: OperatorId;
  createdAt: Date;
}

export interface AppPlan {
  appId: AppId;
  plan: SunsetPlan;
  reason: string;
}

type ChangeJson =
  | { type: 'plan'; plan: SunsetPlanJson }
  | { type: 'app-plan'; appId: AppId; plan: SunsetPlanJson | null; reason: string | null }
  | { type: 'extension'; appId: AppId; extension: { until: string; reason: string } | null };

/** The plan, its exceptions, the changes that wait, and the apps that it is about. */
@Injectable()
export class SunsetRepository {
  /** The plan; with a lock, one change at a time until the transaction ends. */
  async plan(
    sql: Sql,
    lock: 'locked' | 'unlocked' = 'unlocked',
  ): Promise<{ plan: SunsetPlan; revision: number }> {
    const row = await firstRow<{ plan: SunsetPlanJson; revision: string }>(
      sql,
      `select ${sunsetPlanJson('p')} plan, revision from sunset_plan p ${lock === 'locked' ? 'for update' : ''}`,
    );
    if (!row) throw new Error('the database has no sunset plan');
    return { plan: toSunsetPlan(row.plan), revision: Number(row.revision) };
  }

  async appPlans(sql: Sql, appId: AppId | null = null): Promise<AppPlan[]> {
    const found = await rows<{ appId: AppId; plan: SunsetPlanJson; reason: string }>(
      sql,
      `select p.app_id "appId", ${sunsetPlanJson('p')} plan, p.reason from sunset_app_plans p
       where $1::text is null or p.app_id = $1 order by p.app_id`,
      [appId],
    );
    return found.map(({ plan, ...rest }) => ({ ...rest, plan: toSunsetPlan(plan) }));
  }

  extensions(sql: Sql, appId: AppId | null = null): Promise<Extension[]> {
    return rows<Extension>(
      sql,
      `select app_id "appId", until, reason, approved_by "approvedBy", created_at "createdAt"
       from sunset_extensions where $1::text is null or app_id = $1 order by app_id`,
      [appId],
    );
  }

  /** Apps that can sign in with a key, all or one. */
  async keyedApps(sql: Sql, appId: AppId | null = null): Promise<KeyedApp[]> {
    const found = await rows<
      Omit<KeyedApp, 'plan' | 'extension'> & {
        plan: SunsetPlanJson | null;
        until: Date | null;
        reason: string | null;
      }
    >(
      sql,
      `select a.id, a.name, case when p.app_id is not null then ${sunsetPlanJson('p')} end plan, e.until, e.reason,
         key_last_use(a.id) "keyUsedAt",
         (select max(u.last_at) from tokens t join credential_uses u on u.credential_id = t.id
          where t.app_id = a.id) "tokenUsedAt"
       from apps a
       left join sunset_app_plans p on p.app_id = a.id
       left join sunset_extensions e on e.app_id = a.id
       where ($1::text is null or a.id = $1) and a.is_enabled
         and exists (select from api_keys k where k.app_id = a.id and k.revoked_at is null)
       order by a.id`,
      [appId],
    );
    return found.map(({ plan, until, reason, ...app }) => ({
      ...app,
      plan: plan && toSunsetPlan(plan),
      extension: until && { until, reason: reason ?? '' },
    }));
  }

  /** From when on the use of keys is known, at most so many days back. */
  async recordedUse(sql: Sql, now: Date): Promise<TimeRange> {
    const earliest = new Date(now.getTime() - REHEARSAL_DAYS * 86_400_000);
    const first = await firstRow<{ at: Date | null }>(
      sql,
      `select min(minute) at from usage_minutes where district_id = '' and minute >= $1`,
      [earliest],
    );
    return { from: first?.at ?? now, until: now };
  }

  /** The use of live keys, by app: each app's minutes sorted by key and time. */
  async keyMinutes(
    sql: Sql,
    { from, until }: TimeRange,
    appIds: readonly AppId[],
  ): Promise<Map<AppId, KeyMinute[]>> {
    const found = await rows<KeyMinute & { appId: AppId }>(
      sql,
      `select u.app_id "appId", u.credential_id "keyId", u.minute, sum(u.calls)::int calls
       from usage_minutes u join api_keys k on k.id = u.credential_id and k.revoked_at is null
       where u.district_id = '' and u.credential_type = 'api-key' and u.minute >= $1 and u.minute < $2 and u.app_id = any ($3)
       group by 1, 2, 3 order by 1, 2, 3`,
      [from, until, appIds],
    );
    const byApp = new Map<AppId, KeyMinute[]>();
    for (const { appId, ...minute } of found) {
      const minutes = byApp.get(appId);
      if (minutes) minutes.push(minute);
      else byApp.set(appId, [minute]);
    }
    return byApp;
  }

  async write(tx: Sql, change: SunsetChange, approvedBy: string | null): Promise<void> {
    switch (change.type) {
      case 'plan':
        await tx.query(
          `update sunset_plan set announced_at = $1, steps = $2, brownouts = $3, refused_at = $4, changed_at = now()`,
          columnsOf(change.plan),
        );
        break;
      case 'app-plan':
        if (change.plan)
          await tx.query(
            `insert into sunset_app_plans (announced_at, steps, brownouts, refused_at, app_id, reason)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (app_id) do update set announced_at = excluded.announced_at, steps = excluded.steps,
               brownouts = excluded.brownouts, refused_at = excluded.refused_at, reason = excluded.reason,
               changed_at = now()`,
            [...columnsOf(change.plan), change.appId, change.reason ?? ''],
          );
        else await tx.query('delete from sunset_app_plans where app_id = $1', [change.appId]);
        break;
      case 'extension':
        if (change.extension)
          await tx.query(
            `insert into sunset_extensions (app_id, until, reason, approved_by) values ($1, $2, $3, $4)
             on conflict (app_id) do update set until = excluded.until, reason = excluded.reason,
               approved_by = excluded.approved_by, created_at = now()`,
            [change.appId, change.extension.until, change.extension.reason, approvedBy],
          );
        else await tx.query('delete from sunset_extensions where app_id = $1', [change.appId]);
        break;
    }
    await tx.query('update sunset_plan set revision = revision + 1');
  }

  async propose(
    tx: Sql,
    proposal: {
      id: ProposalId;
      change: SunsetChange;
      revision: number;
      appIds: AppId[];
      proposedBy: string | null;
    },
  ): Promise<void> {
    const { id, change, revision, appIds, proposedBy } = proposal;
    await tx.query(
      `insert into sunset_proposals (id, change, revision, app_ids, proposed_by) values ($1, $2, $3, $4, $5)`,
      [id, JSON.stringify(change), revision, appIds, proposedBy],
    );
  }

  async proposals(sql: Sql, where: { id?: ProposalId; isWaiting?: boolean }): Promise<Proposal[]> {
    const found = await rows<
      Omit<Proposal, 'change' | 'revision'> & { change: ChangeJson; revision: string }
    >(
      sql,
      `select p.id, p.change, p.revision, p.status, p.proposed_by "proposedBy", p.proposed_at "proposedAt",
         p.decided_by "decidedBy", p.decided_at "decidedAt",
         (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name) order by a.name), '[]')
          from apps a where a.id = any (p.app_ids)) apps
       from sunset_proposals p
       where ($1::text is null or p.id = $1) and (not $2 or p.status = 'waiting')
       order by p.proposed_at desc limit 1000`,
      [where.id ?? null, where.isWaiting ?? false],
    );
    return found.map(({ change, revision, ...rest }) => ({
      ...rest,
      revision: Number(revision),
      change: toChange(change),
    }));
  }

  async decide(
    tx: Sql,
    id: ProposalId,
    status: Exclude<Proposal['status'], 'waiting'>,
    by: string | null,
  ): Promise<void> {
    await tx.query(
      'update sunset_proposals set status = $2, decided_by = $3, decided_at = now() where id = $1',
      [id, status, by],
    );
  }
}

function columnsOf({ announcedAt, steps, brownouts, refusedAt }: SunsetPlan) {
  return [announcedAt, JSON.stringify(steps), JSON.stringify(brownouts), refusedAt];
}

function toChange(change: ChangeJson): SunsetChange {
  switch (change.type) {
    case 'plan':
      return { type: 'plan', plan: toSunsetPlan(change.plan) };
    case 'app-plan':
      return { ...change, plan: change.plan && toSunsetPlan(change.plan) };
    case 'extension':
      return {
        ...change,
        extension: change.extension && { ...change.extension, until: new Date(change.extension.until) },
      };
  }
}
