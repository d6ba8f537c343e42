import { poolOf } from '@hallpass/database';
import type { DistrictId, RecordId, RecordKind, Relation } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';

/** Where a reading stands: the district, the rule by its visible set, and the pinned seq (null: now). */
export interface Place {
  districtId: DistrictId;
  fingerprint: string;
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

/** The seq that was read, and the bodies. */
export interface Reading {
  seq: number;
  docs: string[];
}

export interface DistrictReading {
  id: DistrictId;
  name: string;
  seq: number;
  lastImportAt: Date | null;
}

type Row = [string];

/**
 * Reads rosters through the functions that the data API's role may execute, and which all demand the district. Statements are
 * named, so that each session plans them once; rows come as arrays of one text, which pg makes fastest.
 */
@Injectable()
export class RosterRepository {
  readonly #pool: Pool;

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  page(place: Place, kind: RecordKind, range: Range): Promise<Reading> {
    const { districtId, fingerprint, at } = place;
    const { roleBit, after, before, limit } = range;
    return this.#read('read_page', 'select read_page($1, $2, $3, $4, $5, $6, $7, $8)', [
      districtId,
      fingerprint,
      kind,
      roleBit,
      at,
      after,
      before ?? null,
      limit,
    ]);
  }

  count(place: Place, kind: RecordKind, roleBit: number): Promise<Reading> {
    const { districtId, fingerprint, at } = place;
    return this.#read('count_records', 'select count_records($1, $2, $3, $4, $5)', [
      districtId,
      fingerprint,
      kind,
      roleBit,
      at,
    ]);
  }

  record(place: Place, kind: RecordKind, id: RecordId): Promise<Reading> {
    const { districtId, fingerprint, at } = place;
    return this.#read('read_record', 'select read_record($1, $2, $3, $4, $5)', [
      districtId,
      fingerprint,
      kind,
      id,
      at,
    ]);
  }

  /** What the record's links lead to. */
  linked(
    place: Place,
    relations: readonly Relation[],
    id: RecordId,
    kind: RecordKind,
    range: Range,
  ): Promise<Reading> {
    const { districtId, fingerprint, at } = place;
    const { roleBit, after, before, limit } = range;
    return this.#read('read_linked', 'select read_linked($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
      districtId,
      fingerprint,
      relations,
      id,
      kind,
      roleBit,
      at,
      after,
      before ?? null,
      limit,
    ]);
  }

  /** The records of these ids, of those that the rule shows. */
  referred(place: Place, ids: readonly RecordId[], kind: RecordKind, range: Range): Promise<Reading> {
    const { districtId, fingerprint, at } = place;
    const { roleBit, after, before, limit } = range;
    return this.#read('read_referred', 'select read_referred($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      districtId,
      fingerprint,
      kind,
      ids,
      roleBit,
      at,
      after,
      before ?? null,
      limit,
    ]);
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

  /** For keys: the seq of each district, in the order given, when that edition was the newest. */
  async seqsAtEdition(districtIds: readonly DistrictId[], edition: number): Promise<number[]> {
    const { rows } = await this.#pool.query<{ district_id: string; seq: string }>(
      'select district_id, seq from seqs_at_edition($1, $2)',
      [districtIds, edition],
    );
    const seqOf = new Map(rows.map((row) => [row.district_id, Number(row.seq)]));
    return districtIds.map((id) => seqOf.get(id) ?? 0);
  }

  /** For keys: pages of several districts as one, by id; each body beside the index of its place. */
  async union(
    places: readonly Place[],
    kind: RecordKind,
    range: Range,
  ): Promise<{ index: number; doc: string }[]> {
    const { roleBit, after, before, limit } = range;
    const { rows } = await this.#pool.query<{ place: number; doc: string }>({
      name: 'read_union',
      text: 'select place, doc from read_union($1, $2, $3, $4, $5, $6, $7, $8)',
      values: [...placesAsArrays(places), kind, roleBit, after, before ?? null, limit],
    });
    return rows.map(({ place, doc }) => ({ index: place - 1, doc }));
  }

  /** For keys: the index of the place where the record is shown. */
  async locate(places: readonly Place[], kind: RecordKind, id: RecordId): Promise<number | undefined> {
    const { rows } = await this.#pool.query<{ place: number }>({
      name: 'locate_record',
      text: 'select place from locate_record($1, $2, $3, $4, $5)',
      values: [...placesAsArrays(places), kind, id],
    });
    return rows[0] && rows[0].place - 1;
  }

  async #read(name: string, text: string, values: unknown[]): Promise<Reading> {
    const { rows } = await this.#pool.query<Row>({ name, text, values, rowMode: 'array' });
    const docs: string[] = [];
    for (let i = 1; i < rows.length; i += 1) docs.push((rows[i] as Row)[0]);
    return { seq: Number(rows[0]?.[0] ?? 0), docs };
  }
}

function placesAsArrays(places: readonly Place[]): [string[], string[], (number | null)[]] {
  return [
    places.map((place) => place.districtId),
    places.map((place) => place.fingerprint),
    places.map((place) => place.at),
  ];
}
