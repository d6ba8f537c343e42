import { Injectable } from '@nestjs/common';
import { LruMap } from './lru-map.js';

const ENTRIES_MAX = 1000;
const KEPT_MS = 15 * 60_000;

/** What is remembered of a pull by page numbers. */
export interface NumberedPull {
  /** The picture that its first page was of. */
  pin: string | undefined;
  /** How many records the list has. */
  count: number;
  /** By page number: the stored id at which the page ends. */
  ends: Map<number, string>;
}

/**
 * Remembers where numbered pages end. A client that asks for page after page by number carries neither a cursor nor a pin;
 * with what its last request left here, its next one begins where that ended, and on the same picture. What is forgotten is
 * found again by counting from the start.
 */
@Injectable()
export class PageBook {
  readonly #pulls = new LruMap<string, NumberedPull & { seenAt: number }>(ENTRIES_MAX);

  find(key: string, nowMs: number): NumberedPull | undefined {
    const pull = this.#pulls.get(key);
    return pull && nowMs - pull.seenAt < KEPT_MS ? pull : undefined;
  }

  /** Where a page of a pull ends; the first page begins the pull anew. */
  note(key: string, { pin, count }: Omit<NumberedPull, 'ends'>, page: number, end: string, nowMs: number) {
    const known = page === 1 ? undefined : this.find(key, nowMs);
    const ends = known?.pin === pin && known ? known.ends : new Map<number, string>();
    ends.set(page, end);
    this.#pulls.set(key, { pin, count, ends, seenAt: nowMs });
  }

  forget(key: string): void {
    this.#pulls.delete(key);
  }
}
