import { HallpassError, ConnectionError } from './errors.js';
import { type ListOptions, type Page, parameterOf } from './listing.js';
import { KINDS, type Kind, type RosterRecord } from './resources.js';
import type { Transport } from './transport.js';

/** What an export takes. */
export interface ExportOptions extends Omit<ListOptions, 'pageSize'> {
  /** Of these kinds alone; of all that are shared, when left out. */
  kinds?: readonly Kind[] | undefined;
  /** Records that are given at once, 1 to 10,000; 1,000 when left out. */
  pageSize?: number | undefined;
}

/** A line of an export. */
type Line =
  | { export: { at: string } }
  | { kind: string; data: { id: string } }
  | { end: { records: number; events: string } };

const PATH = '/v3.1/export';
const PAGE_SIZE = 1000;

/**
 * Everything that is shared, in one answer, read as it comes: `for await` gives records, `pages()` some at a time with the cursors to
 * go on from. All of it is of one picture of the roster. An answer that breaks off is gone on with; where that does not help, it
 * throws, and never just ends.
 */
export class Export implements AsyncIterable<RosterRecord> {
  readonly #transport: Transport;
  readonly #options: ExportOptions;

  constructor(transport: Transport, options: ExportOptions) {
    const { kinds } = options;
    if (kinds && !(kinds.length > 0 && kinds.every((each) => KINDS.includes(each))))
      throw new TypeError(`kinds are of ${KINDS.join(', ')}`);
    this.#transport = transport;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RosterRecord, void, void> {
    for await (const { records } of this.pages()) yield* records;
  }

  /** What has come, some at a time. Keep the `cursor` of the last that you are done with, to go on after it. */
  async *pages(): AsyncGenerator<Page<RosterRecord>, void, void> {
    const { kinds, cursor, pageSize = PAGE_SIZE, signal } = this.#options;
    const begin = cursor ?? pathOf({ kinds: kinds?.join() });
    const wanted = parameterOf(begin, 'kinds');
    let [at, last]: [string | undefined, { kind: string; id: string } | undefined] = [undefined, undefined];
    let [lines, eventsAfter]: [number, string | undefined] = [0, undefined];
    let records: RosterRecord[] = [];
    const next = () => {
      if (last) return pathOf({ kinds: wanted, at, kind: last.kind, starting_after: last.id });
      return cursor ?? (at === undefined ? begin : pathOf({ kinds: wanted, at }));
    };
    const batches = this.#transport.lines(
      () => {
        lines = 0;
        return { path: next(), signal, isOfLines: true };
      },
      () => lines > 0,
      () => eventsAfter !== undefined,
    );
    for await (const batch of batches) {
      for (const text of batch) {
        const line = lineOf(text);
        if ('kind' in line) {
          const { kind, data } = line;
          lines += 1;
          last = { kind, id: data.id };
          // A kind that was added after this client is passed over.
          if (KINDS.includes(kind as Kind)) records.push({ kind, id: data.id, data } as RosterRecord);
          if (records.length < pageSize) continue;
          yield { records, cursor: next(), eventsAfter: undefined };
          records = [];
        } else if ('export' in line) {
          ({ at } = line.export);
        } else if ('end' in line) {
          if (line.end.records !== lines) throw new HallpassError(`GET ${PATH} has left out records`);
          eventsAfter = parameterOf(line.end.events, 'starting_after') ?? '';
        }
      }
    }
    yield { records, cursor: undefined, eventsAfter };
  }
}

function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch (error) {
    throw new ConnectionError(`GET ${PATH} got no whole answer (no JSON)`, { cause: error });
  }
}

function pathOf(query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? PATH : `${PATH}?${given.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
