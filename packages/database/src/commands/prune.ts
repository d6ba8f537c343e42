import type { DataSource } from 'typeorm';
import { Districts } from '../entities.js';
import { RETENTION_DAYS } from '../roster/visible-sets.js';
import { firstRow } from '../sql.js';

const DAY_MS = 86_400_000;

/**
 * Forgets what districts looked like longer ago than pictures and events are kept, one district after another. Gives how many
 * versions went. An older cursor answers 410 from then on.
 */
export async function pruneHistory(dataSource: DataSource, now: Date): Promise<number> {
  const instant = new Date(now.getTime() - RETENTION_DAYS * DAY_MS);
  const districts = await dataSource.manager.find(Districts, { select: { id: true } });
  let total = 0;
  for (const { id } of districts) {
    const row = await firstRow<{ gone: number }>(dataSource, 'select prune_district($1, $2) gone', [
      id,
      instant,
    ]);
    total += row?.gone ?? 0;
  }
  // Every process has long heard of these.
  await dataSource.query(`delete from authority_changes where at < $1::timestamptz - interval '1 day'`, [
    now,
  ]);
  return total;
}
