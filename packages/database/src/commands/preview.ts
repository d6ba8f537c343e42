import {
  RECORD_KINDS,
  Visibility,
  changedRule,
  fieldMask,
  fingerprint,
  previewKindsOf,
  recordKindOf,
  requireFields,
  titleOf,
  visibilityOf,
  type AppId,
  type DistrictId,
  type DocumentOf,
  type GrantId,
  type GrantTerm,
  type PreviewId,
  type PreviewKind,
  type RecordId,
  type RecordKind,
  type SharingChange,
  type SharingRule,
} from '@hallpass/domain';
import type { PoolClient } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { Apps } from '../entities.js';
import { documentsById, documentsOf, pictureOf } from '../roster/picture.js';
import { createStaging } from '../roster/staging.js';
import { withSession } from '../session.js';
import { firstRow, rows, type Sql } from '../sql.js';
import { importChanges, type ImportChangesQuery } from './import-changes.js';
import { grantIn, requireKnown, requireSomething, ruleFor, type SharingChoice } from './grants.js';

/** What a choice would show, and, where it changes a grant, what that shows now. */
export interface PreviewedRules {
  districtId: DistrictId;
  rule: SharingRule;
  /** Null for a new grant. */
  before: SharingRule | null;
}

/** What a choice comes to for an app that has no grant yet; refused as the grant itself would be. */
export async function rulesOfChoice(
  tx: EntityManager,
  choice: { appId: AppId; districtId: DistrictId } & SharingChoice & GrantTerm,
): Promise<PreviewedRules> {
  return { districtId: choice.districtId, rule: await ruleFor(tx, choice), before: null };
}

/** What a change of a grant comes to. */
export async function rulesOfChange(
  tx: EntityManager,
  grantId: GrantId,
  change: SharingChange,
): Promise<PreviewedRules> {
  const { appId, districtId, selection, fields, narrowingTo } = await grantIn(tx, grantId);
  const app = await tx.findOneByOrFail(Apps, { id: appId });
  const before = { selection, fields };
  const rule = changedRule(narrowingTo ?? before, app.requestedFields, change);
  requireSomething(rule);
  requireFields(app.requiredFields, rule.fields);
  await requireKnown(tx, districtId, rule.selection);
  return { districtId, rule, before };
}

export interface PreviewCount {
  kind: PreviewKind;
  /** What the app would see, of how many the district has. */
  shown: number;
  of: number;
  /** What it sees now, and would see no more. */
  vanishing: number;
}

/** Which records of a preview are wanted: of a kind, with a text in their name, after the last of the page before. */
export interface PreviewQuery {
  kind: PreviewKind;
  /** Those that would vanish, in the place of those that would be seen. */
  isVanishing: boolean;
  search: string;
  after: string;
  limit: number;
}

export interface PreviewPage {
  records: { id: RecordId; title: string; document: DocumentOf[RecordKind] }[];
  /** Pass as `after` for the page that follows; null on the last. */
  next: string | null;
}

/**
 * A choice worked out on a district's roster as it is now: by the very visibility and mask by which grants are published, so that
 * what is previewed is what the app will be served.
 */
export class SharingPreview {
  private constructor(
    readonly rules: PreviewedRules,
    /** Of the district's clock. */
    readonly seq: number,
    readonly counts: readonly PreviewCount[],
    private readonly shown: Visibility,
    private readonly shownBefore: Visibility | undefined,
    private readonly places: Places | undefined,
  ) {}

  /** Names what has been worked out: equal keys have equal previews. */
  static async keyOf(dataSource: DataSource, rules: PreviewedRules): Promise<string> {
    const { districtId, rule, before } = rules;
    const seq = await clockOf(dataSource, districtId);
    return [districtId, seq, fingerprint(rule), before && fingerprint(before)].join(' ');
  }

