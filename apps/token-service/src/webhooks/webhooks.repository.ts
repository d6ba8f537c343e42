import { firstRow, rows, type Sql } from '@hallpass/database';
import { newId, type AppId, type Id, type PlatformEventType, type WebhookId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';

/** Where an app is told of platform events. */
export interface WebhookRow {
  id: WebhookId;
  appId: AppId;
  url: string;
  /** Which it is told of; none for all. */
  types: PlatformEventType[];
  description: string;
  isEnabled: boolean;
  goneAt: Date | null;
  createdAt: Date;
  changedAt: Date;
}

export type WebhookSettings = Pick<WebhookRow, 'url' | 'types' | 'description' | 'isEnabled'>;

export type WebhookSealId = Id<'webhook-seal'>;

/** A signing secret, still under seal; `endsAt` of one that has been rotated away. */
export interface WebhookSealRow {
  id: WebhookSealId;
  sealed: Buffer;
  endsAt: Date | null;
}

const COLUMNS = `id, app_id "appId", url, types, description, is_enabled "isEnabled", gone_at "goneAt",
  created_at "createdAt", changed_at "changedAt"`;

/** Webhooks and the seals of their secrets. What belongs to another app is as absent as what does not exist. */
@Injectable()
export class WebhooksRepository {
  list(sql: Sql, appId: AppId): Promise<WebhookRow[]> {
    return rows(sql, `select ${COLUMNS} from webhooks where app_id = $1 order by created_at, id`, [appId]);
  }

  find(sql: Sql, appId: AppId, id: WebhookId): Promise<WebhookRow | undefined> {
    return firstRow(sql, `select ${COLUMNS} from webhooks where app_id = $1 and id = $2`, [appId, id]);
  }

  /** Keeps other creations of the app's webhooks waiting until the transaction ends, and counts what there is. */
  async countLocked(tx: Sql, appId: AppId): Promise<number> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('webhooks ' || $1, 0))`, [appId]);
    const row = await firstRow<{ count: number }>(
      tx,
      'select count(*)::int count from webhooks where app_id = $1',
      [appId],
    );
    return row?.count ?? 0;
  }

  async insert(tx: Sql, appId: AppId, settings: WebhookSettings): Promise<WebhookRow> {
    const row = await firstRow<WebhookRow>(
      tx,
      `insert into webhooks (app_id, id, url, types, description, is_enabled) values ($1, $2, $3, $4, $5, $6)
       returning ${COLUMNS}`,
      [appId, newId<WebhookId>(), settings.url, settings.types, settings.description, settings.isEnabled],
    );
    if (!row) throw new Error('nothing was inserted');
    return row;
  }

  /** One that is enabled again is there again. */
  update(
    sql: Sql,
    appId: AppId,
    id: WebhookId,
    { url, types, description, isEnabled }: Partial<WebhookSettings>,
  ): Promise<WebhookRow | undefined> {
    return firstRow<WebhookRow>(
      sql,
      `update webhooks set url = coalesce($3, url), types = coalesce($4, types),
         description = coalesce($5, description), is_enabled = coalesce($6, is_enabled),
         gone_at = case when $6 then null else gone_at end, changed_at = now()
       where app_id = $1 and id = $2
       returning ${COLUMNS}`,
      [appId, id, url ?? null, types ?? null, description ?? null, isEnabled ?? null],
    );
  }

  /** True if there was one. Its deliveries go with it; the events stay in the list. */
  async delete(sql: Sql, appId: AppId, id: WebhookId): Promise<boolean> {
    const gone = await firstRow(sql, 'delete from webhooks where app_id = $1 and id = $2 returning id', [
      appId,
      id,
    ]);
    return gone !== undefined;
  }

  /** Its receiver said that it is there no longer. */
  async markGone(sql: Sql, id: WebhookId): Promise<void> {
    await sql.query('update webhooks set is_enabled = false, gone_at = now() where id = $1', [id]);
  }

  async insertSeal(tx: Sql, webhookId: WebhookId, id: WebhookSealId, sealed: Buffer): Promise<void> {
    await tx.query('insert into webhook_seals (id, webhook_id, sealed) values ($1, $2, $3)', [
      id,
      webhookId,
      sealed,
    ]);
  }

  /** The seals that sign now, the newest first. */
  liveSeals(sql: Sql, webhookId: WebhookId): Promise<WebhookSealRow[]> {
    return rows(
      sql,
      `select id, sealed, ends_at "endsAt" from webhook_seals
       where webhook_id = $1 and (ends_at is null or ends_at > now()) order by created_at desc, id`,
      [webhookId],
    );
  }

  /** Lets the present secret sign for so long yet, and those before it no longer; when that is. */
  async endSeals(tx: Sql, webhookId: WebhookId, overlapHours: number): Promise<Date | null> {
    await tx.query('delete from webhook_seals where webhook_id = $1 and ends_at is not null', [webhookId]);
    const ended = await firstRow<{ endsAt: Date }>(
      tx,
      `update webhook_seals set ends_at = now() + make_interval(hours => $2) where webhook_id = $1
       returning ends_at "endsAt"`,
      [webhookId, overlapHours],
    );
    return ended?.endsAt ?? null;
  }

  /** Forgets the secrets that sign no longer. */
  async dropEndedSeals(sql: Sql): Promise<void> {
    await sql.query('delete from webhook_seals where ends_at <= now()');
  }
}
