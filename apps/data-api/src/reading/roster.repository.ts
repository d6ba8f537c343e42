import { poolOf } from '@hallpass/database';
import {
  UNRESTRICTED,
  type DistrictId,
  type EventPlace,
  type GrantId,
  type RecordId,
  type RecordKind,
  type Relation,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { CompiledRule } from './compiled-rule.js';
import { cutLate, type FindShown } from './late-cut.js';

/** Where a reading stands: the district, the grant with its rule of now, and the pinned seq (null: now). */
export interface Place {
  districtId: DistrictId;
  grantId: GrantId;
  rule: CompiledRule;
  at: number | null;
}

/** Which part of a list: ascending after an id, or descending before one. */
export interface Range {
  after: string;
  before: string | undefined;
  limit: number;
  /** A bit of role_mask; 0 for all. */
  roleBit: number;
}

/** The seq that was read, and the bodies; and where the list goes on if it does although the page is not full. */
export interface Reading {
  seq: number;
  docs: string[];
  resumeAt?: string;
}

export interface DistrictReading {
  id: DistrictId;
  name: string;
  seq: number;
  lastImportAt: Date | null;
}

/** What a publication changed in one record, as the grant was shown it. */
export interface ChangeRow {
  /** Index of the place. */
  index: number;
  edition: number;
  publishedAt: Date;
  kind: RecordKind;
  recordId: RecordId;
  before: string | null;
  after: string | null;
  /** The names of the rules that showed it before and after. */
  beforeMark: string;
  afterMark: string;
}

/** Which changes: of these kinds, perhaps of one record, from a place on (with what stands there) or backwards from it. */
export interface ChangeRange {
  kinds: readonly RecordKind[];
  recordId: RecordId | undefined;
  from: EventPlace | undefined;
  isBack: boolean;
  limit: number;
}

/** What names the picture that is read: of the rule of now, or of the one that the grant had at the pin. */
interface Marks {
  fingerprint: string;
  links: string;
}

/** Raised by a reading function whose pin is from under another rule of the grant. */
const UNDER_ANOTHER_RULE = 'HP309';
/** How many pages of an earlier rule's picture are looked through for one page of what is shared now. */
const LATE_PAGES_MAX = 20;
const LATE_PAGE_MIN = 500;

/**
 * Reads rosters through the functions that the data API's role may execute, and which all demand the district. Statements are
 * named, so that each session plans them once; rows come as arrays of one text, which pg makes fastest. What is stored for a
 * rule is what it shows: nothing has to be cut, but for a pull that began under an earlier rule of its grant.
 */
@Injectable()
export class RosterRepository {
  readonly #pool: Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  page(place: Place, kind: RecordKind, range: Range): Promise<Reading> {
    return this.#list(place, kind, range, (marks, { roleBit, after, before, limit }) =>
      this.#read('read_page', 'select read_page($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
        place.districtId,
        place.grantId,
        marks.fingerprint,
        kind,
        roleBit,
        place.at,
        after,
        before ?? null,
        limit,
      ]),
    );
  }

  /** How many are shown at the pin; under a rule that has changed since, how many are shown now. */
  async count(place: Place, kind: RecordKind, roleBit: number): Promise<Reading> {
    const read = (at: number | null) =>
      this.#read('count_records', 'select count_records($1, $2, $3, $4, $5, $6)', [
        place.districtId,
        place.grantId,
        place.rule.fingerprint,
        kind,
        roleBit,
        at,
      ]);
    try {
      return await read(place.at);
    } catch (error) {
      if (!isUnderAnotherRule(error)) throw error;
      return read(null);
    }
  }

  record(place: Place, kind: RecordKind, id: RecordId): Promise<Reading> {
    if (place.at === null && place.rule.fingerprint === UNRESTRICTED)
      return this.#recordNow(place.districtId, kind, id);
    const range: Range = { after: '', before: undefined, limit: 1, roleBit: 0 };
    return this.#list(place, kind, range, (marks) =>
      this.#read('read_record', 'select read_record($1, $2, $3, $4, $5, $6)', [
        place.districtId,
        place.grantId,
        marks.fingerprint,
        kind,
        id,
        place.at,
      ]),
    );
  }

  /** Of the whole roster as it is now, which most who ask for one record are shown. */
  async #recordNow(districtId: DistrictId, kind: RecordKind, id: RecordId): Promise<Reading> {
    const { rows } = await this.#pool.query<[string | null]>({
      name: 'read_record_now',
      text: 'select read_record_now($1, $2, $3)',
      values: [districtId, kind, id],
      rowMode: 'array',
    });
    const text = rows[0]?.[0] ?? '0 ';
    const end = text.indexOf(' ');
    const doc = text.slice(end + 1);
    return { seq: Number(text.slice(0, end)), docs: doc === '' ? [] : [doc] };
  }

  /** What the record's links lead to. */
  linked(
    place: Place,
    relations: readonly Relation[],
    id: RecordId,
    kind: RecordKind,
    range: Range,
  ): Promise<Reading> {
    return this.#list(place, kind, range, (marks, { roleBit, after, before, limit }) =>
      this.#read('read_linked', 'select read_linked($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', [
        place.districtId,
        place.grantId,
        marks.fingerprint,
        marks.links,
        relations,
        id,
        kind,
        roleBit,
        place.at,
        after,
        before ?? null,
        limit,
      ]),
    );
  }

  /** What the links of several records lead to, each once. */
  linkedOf(
    place: Place,
    relations: readonly Relation[],
    ids: readonly RecordId[],
    kind: RecordKind,
    range: Range,
  ): Promise<Reading> {
    return this.#list(place, kind, range, (marks, { roleBit, after, before, limit }) =>
      this.#read(
        'read_linked_of',
        'select read_linked_of($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
        [
          place.districtId,
          place.grantId,
          marks.fingerprint,
          marks.links,
          relations,
          ids,
          kind,
          roleBit,
          place.at,
          after,
          before ?? null,
          limit,
        ],
      ),
    );
  }

  /** The records of these ids, of those that the rule shows. */
  referred(place: Place, ids: readonly RecordId[], kind: RecordKind, range: Range): Promise<Reading> {
    return this.#list(place, kind, range, (marks, { roleBit, after, before, limit }) =>
      this.#read('read_referred', 'select read_referred($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
        place.districtId,
        place.grantId,
        marks.fingerprint,
        kind,
        ids,
        roleBit,
        place.at,
        after,
        before ?? null,
        limit,
      ]),
    );
  }

  async district(id: DistrictId): Promise<DistrictReading | undefined> {
    const { rows } = await this.#pool.query<DistrictReading>({
      name: 'read_district',
      text: 'select id, name, seq::int, last_import_at "lastImportAt" from read_district($1)',
      values: [id],
    });
    return rows[0];
  }

  /** For keys: the edition now. */
  async edition(): Promise<number> {
    const { rows } = await this.#pool.query<{ edition: string }>('select current_edition() edition');
    return Number(rows[0]?.edition ?? 0);
  }

  /** For keys: the places as they stood when that edition was the newest, without those whose grant is younger. */
  async placesAtEdition<P extends Place>(places: readonly P[], edition: number): Promise<P[]> {
    const { rows } = await this.#pool.query<{ seq: string; fingerprint: string | null }>({
      name: 'pictures_at_edition',
      text: 'select seq, fingerprint from pictures_at_edition($1, $2, $3)',
      values: [places.map((each) => each.districtId), places.map((each) => each.grantId), edition],
    });
    return places.flatMap((place, i) => {
      const row = rows[i];
      return row && row.fingerprint !== null ? [{ ...place, at: Number(row.seq) }] : [];
    });
  }

  /** For keys: pages of several districts as one, by id; each body beside the index of its place. */
  async union(
    places: readonly Place[],
    kind: RecordKind,
    range: Range,
  ): Promise<{ found: { index: number; doc: string }[]; resumeAt?: string }> {
    const { roleBit, after, before, limit } = range;
    try {
      const { rows } = await this.#pool.query<{ place: number; doc: string }>({
        name: 'read_union',
        text: 'select place, doc from read_union($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        values: [...placesAsArrays(places), kind, roleBit, after, before ?? null, limit],
      });
      return { found: rows.map(({ place, doc }) => ({ index: place - 1, doc })) };
    } catch (error) {
      if (!isUnderAnotherRule(error)) throw error;
      return this.#unionOneByOne(places, kind, range);
    }
  }

  /** For keys: the index of the place where the record is shown. */
  async locate(places: readonly Place[], kind: RecordKind, id: RecordId): Promise<number | undefined> {
    try {
      const { rows } = await this.#pool.query<{ place: number }>({
        name: 'locate_record',
        text: 'select place from locate_record($1, $2, $3, $4, $5, $6)',
        values: [...placesAsArrays(places), kind, id],
      });
      return rows[0] && rows[0].place - 1;
    } catch (error) {
      if (!isUnderAnotherRule(error)) throw error;
      const readings = await Promise.all(places.map((place) => this.record(place, kind, id)));
      const index = readings.findIndex(({ docs }) => docs.length > 0);
      return index < 0 ? undefined : index;
    }
  }

  /** What publications changed, in the order of events. May be more than the limit: what stands at one place is not parted. */
  async changes(places: readonly Place[], range: ChangeRange): Promise<ChangeRow[]> {
    const { kinds, recordId, from, isBack, limit } = range;
    const { rows } = await this.#pool.query<ChangeRow>({
      name: 'read_changes_of',
      text: `select place - 1 "index", edition::int, published_at "publishedAt", kind, record_id "recordId", before, after,
          before_mark "beforeMark", after_mark "afterMark"
        from read_changes_of($1, $2, $3, $4, $5, $6, $7, $8)`,
      values: [
        places.map((place) => place.districtId),
        places.map((place) => place.grantId),
        kinds,
        recordId ?? null,
        from?.edition ?? null,
        from?.tail ?? null,
        isBack,
        limit,
      ],
    });
    return rows;
  }

  /** The newest edition before an instant, of the districts together. */
  async editionBefore(places: readonly Place[], instant: Date): Promise<number> {
    const { rows } = await this.#pool.query<{ edition: string | null }>({
      name: 'edition_before',
      text: 'select max(edition_before(id, $2)) edition from unnest($1::text[]) districts(id)',
      values: [places.map((place) => place.districtId), instant],
    });
    return Number(rows[0]?.edition ?? 0);
  }

  /** Where the events after a picture begin. */
  async editionOf(districtId: DistrictId, seq: number): Promise<number> {
    const { rows } = await this.#pool.query<{ edition: string }>({
      name: 'edition_of',
      text: 'select edition_of($1, $2) edition',
      values: [districtId, seq],
    });
    return Number(rows[0]?.edition ?? 0);
  }

  /** Of a grant that shows these records now: which they are, and in which roles. */
  shownNow({ districtId, rule }: Place): FindShown {
    return async (kind, ids) => {
      const { rows } = await this.#pool.query<{ record_id: RecordId; role_mask: number }>({
        name: 'shown_now',
        text: 'select record_id, role_mask from shown_now($1, $2, $3, $4)',
        values: [districtId, rule.fingerprint, kind, ids],
      });
      return new Map(rows.map((row) => [row.record_id, row.role_mask]));
    };
  }

  /** Reads a list by the rule of now, or else by the rule of the pin, cut by the rule of now. */
  async #list(
    place: Place,
    kind: RecordKind,
    range: Range,
    read: (marks: Marks, range: Range) => Promise<Reading>,
  ): Promise<Reading> {
    try {
      return await read(place.rule, range);
    } catch (error) {
      if (!isUnderAnotherRule(error)) throw error;
      const { rows } = await this.#pool.query<Marks>(
        'select fingerprint, links_fingerprint links from rule_at($1, $2, $3)',
        [place.districtId, place.grantId, place.at],
      );
      if (!rows[0]) throw error;
      return this.#listLate(place, kind, range, rows[0], read);
    }
  }

  async #listLate(
    place: Place,
    kind: RecordKind,
    range: Range,
    marks: Marks,
    read: (marks: Marks, range: Range) => Promise<Reading>,
  ): Promise<Reading> {
    const limit = Math.max(range.limit, LATE_PAGE_MIN);
    const docs: string[] = [];
    let from: Range = { ...range, limit };
    for (let page = 0; ; page += 1) {
      const reading = await read(marks, from);
      const { seq } = reading;
      const cut = await cutLate(place.rule, kind, reading.docs, this.shownNow(place));
      for (const doc of cut) {
        if (doc === undefined) continue;
        docs.push(doc);
        if (docs.length === range.limit) return { seq, docs };
      }
      const last = reading.docs.at(-1);
      if (!last || reading.docs.length < limit) return { seq, docs };
      const resumeAt = idIn(last);
      if (page === LATE_PAGES_MAX) return { seq, docs, resumeAt };
      from = range.before === undefined ? { ...from, after: resumeAt } : { ...from, before: resumeAt };
    }
  }

  async #unionOneByOne(places: readonly Place[], kind: RecordKind, range: Range) {
    const isBack = range.before !== undefined;
    const readings = await Promise.all(places.map((place) => this.page(place, kind, range)));
    const inOrder = (a: string, b: string) => (a < b === isBack ? 1 : -1);
    const resumeAt = readings
      .flatMap((each) => each.resumeAt ?? [])
      .sort(inOrder)
      .at(0);
    const found = readings
      .flatMap(({ docs }, index) => docs.map((doc) => ({ index, doc })))
      .sort((a, b) => inOrder(idIn(a.doc), idIn(b.doc)))
      .filter(
        ({ doc }) => resumeAt === undefined || inOrder(idIn(doc), resumeAt) <= 0 || idIn(doc) === resumeAt,
      );
    if (found.length > range.limit || resumeAt === undefined) return { found: found.slice(0, range.limit) };
    return { found, resumeAt };
  }

  async #read(name: string, text: string, values: unknown[]): Promise<Reading> {
    const { rows } = await this.#pool.query<[string]>({ name, text, values, rowMode: 'array' });
    const docs: string[] = [];
    for (let i = 1; i < rows.length; i += 1) docs.push((rows[i] as [string])[0]);
    return { seq: Number(rows[0]?.[0] ?? 0), docs };
  }
}

/** Every stored body begins with its id. */
export function idIn(doc: string): RecordId {
  return doc.slice(7, 31) as RecordId;
}

function isUnderAnotherRule(error: unknown): boolean {
  return (error as { code?: unknown }).code === UNDER_ANOTHER_RULE;
}

function placesAsArrays(places: readonly Place[]): [string[], string[], string[], (number | null)[]] {
  return [
    places.map((place) => place.districtId),
    places.map((place) => place.grantId),
    places.map((place) => place.rule.fingerprint),
    places.map((place) => place.at),
  ];
}
