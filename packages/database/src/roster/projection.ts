import {
  LinkBook,
  RECORD_KINDS,
  Visibility,
  type DistrictId,
  type KindedDocument,
  type RecordKind,
  type VisibilityRule,
} from '@hallpass/domain';
import type { PoolClient } from 'pg';
import { copyRows, type CopyValue } from './copy.js';
import { pictureOf } from './picture.js';
import { roleMaskOf, stageLinks } from './staging.js';

const BATCH_ROWS = 2000;

/** A restricted rule by its name. */
export interface NamedRule {
  fingerprint: string;
  rule: VisibilityRule;
}

/** Stages what each rule shows of the picture that the session is about to publish: records, cut bodies and links. */
export async function projectRules(
  client: PoolClient,
  districtId: DistrictId,
  rules: readonly NamedRule[],
): Promise<void> {
  for (const { fingerprint, rule } of rules) {
    // A roster just imported has no statistics yet, and a nested loop over it would never end.
    await client.query('begin; set local enable_nestloop = off');
    try {
      await projectRule(client, districtId, fingerprint, rule);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  }
}

async function projectRule(
  client: PoolClient,
  districtId: DistrictId,
  fingerprint: string,
  rule: VisibilityRule,
): Promise<void> {
  const visibility = await Visibility.of(
    rule,
    pictureOf(client, districtId, 'section'),
    pictureOf(client, districtId, 'user'),
  );
  const book = new LinkBook();
  for (const kind of RECORD_KINDS) await projectKind(client, districtId, fingerprint, kind, visibility, book);
  await stageLinks(client, fingerprint, book);
}

async function projectKind(
  client: PoolClient,
  districtId: DistrictId,
  fingerprint: string,
  kind: RecordKind,
  visibility: Visibility,
  book: LinkBook,
): Promise<void> {
  let batch: CopyValue[][] = [];
  const flush = async () => {
    const rows = batch;
    batch = [];
    await copyRows(client, 'shown_versions (fingerprint, kind, record_id, role_mask, doc)', rows);
  };
  for await (const document of pictureOf(client, districtId, kind)) {
    const shown = visibility.show(kind, document);
    if (!shown) continue;
    const each = { kind, document: shown } as KindedDocument;
    book.add(each);
    const cut = shown === document ? null : JSON.stringify(shown);
    batch.push([fingerprint, kind, shown.id, roleMaskOf(each), cut]);
    if (batch.length >= BATCH_ROWS) await flush();
  }
  await flush();
}
