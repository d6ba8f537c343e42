import { isUtf8 } from 'node:buffer';
import { CsvRow, type RowFault } from './csv-row.js';

/** No roster has a longer value; a longer one is a broken file, and must not be gathered in memory. */
export const CELL_BYTES_MAX = 100_000;
/** A row that has not ended by then is given up. */
export const ROW_BYTES_MAX = 1 << 20;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Cuts pushed chunks of CSV (RFC 4180, any line ends) into rows. Ours, because no library gives the physical line of a
 * row, reads CR-only files and survives broken quotes at the speed an import needs: the README has the comparison.
 * A row that spans chunks is scanned again from its start, which costs little as rows are short.
 */
export class RowScanner {
  readonly row = new CsvRow();
  readonly lineEnds = { crlf: 0, lf: 0, cr: 0 };
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #line = 1;
  #isEnded = false;
  #isDiscarding = false;

  push(chunk: Buffer): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** No more chunks will come: what is left is the last row. */
  end(): void {
    this.#isEnded = true;
  }

  /** Reads the next row into `row`; false when it needs another chunk or there is none. */
  next(): boolean {
    if (this.#isDiscarding && !this.#discardLine()) return false;
    const { row } = this;
    const bytes = this.#bytes;
    const end = bytes.length;
    const from = this.#at;
    let at = from;
    if (at >= end) return false;

    let cell = 0;
    let breaks = 0;
    let isHigh = false;
    let hasControls = false;
    let fault: RowFault | undefined;
    let openedLine = 0;
    let isStarved = false;

    for (;;) {
      while (at < end && bytes[at] === SPACE) at++;
      let start = at;
      let stop = -1;
      let doubled = 0;
      if (at < end && bytes[at] === QUOTE) {
        const breaksBefore = breaks;
        start = ++at;
        for (; at < end; at++) {
          const byte = bytes[at]!;
          if (byte > COMMA && byte < 0x7f) continue;
          if (byte === QUOTE) {
            if (bytes[at + 1] !== QUOTE) break;
            doubled = 1;
            at++;
          } else if (byte === LF) breaks++;
          else if (byte === CR) {
            if (bytes[at + 1] !== LF) breaks++;
          } else if (byte >= 0x80) isHigh = true;
          else if ((byte < SPACE && byte !== 0x09) || byte === 0x7f) hasControls = true;
        }
        const isWhole = at < end && (at + 1 < end || this.#isEnded);
        if (isWhole) {
          stop = at++;
          while (at < end && bytes[at] === SPACE) at++;
          const after = bytes[at];
          if (at < end && after !== COMMA && after !== LF && after !== CR) {
            fault ??= breaks > breaksBefore ? 'quote-unclosed' : 'value-malformed';
          }
        } else if (this.#isEnded) fault = 'quote-unclosed';
        else isStarved = true;
        if (breaks > breaksBefore && at - start > CELL_BYTES_MAX) fault = 'quote-unclosed';
        if (fault === 'quote-unclosed') {
          openedLine = this.#line + breaksBefore;
          isStarved = false;
          break;
        }
        if (isStarved) break;
      }
      // An unquoted cell, or what wrongly follows a closing quote.
      for (; at < end; at++) {
        const byte = bytes[at]!;
        if (byte > COMMA && byte < 0x7f) continue;
        if (byte === COMMA || byte === LF || byte === CR) break;
        if (byte >= 0x80) isHigh = true;
        else if ((byte < SPACE && byte !== 0x09) || byte === 0x7f) hasControls = true;
      }
      if (!this.#isEnded && (at >= end || (bytes[at] === CR && at + 1 >= end))) {
        isStarved = true;
        break;
      }
      if (stop === -1 || fault === 'value-malformed') stop = at;
      while (stop > start && bytes[stop - 1] === SPACE) stop--;
      while (start < stop && bytes[start] === SPACE) start++;
      if (stop - start > CELL_BYTES_MAX) fault ??= 'row-too-long';
      if (cell === row.starts.length) widen(row);
      row.starts[cell] = start;
      row.ends[cell] = stop;
      row.doubled[cell] = doubled;
      cell++;
      if (at >= end || bytes[at] !== COMMA) break;
      at++;
    }

    if (isStarved) {
      if (end - from <= ROW_BYTES_MAX) return false;
      fault = 'row-too-long';
      this.#isDiscarding = true;
      at = end;
    }
    row.bytes = bytes;
    row.width = cell;
    row.line = this.#line;
    row.breaks = breaks;
    row.openedLine = openedLine;
    row.fault = fault;
    row.hasControls = hasControls;
    row.encoding = isHigh ? (isUtf8(bytes.subarray(from, at)) ? 'utf-8' : 'windows-1252') : 'ascii';
    this.#line += breaks;
    this.#at = at;
    if (!isStarved) this.#passLineEnd();
    return true;
  }

  #passLineEnd(): void {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return;
    const isPair = byte === CR && this.#bytes[this.#at + 1] === LF;
    this.lineEnds[isPair ? 'crlf' : byte === CR ? 'cr' : 'lf']++;
    this.#at += isPair ? 2 : 1;
    this.#line++;
  }

  /** Passes over the rest of a row that was given up; false when its end has not come yet. */
  #discardLine(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
    this.#at = at;
    if (at >= bytes.length || (bytes[at] === CR && at + 1 >= bytes.length && !this.#isEnded)) return false;
    this.#isDiscarding = false;
    this.#passLineEnd();
    return true;
  }
}

function widen(row: CsvRow): void {
  const longer = <T extends Int32Array | Uint8Array>(array: T, twice: T): T => {
    twice.set(array);
    return twice;
  };
  const length = row.starts.length * 2;
  row.starts = longer(row.starts, new Int32Array(length));
  row.ends = longer(row.ends, new Int32Array(length));
  row.doubled = longer(row.doubled, new Uint8Array(length));
}
