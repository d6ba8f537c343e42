import {
  DomainError,
  LinkBook,
  ProblemList,
  RECORD_KINDS,
  changesAnything,
  heldKinds,
  noChanges,
  toDocument,
  type CarriedId,
  type DistrictId,
  type IdBook,
  type ImportId,
  supersedesHeld,
  type ImportStatus,
  type KindChanges,
  type KindedDocument,
  type RecordId,
  type RecordKind,
  type SourceId,
  type SourceRecord,
} from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { recordAudit, type Actor } from '../audit.js';
import { Districts, Imports, type ImportRow } from '../entities.js';
import { recordRosterEvent } from '../platform-events.js';
import { copyRows } from '../roster/copy.js';
import { carryIds, idBookOf, recordCarriedIds } from '../roster/record-ids.js';
import { copyFirstRoster } from '../roster/first-roster.js';
import { keepHeldChanges } from '../roster/held-changes.js';
import { cutsFieldsAlone, projectRules } from '../roster/projection.js';
import {
  lockDistrict,
  moveClock,
  planPublication,
  publishChanges,
  publishLinks,
  publishShown,
} from '../roster/publication.js';
import { OPEN_SEQ, createStaging, keepRelated, roleMaskOf, stageLinks } from '../roster/staging.js';
import { rulesInUse } from '../roster/visible-sets.js';
import { withSession, type Session } from '../session.js';
import { firstRow, rows, type Sql } from '../sql.js';
import { discardSuperseded, failImport } from './import-row.js';

/** What a reader found in the files: the records, and those whose rows it could not read and that therefore stay. */
export interface RosterPicture {
  records(): AsyncIterable<SourceRecord>;
  readonly kept: ReadonlyMap<RecordKind, ReadonlySet<SourceId>>;
  /**
   * True when contacts, courses and terms have no rows of their own: those of a kept student or section stay with it, if no
   * other row names them.
   */
  readonly keepsRelated?: boolean;
}

/** Which of these source ids the district's present roster has. */
export type PreviousRecords = (kind: RecordKind, ids: readonly SourceId[]) => Promise<ReadonlySet<SourceId>>;

export interface RosterFiles {
  /** Hash of all that decides what a reading yields: equal hash, equal picture. */
  contentHash: Buffer;
  /** The ids that records bring along from elsewhere. */
  carriedIds(problems: ProblemList): Promise<readonly CarriedId[]>;
  /** Reads the files; undefined when they are refused, and the problems say why. */
  read(problems: ProblemList, previous: PreviousRecords): Promise<RosterPicture | undefined>;
}

/**
 * Brings a district's roster to what the files say: reads and stages them, works out what changes, and publishes that whole
 * or not at all. An import that would delete too much is held unless it is `confirmed` on the picture its diff was made for.
 */
export async function importRoster(
  dataSource: DataSource,
  place: { districtId: DistrictId; importId: ImportId },
  files: RosterFiles,
  actor: Actor,
  confirmed?: { baseSeq: number },
): Promise<ImportRow> {
  const importing = new Importing(dataSource, place.districtId, place.importId, actor);
  try {
    return await importing.run(files, confirmed);
  } catch (error) {
    await failImport(dataSource, place.districtId, place.importId);
    throw error;
  }
}

class Importing {
  readonly #dataSource: DataSource;
  readonly #districtId: DistrictId;
  readonly #importId: ImportId;
  readonly #actor: Actor;
  readonly #problems = new ProblemList();

  constructor(dataSource: DataSource, districtId: DistrictId, importId: ImportId, actor: Actor) {
    this.#dataSource = dataSource;
    this.#districtId = districtId;
    this.#importId = importId;
    this.#actor = actor;
  }

