import { LIMIT_MAX } from './page-query.js';
import { idIn } from './roster.repository.js';
import type { Found, Source } from './sources.js';

/** How many records one request may look at in search of those that it asks for. */
export const SCAN_BUDGET = 20_000;
const CHUNK_MIN = 100;
const CHUNK_MAX = 2000;

/** Where a scan begins, by stored ids, and which way it goes. */
export interface ScanStart {
  after: string;
  before: string | undefined;
}

/** What makes items of what is found: one for each, or undefined for what does not belong in the list. */
export type Pick<T> = (found: readonly Found[]) => Promise<(T | undefined)[]> | (T | undefined)[];

/** A list that is given item by item, from a place on. */
export interface Listing<T> {
  /** The stored id from which the search goes on, when it was broken off because its budget was spent. */
  readonly resume: string | undefined;
  /** Up to so many items more. */
  take(count: number): Promise<T[]>;
  /** Passes over so many items; false when there are not as many. */
  skip(count: number): Promise<boolean>;
  /** How many items are left, or undefined when the budget does not reach to the end. */
  countRest(): Promise<number | undefined>;
}

/**
 * Reads a list item by item, in the order of ids or against it. A list that is sifted reads on until it has found enough, has
 * come to the end, or has spent its budget; one that is not sifted reads exactly what is asked of it.
 */
export class Scan<T> implements Listing<T> {
  #cursor: string;
  #buffer: T[] = [];
  #isAtEnd = false;
  #isBrokenOff = false;
  #scanned = 0;
  readonly #isBackward: boolean;

  constructor(
    private readonly source: Source,
    private readonly pick: Pick<T>,
    private readonly sifted: { budget: number } | undefined,
    private readonly start: ScanStart,
  ) {
    this.#isBackward = start.before !== undefined;
    this.#cursor = start.before ?? start.after;
  }

  get resume(): string | undefined {
    return this.#isSpent ? this.#cursor : undefined;
  }

  async take(count: number): Promise<T[]> {
    const taken: T[] = [];
    while (taken.length < count) {
      if (this.#buffer.length === 0 && !(await this.#fill(count - taken.length))) break;
      taken.push(...this.#buffer.splice(0, count - taken.length));
    }
    return taken;
  }

  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0) {
      const passed = this.sifted ? await this.#passSifted(left) : (await this.#read(left)).length;
      if (passed === 0) return false;
      left -= passed;
    }
    return true;
  }

  async countRest(): Promise<number | undefined> {
    let count = this.#buffer.length;
    this.#buffer = [];
    for (;;) {
      const passed = this.sifted ? await this.#passSifted(CHUNK_MAX) : (await this.#read(CHUNK_MAX)).length;
      if (passed === 0) return this.#isSpent ? undefined : count;
      count += passed;
    }
  }

  async #passSifted(count: number): Promise<number> {
    if (this.#buffer.length === 0) await this.#fill(count);
    return this.#buffer.splice(0, count).length;
  }

  get #isSpent(): boolean {
    if (this.#isAtEnd) return false;
    return this.#isBrokenOff || (this.sifted !== undefined && this.#scanned >= this.sifted.budget);
  }

  /** Reads on until there is an item; false when there is none, or none within the budget. */
  async #fill(wanted: number): Promise<boolean> {
    while (this.#buffer.length === 0 && !this.#isAtEnd && !this.#isSpent) {
      const found = await this.#read(this.sifted ? this.#chunk(wanted) : wanted);
      for (const item of await this.pick(found)) if (item !== undefined) this.#buffer.push(item);
    }
    return this.#buffer.length > 0;
  }

  #chunk(wanted: number): number {
    const budget = this.sifted?.budget ?? Infinity;
    const chunk = Math.min(CHUNK_MAX, Math.max(CHUNK_MIN, wanted, this.#scanned));
    return Math.min(chunk, budget - this.#scanned);
  }

  async #read(limit: number): Promise<Found[]> {
    if (this.#isAtEnd) return [];
    const found = await this.source.read({
      after: this.#isBackward ? this.start.after : this.#cursor,
      before: this.#isBackward ? this.#cursor : undefined,
      limit: Math.min(limit, LIMIT_MAX),
    });
    const last = found.at(-1);
    const resumeAt = this.source.resumeAt?.();
    this.#isBrokenOff = resumeAt !== undefined;
    this.#isAtEnd = !this.#isBrokenOff && found.length < Math.min(limit, LIMIT_MAX);
    this.#scanned += found.length;
    this.#cursor = resumeAt ?? (last ? idIn(last.text) : this.#cursor);
    return found;
  }
}
