import { hash } from 'node:crypto';
import {
  LinkBook,
  noChanges,
  type DistrictId,
  type KindChanges,
  type KindedDocument,
} from '@hallpass/domain';
import type { PoolClient } from 'pg';
import { copyRows, idArray } from './copy.js';
import { roleMaskOf } from './staging.js';

/** Where and when a district's first roster is published. */
export interface FirstPublication {
  districtId: DistrictId;
  seq: number;
  at: Date;
}

/**
 * Copies a district's first roster straight into its versions and links: there is nothing to compare it with, so nothing has
 * to be staged. In the transaction that publishes it; until that commits, nobody sees a row.
 */
export async function copyFirstRoster(
  client: PoolClient,
  { districtId, seq, at }: FirstPublication,
  documents: AsyncIterable<KindedDocument>,
): Promise<KindChanges> {
  const kinds = noChanges();
  const links = new LinkBook();
  const stamp = at.toISOString();
  const times = `,"created":"${stamp}","last_modified":"${stamp}"}`;
  async function* versions() {
    for await (const each of documents) {
      kinds[each.kind].created += 1;
      links.add(each);
      const body = JSON.stringify(each.document);
      // The digest is what the staging table will reckon for every later import.
      const digest = hash('md5', body);
      const doc = body.slice(0, -1) + times;
      yield [districtId, each.kind, each.document.id, seq, digest, roleMaskOf(each), stamp, doc];
    }
  }
  const columns = 'district_id, kind, record_id, from_seq, digest, role_mask, created_at, doc';
  await copyRows(client, `record_versions (${columns})`, versions());
  const target = 'link_versions (district_id, fingerprint, relation, record_id, from_seq, ids)';
  await copyRows(client, target, linkRows(districtId, seq, links));
  return kinds;
}

function* linkRows(districtId: DistrictId, seq: number, links: LinkBook) {
  for (const { relation, id, ids } of links.rows()) yield [districtId, '', relation, id, seq, idArray(ids)];
}
