import { Problem } from '@hallpass/service-kit';
import { AFTER_ALL_IDS, tooBroad } from './page-query.js';
import type { Listing, Scan, ScanStart } from './scan.js';

/** How many records a list may look at to be put in another order: it holds them all, and makes them anew for every page. */
export const SORT_BUDGET = 5000;

/** What decides a list's order, and by which stored id an item is known. */
export interface Sorting<T> {
  order: (a: T, b: T) => number;
  idOf: (item: T) => string;
}

/**
 * A list in another order than that of ids: all of it is read before the first item is given, or none is. Items that the order
 * does not part stay in the order of ids.
 */
export class SortedScan<T> implements Listing<T> {
  readonly resume = undefined;
  #left: Promise<T[]> | undefined;

  /** The scan begins at the start of the list and stops within SORT_BUDGET. */
  constructor(
    private readonly scan: Scan<T>,
    private readonly sorting: Sorting<T>,
    private readonly start: ScanStart,
  ) {}

  async take(count: number): Promise<T[]> {
    return (await this.#items()).splice(0, count);
  }

  async skip(count: number): Promise<boolean> {
    return (await this.take(count)).length === count;
  }

  async countRest(): Promise<number> {
    return (await this.#items()).length;
  }

  /** What comes after the start, or before it from there backwards. */
  #items(): Promise<T[]> {
    return (this.#left ??= this.#read());
  }

  async #read(): Promise<T[]> {
    const all = await this.scan.take(SORT_BUDGET + 1);
    if (this.scan.resume !== undefined)
      throw tooBroad(SORT_BUDGET, 'Narrow `where`, take the list of a school, or leave `sort` out.');
    all.sort(this.sorting.order);
    const { after, before } = this.start;
    if (before !== undefined) return all.slice(0, this.#placeOf(before, all)).reverse();
    return after === '' ? all : all.slice(this.#placeOf(after, all) + 1);
  }

  #placeOf(id: string, all: readonly T[]): number {
    if (id === AFTER_ALL_IDS) return all.length;
    const place = all.findIndex((item) => this.sorting.idOf(item) === id);
    if (place >= 0) return place;
    throw new Problem('cursor-invalid', {
      detail:
        'The record that the cursor names is not in this list, whose order it would have to have a place in.',
    });
  }
}
