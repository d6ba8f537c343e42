import {
  newId,
  type DistrictId,
  type PlatformEvent,
  type PlatformEventId,
  type WebhookId,
} from '@hallpass/domain';
import { rows, type Sql } from './sql.js';

/**
 * Writes down what happened to an app, in the transaction in which it happens, with a delivery to each of the app's webhooks
 * that is told of it: rolled back together, or told. Of a test, the one webhook that is tried.
 */
export async function recordPlatformEvent(
  tx: Sql,
  event: PlatformEvent,
  onlyTo?: WebhookId,
): Promise<PlatformEventId> {
  const id = newId<PlatformEventId>();
  await tx.query('select record_platform_event($1, $2, $3, $4, $5, $6)', [
    id,
    event.appId,
    event.districtId,
    event.type,
    JSON.stringify(event.data),
    onlyTo ?? null,
  ]);
  return id;
}

/** Tells every app that a district has authorised, and that may read it now, of what happened to its roster. */
export async function recordRosterEvent(
  tx: Sql,
  districtId: DistrictId,
  event: Pick<PlatformEvent, 'type' | 'data'>,
): Promise<void> {
  const apps = await rows<Pick<PlatformEvent, 'appId'>>(
    tx,
    `select app_id "appId" from grants
     where district_id = $1 and status = 'active'
       and (starts_at is null or starts_at <= now()) and (ends_at is null or ends_at > now())
     order by app_id`,
    [districtId],
  );
  for (const { appId } of apps) await recordPlatformEvent(tx, { ...event, appId, districtId });
}
