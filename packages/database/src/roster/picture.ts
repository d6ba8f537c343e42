import type { DistrictId, DocumentOf, RecordKind } from '@hallpass/domain';
import type { PoolClient } from 'pg';
import { CHANGED_DOC, OPEN_SEQ } from './staging.js';

const BATCH_ROWS = 2000;

/** A document as it will be served, beside the digest of its body. */
export interface Pictured<K extends RecordKind> {
  document: DocumentOf[K];
  digest: string;
}

/** What the session's `changes` bring: the new documents of one kind. */
const CHANGED = `select ${CHANGED_DOC} doc, s.digest
  from changes c join staged s on s.kind = c.kind and s.record_id = c.record_id`;

/**
 * The documents of one kind as they will stand once the session's `changes` are published; with no changes staged, as they
 * stand now. Needs a transaction, and leaves the session free between batches.
 */
export function pictureOf<K extends RecordKind>(
  client: PoolClient,
  districtId: DistrictId,
  kind: K,
): AsyncGenerator<Pictured<K>> {
  return read<K>(
    client,
    `select r.doc, r.digest from record_versions r
     where r.district_id = '${districtId}' and r.kind = '${kind}' and r.to_seq = ${OPEN_SEQ}
       and not exists (select from changes c where c.kind = r.kind and c.record_id = r.record_id)
     union all ${CHANGED} where c.kind = '${kind}' and c.op <> 'd'`,
  );
}

/** Those of them alone that the changes bring. */
export function changedIn<K extends RecordKind>(client: PoolClient, kind: K): AsyncGenerator<Pictured<K>> {
  return read<K>(client, `${CHANGED} where c.kind = '${kind}' and c.op <> 'd'`);
}

/** Those of these ids, as they stand now. */
export async function documentsById<K extends RecordKind>(
  client: PoolClient,
  districtId: DistrictId,
  kind: K,
  ids: readonly string[],
): Promise<DocumentOf[K][]> {
  const { rows } = await client.query<{ doc: string }>(
    `select doc from record_versions
     where district_id = $1 and kind = $2 and record_id = any ($3) and to_seq = ${OPEN_SEQ}`,
    [districtId, kind, ids],
  );
  return rows.map(({ doc }) => JSON.parse(doc) as DocumentOf[K]);
}

/** The documents alone. */
export async function* documentsOf<K extends RecordKind>(
  picture: AsyncIterable<Pictured<K>>,
): AsyncGenerator<DocumentOf[K]> {
  for await (const { document } of picture) yield document;
}

async function* read<K extends RecordKind>(client: PoolClient, query: string): AsyncGenerator<Pictured<K>> {
  await client.query(`declare picture no scroll cursor for ${query}`);
  try {
    for (;;) {
      const { rows } = await client.query<{ doc: string; digest: string }>(
        `fetch ${BATCH_ROWS} from picture`,
      );
      for (const { doc, digest } of rows) yield { document: JSON.parse(doc) as DocumentOf[K], digest };
      if (rows.length < BATCH_ROWS) return;
    }
  } finally {
    await client.query('close picture');
  }
}