  static async of(dataSource: DataSource, rules: PreviewedRules): Promise<SharingPreview> {
    const { districtId, rule, before } = rules;
    return withPicture(dataSource, districtId, async (client, seq) => {
      const [shown, shownBefore] = await visibilitiesIn(client, districtId, rule, before);
      const counts = new Map<PreviewKind, PreviewCount>();
      const countOf = (kind: PreviewKind) => {
        const known = counts.get(kind) ?? { kind, shown: 0, of: 0, vanishing: 0 };
        counts.set(kind, known);
        return known;
      };
      const places = new Places();
      for (const kind of RECORD_KINDS) {
        const now = shownAs(rule, shown, kind);
        const then = before && shownBefore ? shownAs(before, shownBefore, kind) : undefined;
        for await (const document of documentsOf(pictureOf(client, districtId, kind))) {
          for (const each of previewKindsOf(kind, document)) countOf(each).of += 1;
          const visible = now(document);
          const seen = new Set(kindsIn(kind, visible));
          for (const each of seen) {
            countOf(each).shown += 1;
            places.add(each, false, placeOf(kind, visible as DocumentOf[RecordKind]));
          }
          const visibleBefore = then?.(document);
          for (const each of kindsIn(kind, visibleBefore)) {
            if (seen.has(each)) continue;
            countOf(each).vanishing += 1;
            places.add(each, true, placeOf(kind, visibleBefore as DocumentOf[RecordKind]));
          }
        }
      }
      const kept = places.isKept ? places : undefined;
      return new SharingPreview(rules, seq, [...counts.values()], shown, shownBefore, kept);
    });
  }

  /** A page of records, by name: as the app would see them, or, of those that vanish, as it sees them now. */
  async page(dataSource: DataSource, query: PreviewQuery): Promise<PreviewPage> {
    const { districtId } = this.rules;
    const kind = recordKindOf(query.kind);
    const show = this.#show(kind, query);
    return withPicture(dataSource, districtId, async (client) => {
      const found: Found[] = [];
      const keep = (whole: DocumentOf[RecordKind]) => {
        const document = show(whole);
        const place = document && placeOf(kind, document);
        if (document && isAsked(place, query)) found.push({ document, place });
      };
      const byPlace = () => found.sort((a, b) => (a.place < b.place ? -1 : 1));
      if (this.places) {
        const ids = this.places.find(query, query.limit + 1).map(idOf);
        for (const each of await documentsById(client, districtId, kind, ids)) keep(each);
      } else {
        for await (const whole of documentsOf(pictureOf(client, districtId, kind))) {
          keep(whole);
          if (found.length > 20 * query.limit) found.length = Math.min(byPlace().length, query.limit + 1);
        }
      }
      const page = byPlace().slice(0, query.limit);
      return {
        // Searched and sorted by what the app may see of it: a hidden name is not found.
        records: page.map(({ document }) => ({
          id: document.id,
          title: titleOf(kind, document as never),
          document,
        })),
        next: found.length > query.limit ? (page.at(-1)?.place ?? null) : null,
      };
    });
  }

  /** What of a document is on the pages that are asked for; undefined where it is on none. */
  #show<K extends RecordKind>(kind: K, { kind: wanted, isVanishing }: PreviewQuery) {
    const { rule, before } = this.rules;
    const now = shownAs(rule, this.shown, kind);
    const then = before && this.shownBefore ? shownAs(before, this.shownBefore, kind) : undefined;
    return (whole: DocumentOf[K]): DocumentOf[K] | undefined => {
      const seen = now(whole);
      const document = isVanishing ? then?.(whole) : seen;
      if (!kindsIn(kind, document).includes(wanted)) return undefined;
      return isVanishing && kindsIn(kind, seen).includes(wanted) ? undefined : document;
    };
  }
}

interface Found {
  document: DocumentOf[RecordKind];
  place: string;
}

const ID_LENGTH = 24;

/** By what a record is searched and sorted: its name as far as it is seen, and its id. */
function placeOf<K extends RecordKind>(kind: K, document: DocumentOf[K]): string {
  // Any sign below a letter would do but zero, which JSON in the database cannot hold.
  return `${titleOf(kind, document).toLowerCase()}\u0001${document.id}`;
}

