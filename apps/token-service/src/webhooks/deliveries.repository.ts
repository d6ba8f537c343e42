import { firstRow, rows, type Sql } from '@hallpass/database';
import type {
  AppId,
  AttemptError,
  AttemptResult,
  DeliveryId,
  DeliveryOutcome,
  DeliveryStatus,
  PlatformEventId,
  PlatformEventType,
  WebhookId,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import type { PlatformEventRow } from '../platform-events/platform-event-body.js';

/** For how long a process has a delivery to itself: longer than any call takes. */
export const CLAIM_SECONDS = 60;

/** A delivery that a process has taken on, with all that sending it needs. */
export interface ClaimedDelivery {
  id: DeliveryId;
  webhookId: WebhookId;
  appId: AppId;
  url: string;
  /** Which try of this round this is, from 1. */
  attempt: number;
  /** Names the claim: whoever comes after its end has another. */
  claimedUntil: string;
  event: PlatformEventRow;
}

export interface AttemptRow {
  at: string;
  httpStatus: number | null;
  error: AttemptError | null;
  milliseconds: number;
}

export interface DeliveryRow {
  id: DeliveryId;
  status: DeliveryStatus;
  eventId: PlatformEventId;
  eventType: PlatformEventType;
  eventAt: Date;
  dueAt: Date;
  createdAt: Date;
  endedAt: Date | null;
  attempts: AttemptRow[];
}

const IS_FREE = `d.status = 'pending' and d.due_at <= now() and (d.claimed_until is null or d.claimed_until <= now())`;

const LISTED = `select d.id, d.status, d.event_id "eventId", e.type "eventType", e.at "eventAt", d.due_at "dueAt",
    d.created_at "createdAt", d.ended_at "endedAt", d.number,
    (select coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'httpStatus', a.http_status, 'error', a.error,
       'milliseconds', a.milliseconds) order by a.id), '[]')
     from webhook_attempts a where a.delivery_id = d.id) attempts
  from webhook_deliveries d join platform_events e on e.id = d.event_id
  join webhooks w on w.id = d.webhook_id`;

/** The outbox: events on their way to webhooks. Every statement is short, and none waits for a receiver. */
@Injectable()
export class DeliveriesRepository {
  /** The enabled webhooks of enabled apps for which something is due that nobody has claimed, in no order. */
  async dueWebhooks(sql: Sql): Promise<WebhookId[]> {
    const due = await rows<{ id: WebhookId }>(
      sql,
      `select w.id from webhooks w join apps a on a.id = w.app_id
       where w.is_enabled and a.is_enabled and exists (select from webhook_deliveries d where d.webhook_id = w.id and ${IS_FREE})
       order by random()`,
    );
    return due.map(({ id }) => id);
  }

  /** Takes on up to so many due deliveries of a webhook, the longest due first. What others are taking on is passed over. */
  claim(sql: Sql, webhookId: WebhookId, count: number): Promise<ClaimedDelivery[]> {
    return rows<ClaimedDelivery>(
      sql,
      `with free as (
         select d.id from webhook_deliveries d where d.webhook_id = $1 and ${IS_FREE}
         order by d.due_at, d.number limit $2 for update skip locked)
       update webhook_deliveries d
       set claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS}), attempts = d.attempts + 1
       from free, webhooks w, platform_events e
       where d.id = free.id and w.id = d.webhook_id and w.is_enabled and e.id = d.event_id
       returning d.id, d.webhook_id "webhookId", w.app_id "appId", w.url, d.attempts attempt,
         d.claimed_until::text "claimedUntil", jsonb_build_object('id', e.id, 'type', e.type, 'at', e.at,
           'districtId', e.district_id, 'data', e.data) event`,
      [webhookId, count],
    ).then((claimed) =>
      claimed.map((each) => ({ ...each, event: { ...each.event, at: new Date(each.event.at) } })),
    );
  }

  /** Writes down how a try ended and what follows from it, unless the claim has gone to another meanwhile. */
  async settle(
    tx: Sql,
    { id, claimedUntil }: ClaimedDelivery,
    attempt: AttemptResult & { at: Date; milliseconds: number },
    outcome: DeliveryOutcome,
  ): Promise<boolean> {
    const isEnd = outcome.status !== 'pending';
    const settled = await firstRow(
      tx,
      `update webhook_deliveries set status = $3, due_at = coalesce($4, due_at), claimed_until = null,
         ended_at = case when $5 then now() end
       where id = $1 and status = 'pending' and claimed_until = $2::timestamptz returning id`,
      [id, claimedUntil, outcome.status, isEnd ? null : outcome.dueAt, isEnd],
    );
    await tx.query(
      `insert into webhook_attempts (delivery_id, at, http_status, error, milliseconds)
       select d.id, $2, $3, $4, $5 from webhook_deliveries d where d.id = $1`,
      [id, attempt.at, attempt.httpStatus, attempt.error, attempt.milliseconds],
    );
    return settled !== undefined;
  }

  /** Gives a delivery back untried, as when the process ends. */
  async release(sql: Sql, { id, claimedUntil }: ClaimedDelivery): Promise<void> {
    await sql.query(
      `update webhook_deliveries set claimed_until = null, attempts = attempts - 1
       where id = $1 and status = 'pending' and claimed_until = $2::timestamptz`,
      [id, claimedUntil],
    );
  }

  /** A page of a webhook's deliveries, the newest first. */
  list(
    sql: Sql,
    webhookId: WebhookId,
    page: { status: DeliveryStatus | undefined; startingAfter: DeliveryId | undefined; limit: number },
  ): Promise<DeliveryRow[]> {
    return rows<DeliveryRow>(
      sql,
      `${LISTED}
       where d.webhook_id = $1 and ($2::text is null or d.status = $2)
         and ($3::text is null or d.number < (select p.number from webhook_deliveries p where p.webhook_id = $1 and p.id = $3))
       order by d.number desc limit $4`,
      [webhookId, page.status ?? null, page.startingAfter ?? null, page.limit],
    );
  }

  find(sql: Sql, appId: AppId, webhookId: WebhookId, id: DeliveryId): Promise<DeliveryRow | undefined> {
    return firstRow<DeliveryRow>(sql, `${LISTED} where w.app_id = $1 and d.webhook_id = $2 and d.id = $3`, [
      appId,
      webhookId,
      id,
    ]);
  }

  /** The delivery of an event to a webhook. */
  async ofEvent(
    sql: Sql,
    webhookId: WebhookId,
    eventId: PlatformEventId,
  ): Promise<{ id: DeliveryId } | undefined> {
    return firstRow(sql, 'select id from webhook_deliveries where webhook_id = $1 and event_id = $2', [
      webhookId,
      eventId,
    ]);
  }
}