  async run(files: RosterFiles, confirmed: { baseSeq: number } | undefined): Promise<ImportRow> {
    const same = await this.#sameAsBefore(files.contentHash);
    if (same) return this.#repeat(same);
    const district = await this.#dataSource.manager.findOneByOrFail(Districts, { id: this.#districtId });
    const carried = await carryIds(
      this.#dataSource,
      district,
      await files.carriedIds(this.#problems),
      this.#problems,
    );
    const ids = idBookOf(district, carried.known);
    const picture = await files.read(this.#problems, (kind, sourceIds) =>
      this.#previous(ids, kind, sourceIds),
    );
    if (!picture || this.#problems.isRefused) return this.#finish('refused', {});
    return withSession(this.#dataSource, async (session) => {
      if (await this.#hasNothingYet(session.runner)) {
        const landed = await this.#landFirst(
          session,
          documentsOf(picture, ids),
          files.contentHash,
          carried.fresh,
        );
        if (landed) return landed;
      }
      await createStaging(session.client);
      const links = await this.#stage(session, picture, ids);
      // A file may turn out to be unreadable only when it is read for its records.
      if (this.#problems.isRefused) return this.#finish('refused', {});
      return this.#land(session, links, files.contentHash, carried.fresh, confirmed);
    });
  }

  /** True while there is no version to compare with, and no visible set to move along. */
  async #hasNothingYet(sql: Sql): Promise<boolean> {
    const version = await firstRow(sql, 'select from record_versions where district_id = $1 limit 1', [
      this.#districtId,
    ]);
    return version === undefined && (await rulesInUse(sql, this.#districtId)).length === 0;
  }

  /**
   * Publishes a district's first roster in one transaction, straight from the files. It keeps the district's clock from the
   * beginning: an approval that comes meanwhile waits, and then finds the roster that its rule is about. Undefined, with no
   * record read, when an approval came just before.
   */
  async #landFirst(
    session: Session,
    documents: AsyncIterable<KindedDocument>,
    contentHash: Buffer,
    carried: readonly CarriedId[],
  ): Promise<ImportRow | undefined> {
    const at = new Date();
    try {
      const kinds = await session.transaction(async (tx) => {
        const seq = ((await lockDistrict(tx, this.#districtId)) ?? 0) + 1;
        if (!(await this.#hasNothingYet(tx))) return undefined;
        const place = { districtId: this.#districtId, seq, at };
        const created = await copyFirstRoster(session.client, place, documents);
        // A file may turn out to be unreadable only when it is read for its records.
        if (this.#problems.isRefused) throw new RefusedMeanwhile();
        if (changesAnything(created))
          await this.#closePublication(tx, at, carried, { seq, kinds: created, contentHash });
        return created;
      });
      if (!kinds) return undefined;
      return await (changesAnything(kinds) ? this.#row() : this.#finish('unchanged', { kinds, contentHash }));
    } catch (error) {
      if (error instanceof RefusedMeanwhile) return this.#finish('refused', {});
      throw error;
    }
  }

  /** The import that published the present roster, if these are its files and nothing of its report depends on what was kept. */
  async #sameAsBefore(contentHash: Buffer): Promise<ImportRow | undefined> {
    const last = await this.#dataSource.manager.findOne(Imports, {
      where: { districtId: this.#districtId, status: 'published' },
      order: { seq: 'DESC' },
    });
    return last?.contentHash?.equals(contentHash) ? last : undefined;
  }

  async #repeat(before: ImportRow): Promise<ImportRow> {
    const kinds = noChanges();
    for (const kind of RECORD_KINDS) {
      const { created, updated, unchanged } = before.kinds?.[kind] ?? kinds[kind];
      kinds[kind].unchanged = created + updated + unchanged;
    }
    const { problems, problemCounts, contentHash } = before;
    await this.#dataSource.manager.update(Districts, { id: this.#districtId }, { lastImportAt: new Date() });
    return this.#finish('unchanged', { kinds, problems, problemCounts, contentHash });
  }

  async #previous(ids: IdBook, kind: RecordKind, sourceIds: readonly SourceId[]): Promise<Set<SourceId>> {
    const sourceOf = new Map(sourceIds.map((sourceId) => [ids.idOf(kind, sourceId), sourceId]));
    const found = await rows<{ record_id: RecordId }>(
      this.#dataSource,
      `select record_id from record_versions
       where district_id = $1 and kind = $2 and record_id = any ($3) and to_seq = ${OPEN_SEQ}`,
      [this.#districtId, kind, [...sourceOf.keys()]],
    );
    return new Set(found.flatMap(({ record_id: id }) => sourceOf.get(id) ?? []));
  }

  async #stage({ client }: Session, picture: RosterPicture, ids: IdBook): Promise<LinkBook> {
    const links = new LinkBook();
    async function* bodies() {
      for await (const each of documentsOf(picture, ids)) {
        links.add(each);
        yield [each.kind, each.document.id, roleMaskOf(each), JSON.stringify(each.document)];
      }
    }
    await copyRows(client, 'staged (kind, record_id, role_mask, body)', bodies());
    await copyRows(client, 'kept (kind, record_id)', keptRows(picture, ids));
    if (picture.keepsRelated) await keepRelated(client, this.#districtId);
    for (const each of await this.#keptDocuments(client)) links.add(each);
    return links;
  }

  async #keptDocuments(client: Session['client']): Promise<KindedDocument[]> {
    const { rows: kept } = await client.query<{ kind: RecordKind; doc: string }>(
      `select r.kind, r.doc from kept k join record_versions r on r.district_id = $1 and r.kind = k.kind
         and r.record_id = k.record_id and r.to_seq = ${OPEN_SEQ}`,
      [this.#districtId],
    );
    return kept.map(({ kind, doc }) => ({ kind, document: JSON.parse(doc) as never }));
  }

  async #land(
    session: Session,
    links: LinkBook,
    contentHash: Buffer,
    carried: readonly CarriedId[],
    confirmed: { baseSeq: number } | undefined,
  ): Promise<ImportRow> {
    const publishedAt = new Date();
    const baseSeq = await this.#seqNow(session);
    const kinds = await this.#diff(session, publishedAt);
    if (!changesAnything(kinds)) {
      await this.#dataSource.manager.update(
        Districts,
        { id: this.#districtId },
        { lastImportAt: publishedAt },
      );
      return this.#finish('unchanged', { kinds, contentHash });
    }
    const held = heldKinds(kinds);
    if (held.length > 0 && confirmed?.baseSeq !== baseSeq) return this.#hold(session, kinds, held, baseSeq);
    await stageLinks(session.client, '', links);
    return this.#publish(session, publishedAt, carried, { kinds, contentHash, heldKinds: held, baseSeq });
  }

  async #seqNow({ runner }: Session): Promise<number> {
    const district = await firstRow<{ seq: number }>(runner, 'select seq from districts where id = $1', [
      this.#districtId,
    ]);
    return district?.seq ?? 0;
  }

  /** Stages how the roster read differs from the one published, and counts it. */
  async #diff({ client }: Session, publishedAt: Date): Promise<KindChanges> {
    await client.query(
      `insert into changes (op, kind, record_id, created_at, times)
       select case when r.record_id is null then 'c' when s.record_id is null then 'd' else 'u' end,
         coalesce(s.kind, r.kind), coalesce(s.record_id, r.record_id), coalesce(r.created_at, $2),
         ',"created":"' || case when r.record_id is null then $3
           else to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end
           || '","last_modified":"' || $3 || '"}'
       from staged s
       full join (select kind, record_id, digest, created_at from record_versions
                  where district_id = $1 and to_seq = ${OPEN_SEQ}) r
         on r.kind = s.kind and r.record_id = s.record_id
       where r.digest is distinct from s.digest
         and (s.record_id is not null
              or not exists (select from kept k where k.kind = r.kind and k.record_id = r.record_id))`,
      [this.#districtId, publishedAt, publishedAt.toISOString()],
    );
    const { rows: counts } = await client.query<{ kind: RecordKind; op: string; count: number }>(
      `select kind, op, count(*)::int count from changes group by kind, op
       union all
       select kind, '', count(*)::int from record_versions
       where district_id = $1 and to_seq = ${OPEN_SEQ} group by kind`,
      [this.#districtId],
    );
    return kindChanges(counts);
  }

  async #hold(
    { client, transaction }: Session,
    kinds: KindChanges,
    held: RecordKind[],
    baseSeq: number,
  ): Promise<ImportRow> {
    for (const kind of held) {
      this.#problems.add({
        class: 'refused',
        code: 'too-many-deletions',
        message: `${kinds[kind].deleted} records of kind ${kind} would be deleted, more than a tenth of them.`,
        mend: 'If that is right, confirm the import; else mend the export and import again. Nothing has changed so far.',
      });
    }
    return transaction(async (tx) => {
      await keepHeldChanges(client, { districtId: this.#districtId, importId: this.#importId });
      await this.#record(tx, 'held', { kinds, heldKinds: held, baseSeq });
      await this.#tell(tx, 'roster.held');
      return this.#row(tx);
    });
  }

  /** Publishes what is staged. When a grant changed meanwhile, the visible sets are projected again before the next try. */
  async #publish(
    session: Session,
    publishedAt: Date,
    carried: readonly CarriedId[],
    outcome: Partial<ImportRow> & { baseSeq: number },
  ): Promise<ImportRow> {
    const { client, runner, transaction } = session;
    for (;;) {
      const base = await this.#seqNow(session);
      const rules = await rulesInUse(runner, this.#districtId);
      await client.query(`truncate shown_versions; delete from shown_links where fingerprint <> ''`);
      await projectRules(client, this.#districtId, rules, 'changes');
      const names = (isPartial: boolean) =>
        rules.filter((each) => cutsFieldsAlone(each) === isPartial).map((each) => each.fingerprint);
      const links = rules.filter((each) => !cutsFieldsAlone(each)).map((each) => each.links);
      const isPublished = await transaction(async (tx) => {
        if ((await lockDistrict(tx, this.#districtId)) !== base) return false;
        await this.#requireNoImportSince(tx, outcome.baseSeq);
        const seq = base + 1;
        await planPublication(tx);
        await publishChanges(tx, this.#districtId, seq);
        await publishShown(tx, {
          districtId: this.#districtId,
          seq,
          at: publishedAt,
          whole: names(false),
          partial: names(true),
          isFirst: false,
        });
        await publishLinks(tx, this.#districtId, seq, ['', ...new Set(links)]);
        await this.#closePublication(tx, publishedAt, carried, { ...outcome, seq });
        return true;
      });
      if (isPublished) return this.#row();
    }
  }

  /** What is staged differs from the roster of then; upon another it would make a picture that no file ever said. */
  async #requireNoImportSince(tx: EntityManager, seq: number): Promise<void> {
    const later = await firstRow(
      tx,
      `select from publications where district_id = $1 and seq > $2 and cause = 'import' limit 1`,
      [this.#districtId, seq],
    );
    if (later)
      throw new DomainError(
        'import-superseded',
        'Another import of this district was published meanwhile: import the files again.',
      );
  }

  /** What every publication of an import ends with, its own outcome among it; the clock last of all. */
  async #closePublication(
    tx: EntityManager,
    publishedAt: Date,
    carried: readonly CarriedId[],
    outcome: Partial<ImportRow> & { seq: number },
  ): Promise<void> {
    const { seq } = outcome;
    await recordCarriedIds(tx, this.#districtId, carried);
    await tx.update(Districts, { id: this.#districtId }, { lastImportAt: publishedAt });
    await recordAudit(tx, this.#actor, {
      action: 'roster.imported',
      subjectType: 'import',
      subjectId: this.#importId,
      districtId: this.#districtId,
      after: { seq },
    });
    await this.#record(tx, 'published', outcome);
    await this.#tell(tx, 'roster.imported');
    await moveClock(tx, this.#districtId, seq, publishedAt, 'import');
  }

  async #finish(status: ImportStatus, outcome: Partial<ImportRow>): Promise<ImportRow> {
    await this.#dataSource.transaction((tx) => this.#record(tx, status, outcome));
    return this.#row();
  }

  async #record(tx: EntityManager, status: ImportStatus, outcome: Partial<ImportRow>): Promise<void> {
    const key = { districtId: this.#districtId, id: this.#importId };
    const report = { problems: this.#problems.listed, problemCounts: this.#problems.counts };
    const end = { ...report, ...outcome, status, finishedAt: new Date() };
    const { affected } = await tx.update(Imports, { ...key, status: 'running' }, end);
    if (!affected) throw new DomainError('import-superseded', 'The import was ended from elsewhere.');
    if (supersedesHeld(status)) await discardSuperseded(tx, key.districtId, key.id, this.#actor);
  }

  #tell(tx: EntityManager, type: 'roster.imported' | 'roster.held'): Promise<void> {
    return recordRosterEvent(tx, this.#districtId, { type, data: { importId: this.#importId } });
  }

  #row(tx: EntityManager = this.#dataSource.manager): Promise<ImportRow> {
    return tx.findOneByOrFail(Imports, {
      districtId: this.#districtId,
      id: this.#importId,
    });
  }
}

/** Undoes a first roster whose files turned out to be refused. */
class RefusedMeanwhile extends Error {}

async function* documentsOf(picture: RosterPicture, ids: IdBook): AsyncGenerator<KindedDocument> {
  for await (const source of picture.records()) yield toDocument(source, ids);
}

function* keptRows(picture: RosterPicture, ids: IdBook) {
  for (const [kind, sourceIds] of picture.kept) {
    for (const sourceId of sourceIds) yield [kind, ids.idOf(kind, sourceId)];
  }
}

function kindChanges(counts: readonly { kind: RecordKind; op: string; count: number }[]): KindChanges {
  const changes = noChanges();
  for (const { kind, op, count } of counts) {
    const change = changes[kind];
    if (op === 'c') change.created = count;
    else if (op === 'u') change.updated = count;
    else if (op === 'd') change.deleted = count;
    else change.unchanged = count;
  }
  // The last count is of all that stood before.
  for (const change of Object.values(changes)) change.unchanged -= change.updated + change.deleted;
  return changes;
}
