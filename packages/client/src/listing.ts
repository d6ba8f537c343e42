import type { Call, CallOptions, Query, Transport } from './transport.js';

interface Link {
  rel: string;
  uri: string;
}

/** A page as the data API answers it. */
export interface WirePage<T> {
  data: { data: T; uri: string }[];
  links: Link[];
}

/** A page of a list. */
export interface Page<T> {
  records: T[];
  /** Goes on after this page, in this process or another one, on the same picture; undefined on the last. */
  cursor: string | undefined;
  /** On the last page of a whole list: the events after this one continue it, without a gap. */
  eventsAfter: string | undefined;
}

/** What lists take. */
export interface ListOptions extends CallOptions {
  /** Records a page, 1 to 10,000; 1,000 when left out. */
  pageSize?: number | undefined;
  /** The `cursor` of a page of the same list: goes on after that page. */
  cursor?: string | undefined;
}

const PAGE_SIZE = 1000;

/**
 * A list, read page by page as it is iterated: `for await` gives records, `pages()` pages with the cursors to go on from. All of
 * its pages are of one picture of the roster.
 */
export class Listing<T> implements AsyncIterable<T> {
  readonly #transport: Transport;
  readonly #path: string;
  readonly #query: Query;
  readonly #options: ListOptions;

  constructor(transport: Transport, path: string, query: Query, options: ListOptions) {
    this.#transport = transport;
    this.#path = path;
    this.#query = query;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for await (const { records } of this.pages()) yield* records;
  }

  /** The pages. Keep the `cursor` of the last one that you are done with, to go on after it. */
  async *pages(): AsyncGenerator<Page<T>, void, void> {
    const { cursor, pageSize = PAGE_SIZE, signal } = this.#options;
    let call: Call = {
      path: cursor ?? this.#path,
      query: cursor === undefined ? { ...this.#query, limit: pageSize } : {},
      signal,
    };
    for (;;) {
      const page = pageOf(await this.#transport.json<WirePage<T>>(call));
      yield page;
      if (page.cursor === undefined) return;
      call = { path: page.cursor, signal };
    }
  }

  /** All of it at once, for lists that are known to be short. */
  async all(): Promise<T[]> {
    const all: T[] = [];
    for await (const { records } of this.pages()) all.push(...records);
    return all;
  }

  /** How many there are, where the list can say it. */
  async count(): Promise<number> {
    const { signal } = this.#options;
    const query = { ...this.#query, count: true };
    const { count } = await this.#transport.json<{ count: number }>({ path: this.#path, query, signal });
    return count;
  }
}

/** A page without what only the wire needs. */
export function pageOf<T>({ data, links }: WirePage<T>): Page<T> {
  const uriOf = (rel: string) => links.find((link) => link.rel === rel)?.uri;
  const events = uriOf('events');
  return {
    records: data.map((item) => item.data),
    cursor: uriOf('next'),
    eventsAfter: events === undefined ? undefined : (parameterOf(events, 'starting_after') ?? ''),
  };
}

/** A parameter of a link. */
export function parameterOf(uri: string, name: string): string | undefined {
  return new URLSearchParams(uri.split('?', 2)[1] ?? '').get(name) ?? undefined;
}
