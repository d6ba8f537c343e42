import { firstRow, rows, type Sql } from '@hallpass/database';
import type { DeliveryId, WebhookId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';

/** A partner's webhook, as staff see it. */
export interface WatchedWebhook {
  id: WebhookId;
  appId: string;
  appName: string;
  partnerName: string;
  /** Without what stands behind `?`, which may be a secret. */
  url: string;
  types: string[];
  description: string;
  isEnabled: boolean;
  goneAt: Date | null;
  createdAt: Date;
  pending: number;
  dead: number;
  /** When a delivery was last taken. */
  deliveredAt: Date | null;
}

export interface WatchedDelivery {
  id: DeliveryId;
  status: string;
  eventType: string;
  eventAt: Date;
  dueAt: Date | null;
  endedAt: Date | null;
  attempts: { at: string; httpStatus: number | null; error: string | null; milliseconds: number }[];
}

const SHOWN = `select w.id, w.app_id "appId", a.name "appName", p.name "partnerName", split_part(w.url, '?', 1) url, w.types,
    w.description, w.is_enabled "isEnabled", w.gone_at "goneAt", w.created_at "createdAt", d.pending, d.dead, d."deliveredAt"
  from webhooks w join apps a on a.id = w.app_id join partners p on p.id = a.partner_id
  cross join lateral (
    select count(*) filter (where status = 'pending')::int pending, count(*) filter (where status = 'dead')::int dead,
      max(ended_at) filter (where status = 'delivered') "deliveredAt"
    from webhook_deliveries where webhook_id = w.id) d`;

/** Webhooks of all partners: reads alone, and never a secret or a body. */
@Injectable()
export class WatchedWebhooks {
  list(
    sql: Sql,
    page: { startingAfter: string | undefined; limit: number; isFailing: boolean },
  ): Promise<WatchedWebhook[]> {
    return rows<WatchedWebhook>(
      sql,
      `${SHOWN} where ($1::text is null or w.id > $1)
         and (not $3::boolean or not w.is_enabled or d.dead > 0)
       order by w.id limit $2`,
      [page.startingAfter ?? null, page.limit, page.isFailing],
    );
  }

  find(sql: Sql, id: WebhookId): Promise<WatchedWebhook | undefined> {
    return firstRow<WatchedWebhook>(sql, `${SHOWN} where w.id = $1`, [id]);
  }

  /** A webhook's deliveries, the newest first. */
  deliveries(
    sql: Sql,
    webhookId: WebhookId,
    page: { status: string | undefined; startingAfter: string | undefined; limit: number },
  ): Promise<WatchedDelivery[]> {
    return rows<WatchedDelivery>(
      sql,
      `select d.id, d.status, e.type "eventType", e.at "eventAt", case when d.status = 'pending' then d.due_at end "dueAt",
         d.ended_at "endedAt",
         (select coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'httpStatus', a.http_status, 'error', a.error,
            'milliseconds', a.milliseconds) order by a.id), '[]') from webhook_attempts a where a.delivery_id = d.id) attempts
       from webhook_deliveries d join platform_events e on e.id = d.event_id
       where d.webhook_id = $1 and ($2::text is null or d.status = $2)
         and ($3::text is null or d.number < (select n.number from webhook_deliveries n where n.webhook_id = $1 and n.id = $3))
       order by d.number desc limit $4`,
      [webhookId, page.status ?? null, page.startingAfter ?? null, page.limit],
    );
  }

  async hasDelivery(sql: Sql, webhookId: WebhookId, id: DeliveryId): Promise<boolean> {
    const text = 'select from webhook_deliveries where webhook_id = $1 and id = $2';
    return (await firstRow(sql, text, [webhookId, id])) !== undefined;
  }
}
