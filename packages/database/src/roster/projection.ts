import { hash } from 'node:crypto';
import {
  LinkBook,
  RECORD_KINDS,
  Visibility,
  fieldMask,
  fingerprint,
  linksFingerprint,
  seesEverything,
  visibilityOf,
  type DistrictId,
  type DocumentOf,
  type KindedDocument,
  type RecordKind,
  type SharingRule,
} from '@hallpass/domain';
import type { PoolClient } from 'pg';
import { copyRows, type CopyValue } from './copy.js';
import { changedIn, documentsOf, pictureOf, type Pictured } from './picture.js';
import { roleMaskOf, stageLinks } from './staging.js';

const BATCH_ROWS = 2000;

/** A rule beside the names of what it shows. */
export interface NamedRule {
  fingerprint: string;
  /** Of the links between what is shown. */
  links: string;
  rule: SharingRule;
}

export function named(rule: SharingRule): NamedRule {
  return { fingerprint: fingerprint(rule), links: linksFingerprint(rule), rule };
}

/** True of a rule that cuts fields alone: what it shows of a record follows from that record. */
export function cutsFieldsAlone({ rule }: NamedRule): boolean {
  return seesEverything(visibilityOf(rule));
}

/** Whether all records are to be staged, for a new set, or where that is enough those that changed. */
export type Extent = 'all' | 'changes';

/** Stages what each rule shows of the picture that the session is about to publish: records as cut, and links. */
export async function projectRules(
  client: PoolClient,
  districtId: DistrictId,
  rules: readonly NamedRule[],
  extent: Extent,
): Promise<void> {
  const linked = new Set<string>();
  for (const each of rules) {
    // A roster just imported has no statistics yet, and a nested loop over it would never end.
    await client.query('begin; set local enable_nestloop = off');
    try {
      await new Projection(client, districtId, each).run(extent, !linked.has(each.links));
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
    linked.add(each.links);
  }
}

class Projection {
  readonly #client: PoolClient;
  readonly #districtId: DistrictId;
  readonly #named: NamedRule;
  readonly #book = new LinkBook();

  constructor(client: PoolClient, districtId: DistrictId, each: NamedRule) {
    this.#client = client;
    this.#districtId = districtId;
    this.#named = each;
  }

  async run(extent: Extent, withLinks: boolean): Promise<void> {
    const isEachAlone = cutsFieldsAlone(this.#named);
    const visibility = isEachAlone ? undefined : await this.#visibility();
    for (const kind of RECORD_KINDS) {
      const isFew = isEachAlone && extent === 'changes';
      const picture = isFew ? changedIn(this.#client, kind) : this.#pictureOf(kind);
      await this.#stage(kind, picture, visibility);
    }
    if (withLinks && !isEachAlone) await stageLinks(this.#client, this.#named.links, this.#book);
  }

  #visibility(): Promise<Visibility> {
    const documents = <K extends RecordKind>(kind: K) => documentsOf(this.#pictureOf(kind));
    return Visibility.of(visibilityOf(this.#named.rule), {
      courses: documents('course'),
      sections: documents('section'),
      users: documents('user'),
      resources: documents('resource'),
    });
  }

  #pictureOf<K extends RecordKind>(kind: K): AsyncGenerator<Pictured<K>> {
    return pictureOf(this.#client, this.#districtId, kind);
  }

  async #stage<K extends RecordKind>(
    kind: K,
    picture: AsyncGenerator<Pictured<K>>,
    visibility: Visibility | undefined,
  ): Promise<void> {
    const { rule, fingerprint: name } = this.#named;
    const isShared = rule.fields[kind] !== undefined;
    const mask = fieldMask(rule.fields, kind);
    let batch: CopyValue[][] = [];
    const flush = async () => {
      const rows = batch;
      batch = [];
      await copyRows(
        this.#client,
        'shown_versions (fingerprint, kind, record_id, role_mask, digest, doc)',
        rows,
      );
    };
    for await (const { document, digest } of picture) {
      const visible = visibility ? visibility.show(kind, document) : document;
      if (!visible) continue;
      const each = { kind, document: visible } as KindedDocument;
      if (visibility) this.#book.add(each);
      // Links follow visibility alone: a kind that is not shared still leads from one shared kind to another.
      if (!isShared) continue;
      const shown = (mask ? mask(visible) : visible) as DocumentOf[K];
      const whole = shown === document ? undefined : asShown(shown);
      const isWhole = !whole || whole.digest === digest;
      const row = [name, kind, shown.id, roleMaskOf({ ...each, document: shown } as KindedDocument)];
      batch.push([...row, isWhole ? digest : whole.digest, isWhole ? null : whole.text]);
      if (batch.length >= BATCH_ROWS) await flush();
    }
    await flush();
  }
}

/** A cut document as it is served, and the digest of its body, which its two times are no part of. */
function asShown(document: DocumentOf[RecordKind]): { text: string; digest: string } {
  const { created, last_modified: modified, ...rest } = document;
  const body = JSON.stringify(rest);
  return {
    text: `${body.slice(0, -1)},"created":"${created}","last_modified":"${modified}"}`,
    digest: asUuid(hash('md5', body)),
  };
}

/** A digest in the spelling in which the database gives it. */
function asUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
