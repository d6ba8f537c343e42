/** Why a row cannot be read. `quote-unclosed` leaves unknown how many rows were swallowed, so it ends the file. */
export type RowFault = 'row-too-long' | 'row-wrong-width' | 'value-malformed' | 'quote-unclosed';

const latin = new TextDecoder('windows-1252');
// Everything below the space but the tab, LF and CR that a quoted cell may hold, and DEL.
// oxlint-disable-next-line no-control-regex -- removing control characters is its purpose
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * One row, as positions in the bytes it was read from. There is one such object for each scanner and it is overwritten
 * by the next row: cells become strings only when asked for, so columns nobody asks for (passwords) never do, and the
 * strings are fresh copies that keep no chunk alive.
 */
export class CsvRow {
  bytes: Buffer = Buffer.alloc(0);
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** 1 where a quoted cell holds doubled quotes. */
  doubled = new Uint8Array(64);
  /** How many cells there are. */
  width = 0;
  /** 1-based physical line at which the row begins. */
  line = 0;
  /** Line breaks inside its quoted cells. */
  breaks = 0;
  /** The line at which the quote that never closed was opened. */
  openedLine = 0;
  fault: RowFault | undefined;
  encoding: 'ascii' | 'utf-8' | 'windows-1252' = 'ascii';
  hasControls = false;

  /** The cell's text, trimmed; '' for a cell that is not there, such as column -1. */
  text(cell: number): string {
    if (cell < 0 || cell >= this.width) return '';
    const start = this.starts[cell]!;
    const end = this.ends[cell]!;
    if (start === end) return '';
    if (this.encoding === 'ascii' && !this.hasControls && this.doubled[cell] === 0) {
      return this.bytes.toString('latin1', start, end);
    }
    return this.#decoded(cell, start, end);
  }

  /** True when the cell's bytes are its text in UTF-8: nothing to undouble, convert or remove. */
  isPlain(cell: number): boolean {
    return this.encoding === 'ascii' && !this.hasControls && this.doubled[cell] === 0;
  }

  get isBlank(): boolean {
    for (let cell = 0; cell < this.width; cell++) {
      if (this.starts[cell] !== this.ends[cell]) return false;
    }
    return true;
  }

  /** True when spaces stand around the cell's text. */
  isPadded(cell: number): boolean {
    return this.bytes[this.starts[cell]! - 1] === 0x20 || this.bytes[this.ends[cell]!] === 0x20;
  }

  #decoded(cell: number, start: number, end: number): string {
    let text =
      this.encoding === 'windows-1252'
        ? latin.decode(this.bytes.subarray(start, end))
        : this.bytes.toString('utf8', start, end);
    if (this.doubled[cell] === 1) text = text.replaceAll('""', '"');
    if (this.hasControls) text = text.replace(CONTROLS, '');
    return text.trim();
  }
}