const idOf = (place: string) => place.slice(-ID_LENGTH);

function isAsked(place: string | undefined, { after, search }: PreviewQuery): place is string {
  return (
    place !== undefined && place > after && place.slice(0, -ID_LENGTH - 1).includes(search.toLowerCase())
  );
}

/** More than so many are not kept in memory: a page of them is read from the roster. */
const PLACES_MAX = 500_000;

/** The places of all records of a preview, by kind, so that to turn a page or to search reads a page and not the roster. */
class Places {
  readonly #lists = new Map<string, { places: string[]; isSorted: boolean }>();
  #count = 0;

  add(kind: PreviewKind, isVanishing: boolean, place: string): void {
    this.#count += 1;
    if (!this.isKept) return this.#lists.clear();
    const name = `${kind} ${isVanishing}`;
    const list = this.#lists.get(name) ?? { places: [], isSorted: false };
    this.#lists.set(name, list);
    list.places.push(place);
  }

  get isKept(): boolean {
    return this.#count <= PLACES_MAX;
  }

  /** The first so many that are asked for. */
  find(query: PreviewQuery, count: number): string[] {
    const list = this.#lists.get(`${query.kind} ${query.isVanishing}`);
    if (!list) return [];
    if (!list.isSorted) list.places.sort((a, b) => (a < b ? -1 : 1));
    list.isSorted = true;
    const found: string[] = [];
    for (const place of list.places) {
      if (isAsked(place, query)) found.push(place);
      if (found.length === count) break;
    }
    return found;
  }
}

function kindsIn<K extends RecordKind>(kind: K, document: DocumentOf[K] | undefined): PreviewKind[] {
  return document ? previewKindsOf(kind, document) : [];
}

/** What a rule shows of a document: cut by what is visible, then by field; undefined when nothing. */
function shownAs<K extends RecordKind>(rule: SharingRule, visibility: Visibility, kind: K) {
  const mask = fieldMask(rule.fields, kind);
  const isShared = rule.fields[kind] !== undefined;
  return (document: DocumentOf[K]): DocumentOf[K] | undefined => {
    const visible = isShared ? visibility.show(kind, document) : undefined;
    return visible && ((mask ? mask(visible) : visible) as DocumentOf[K]);
  };
}

async function visibilitiesIn(
  client: PoolClient,
  districtId: DistrictId,
  rule: SharingRule,
  before: SharingRule | null,
): Promise<[Visibility, Visibility?]> {
  const documents = <K extends RecordKind>(kind: K) => documentsOf(pictureOf(client, districtId, kind));
  const picture = {
    courses: documents('course'),
    sections: documents('section'),
    users: documents('user'),
    resources: documents('resource'),
  };
  if (!before) return [await Visibility.of(visibilityOf(rule), picture)];
  return Visibility.ofBoth([visibilityOf(rule), visibilityOf(before)], picture);
}

/** One picture of the roster for as long as the work takes, whatever is published meanwhile. */
function withPicture<T>(
  dataSource: DataSource,
  districtId: DistrictId,
  work: (client: PoolClient, seq: number) => Promise<T>,
): Promise<T> {
  return withSession(dataSource, async ({ client }) => {
    await createStaging(client);
    await client.query('begin isolation level repeatable read');
    try {
      const found = await client.query<{ seq: string }>('select seq from districts where id = $1', [
        districtId,
      ]);
      return await work(client, Number(found.rows[0]?.seq ?? 0));
    } finally {
      await client.query('commit');
    }
  });
}

async function clockOf(dataSource: DataSource, districtId: DistrictId): Promise<number> {
  const row = await firstRow<{ seq: string }>(dataSource, 'select seq from districts where id = $1', [
    districtId,
  ]);
  return Number(row?.seq ?? 0);
}

/** What is asked for: what a choice comes to, with a page of records where one is wanted. */
export interface PreviewRequest {
  rules: PreviewedRules;
  query: PreviewQuery | null;
}

