import { once } from 'node:events';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Text is sent in pieces of about this many characters: large enough to be rare, small enough to be nothing in memory. */
const CHUNK_LENGTH = 1 << 16;

export type CopyValue = string | number | null;

/** A COPY under way: rows are given one by one, and `end` waits until Postgres has them all. */
export interface CopyWriter {
  write(values: readonly CopyValue[]): Promise<void> | undefined;
  end(): Promise<void>;
  /** Breaks the COPY off, so that the session can go on. */
  abort(cause: Error): Promise<void>;
}

/** Starts `COPY <target> FROM STDIN` on the session, which can do nothing else until it has ended. */
export function startCopy(client: PoolClient, target: string): CopyWriter {
  const stream = client.query(copyFrom(`copy ${target} from stdin`));
  const finished = once(stream, 'finish');
  // Whoever writes next, or ends, meets the fault; until then it must not count as unhandled.
  finished.catch(() => undefined);
  let pending = '';
  const flush = (): Promise<void> | undefined => {
    const text = pending;
    pending = '';
    if (stream.write(text)) return undefined;
    return Promise.race([once(stream, 'drain'), finished]).then(() => undefined);
  };
  return {
    write(values) {
      for (let i = 0; i < values.length; i += 1) {
        if (i > 0) pending += '\t';
        pending += copyText(values[i] ?? null);
      }
      pending += '\n';
      return pending.length < CHUNK_LENGTH ? undefined : flush();
    },
    async end() {
      if (pending !== '') await flush();
      stream.end();
      await finished;
    },
    async abort(cause) {
      stream.destroy(cause);
      await finished.catch(() => undefined);
    },
  };
}

/** Copies rows as they come; when they cannot come to their end, the COPY is broken off. */
export async function copyRows(
  client: PoolClient,
  target: string,
  rows: Iterable<readonly CopyValue[]> | AsyncIterable<readonly CopyValue[]>,
): Promise<void> {
  const writer = startCopy(client, target);
  try {
    for await (const row of rows) {
      const full = writer.write(row);
      if (full) await full;
    }
    await writer.end();
  } catch (error) {
    await writer.abort(error as Error);
    throw error;
  }
}

/** COPY's text format: JSON and ids hold no control characters, so the backslash alone has to be escaped. */
function copyText(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return value.includes('\\') ? value.replaceAll('\\', '\\\\') : value;
}

/** An array of ids as Postgres writes it. */
export function idArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
