import { Injectable } from '@nestjs/common';
import { LruMap } from './lru-map.js';
import { RosterRepository, type Place } from './roster.repository.js';
import type { SourceOf } from './source-of.js';

const ENTRIES_MAX = 5000;

/**
 * How many records pictures show. What a rule shows of a picture does not change, so that a count is made once however many
 * first pages tell it.
 */
@Injectable()
export class CountBook {
  readonly #counts = new LruMap<string, number>(ENTRIES_MAX);

  constructor(private readonly repository: RosterRepository) {}

  async of(place: Place, { kind, roleBit }: SourceOf): Promise<number> {
    const keyAt = (seq: number) => [place.districtId, place.rule.fingerprint, kind, roleBit, seq].join();
    const known = place.at === null ? undefined : this.#counts.get(keyAt(place.at));
    if (known !== undefined) return known;
    const { seq, docs } = await this.repository.count(place, kind, roleBit);
    const count = Number(docs[0] ?? 0);
    this.#counts.set(keyAt(seq), count);
    return count;
  }
}