/** What districts ask of the service that may read rosters: a preview, or what an import changed. */
export type RosterQuestion = PreviewRequest | { changes: ImportChangesQuery };

export interface PreviewAnswer {
  counts: readonly PreviewCount[];
  page: PreviewPage | null;
}

/** Writes a question down for the service that may read rosters. */
export async function askPreview(sql: Sql, id: PreviewId, question: RosterQuestion): Promise<void> {
  const { districtId } = 'changes' in question ? question.changes : question.rules;
  await sql.query('insert into previews (id, district_id, request) values ($1, $2, $3)', [
    id,
    districtId,
    JSON.stringify(question),
  ]);
}

/** The answer, once it is there; it is taken away with it. */
export async function takePreview<Answer = PreviewAnswer>(
  sql: Sql,
  id: PreviewId,
): Promise<Answer | undefined> {
  const [row] = await rows<{ answer: Answer }>(
    sql,
    'delete from previews where id = $1 and answer is not null returning answer',
    [id],
  );
  return row?.answer;
}

/** Choices that are kept worked out, for those who turn pages and search: as many as people choose at once. */
const KEPT = 8;

/** So many questions are worked at beside each other: a page of one district does not stand behind the counting of another. */
const AT_ONCE = 4;

interface Waiting {
  id: PreviewId;
  request: RosterQuestion;
}

/** Answers requests for previews, where rosters may be read. */
export class PreviewDesk {
  /** By key, the latest last. */
  readonly #kept = new Map<string, Promise<SharingPreview>>();
  readonly #underWay = new Set<PreviewId>();

  /** What one question fails by is told to `onError`, and keeps no other from its answer. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly onError: (error: unknown) => void,
  ) {}

  /**
   * Answers what waits, the oldest first, until nothing does, and takes away what nobody waits for any more. May be called again
   * while it is at it: no question is taken up twice.
   */
  async answerAll(): Promise<void> {
    await this.dataSource.query(`delete from previews where created_at < now() - interval '1 minute'`);
    const mine = new Set<Promise<void>>();
    for (;;) {
      for (const each of await this.#waiting()) {
        if (this.#underWay.has(each.id) || this.#underWay.size >= AT_ONCE) continue;
        this.#underWay.add(each.id);
        const work = this.#answerOne(each).finally(() => {
          this.#underWay.delete(each.id);
          mine.delete(work);
        });
        mine.add(work);
      }
      if (mine.size === 0) return;
      await Promise.race(mine);
    }
  }

  #waiting(): Promise<Waiting[]> {
    return rows<Waiting>(
      this.dataSource,
      `select id, request from previews where answer is null and not id = any ($1)
       order by created_at limit $2`,
      [[...this.#underWay], AT_ONCE],
    );
  }

  async #answerOne({ id, request }: Waiting): Promise<void> {
    try {
      const answer =
        'changes' in request
          ? await importChanges(this.dataSource, request.changes)
          : await this.answer(request);
      await this.dataSource.query('update previews set answer = $2 where id = $1', [
        id,
        JSON.stringify(answer),
      ]);
    } catch (error) {
      this.onError(error);
      // Whoever waits is told to ask again; it is not tried over and over meanwhile.
      await this.dataSource.query('delete from previews where id = $1', [id]).catch(this.onError);
    }
  }

  async answer({ rules, query }: PreviewRequest): Promise<PreviewAnswer> {
    const preview = await this.#preview(rules);
    return { counts: preview.counts, page: query ? await preview.page(this.dataSource, query) : null };
  }

  async #preview(rules: PreviewedRules): Promise<SharingPreview> {
    const key = await SharingPreview.keyOf(this.dataSource, rules);
    const preview = this.#kept.get(key) ?? SharingPreview.of(this.dataSource, rules);
    this.#kept.delete(key);
    this.#kept.set(key, preview);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    try {
      return await preview;
    } catch (error) {
      this.#kept.delete(key);
      throw error;
    }
  }
}
