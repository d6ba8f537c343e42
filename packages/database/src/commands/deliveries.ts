import type { DeliveryId, WebhookId } from '@hallpass/domain';
import { rows, type Sql } from '../sql.js';

const ANEW = `status = 'pending', attempts = 0, due_at = now(), claimed_until = null, ended_at = null`;

/** Begins a delivery's tries anew, whatever became of it. */
export async function replayDelivery(tx: Sql, id: DeliveryId): Promise<void> {
  await tx.query(`update webhook_deliveries set ${ANEW} where id = $1`, [id]);
  await wakeDeliverers(tx);
}

/** The same of all of a webhook's dead deliveries of events since then; how many. */
export async function replayDeadDeliveries(tx: Sql, webhookId: WebhookId, since: Date): Promise<number> {
  const begun = await rows(
    tx,
    `update webhook_deliveries d set ${ANEW} from platform_events e
     where d.webhook_id = $1 and d.status = 'dead' and e.id = d.event_id and e.at >= $2 returning d.id`,
    [webhookId, since],
  );
  await wakeDeliverers(tx);
  return begun.length;
}

async function wakeDeliverers(tx: Sql): Promise<void> {
  await tx.query(`select pg_notify('platform_events', '')`);
}
