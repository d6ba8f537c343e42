import type { DistrictId, DocumentOf, RecordKind } from '@hallpass/domain';
import type { PoolClient } from 'pg';
import { CHANGED_DOC, OPEN_SEQ } from './staging.js';

const BATCH_ROWS = 2000;

/**
 * The documents of one kind as they will stand once the session's `changes` are published; with no changes staged, as they
 * stand now. Needs a transaction, and leaves the session free between batches.
 */
export async function* pictureOf<K extends RecordKind>(
  client: PoolClient,
  districtId: DistrictId,
  kind: K,
): AsyncGenerator<DocumentOf[K]> {
  await client.query({
    text: `declare picture no scroll cursor for
      select r.doc from record_versions r
      where r.district_id = '${districtId}' and r.kind = '${kind}' and r.to_seq = ${OPEN_SEQ}
        and not exists (select from changes c where c.kind = r.kind and c.record_id = r.record_id)
      union all
      select ${CHANGED_DOC} from changes c join staged s on s.kind = c.kind and s.record_id = c.record_id
      where c.kind = '${kind}' and c.op <> 'd'`,
  });
  try {
    for (;;) {
      const { rows } = await client.query<{ doc: string }>(`fetch ${BATCH_ROWS} from picture`);
      for (const { doc } of rows) yield JSON.parse(doc) as DocumentOf[K];
      if (rows.length < BATCH_ROWS) return;
    }
  } finally {
    await client.query('close picture');
  }
}
