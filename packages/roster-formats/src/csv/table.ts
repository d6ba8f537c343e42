import type { CsvRow } from './csv-row.js';
import type { FileReport } from './file-report.js';
import { readHeader, type Positions, type TableShape } from './header.js';
import { CELL_BYTES_MAX, RowScanner } from './row-scanner.js';
import { utf8Chunks } from './utf8-chunks.js';

/** The rows that one chunk of the file completed. Consume them before asking for the next batch. */
export interface TableBatch<Column extends string> {
  at: Positions<Column>;
  /** Always the same object, overwritten by the next row. A row with a `fault` is already reported. */
  rows: Iterable<CsvRow>;
}

/**
 * Streams a CSV file as rows under known columns, reporting every fault of file, header and row. It never throws for
 * what the file holds or for a file that cannot be read: the report then has a problem of class `refused`.
 */
export async function* readTable<Column extends string>(
  chunks: AsyncIterable<Buffer>,
  shape: TableShape<Column>,
  report: FileReport,
): AsyncGenerator<TableBatch<Column>> {
  const table = new TableReader(shape, report);
  try {
    for await (const chunk of utf8Chunks(chunks, (encoding) => reportEncoding(report, encoding))) {
      table.scanner.push(chunk);
      if (!table.open()) continue;
      if (table.at) yield { at: table.at, rows: table.rows() };
      if (table.isOver) return;
    }
    table.scanner.end();
    if (table.open() && table.at) yield { at: table.at, rows: table.rows() };
    table.close();
  } catch (error) {
    reportUnreadable(report, error);
  }
}

class TableReader<Column extends string> {
  readonly scanner = new RowScanner();
  at: Positions<Column> | undefined;
  isOver = false;
  #width = 0;
  #isConverted = false;

  constructor(
    readonly shape: TableShape<Column>,
    readonly report: FileReport,
  ) {}

  /** Reads the header, if it is there by now; false while it is not. */
  open(): boolean {
    if (this.at || this.isOver) return true;
    const { row } = this.scanner;
    while (this.scanner.next()) {
      if (row.isBlank) continue;
      this.#width = row.width;
      this.#checkCharacters(row);
      this.#checkQuotes(row);
      if (!this.isOver) this.at = readHeader(row, this.shape, this.report);
      this.isOver ||= this.at === undefined;
      return true;
    }
    return false;
  }

  *rows(): Generator<CsvRow> {
    const { row } = this.scanner;
    while (!this.isOver && this.scanner.next()) {
      if (row.isBlank && row.fault === undefined) continue;
      this.#checkCharacters(row);
      this.#checkWidth(row);
      this.#checkQuotes(row);
      if (this.isOver) return;
      if (row.fault !== undefined) this.#reportFault(row);
      yield row;
    }
  }

  close(): void {
    if (!this.at && !this.isOver) {
      const mend = 'Send the file with its column names, even when it has no rows.';
      this.report.refused('file-empty', 'The file is empty.', mend);
    }
    const { cr, crlf, lf } = this.scanner.lineEnds;
    const isMixed = [cr, crlf, lf].filter((count) => count > 0).length > 1;
    if (cr === 0 && !isMixed) return;
    const found = isMixed ? 'a mixture of line ends' : 'line ends of CR alone';
    this.report.repaired('line-ends-converted', `The file has ${found}.`, 'End every line with LF or CRLF.', {
      line: 1,
    });
  }

  /** Cells beyond the header that are all blank, as spreadsheets leave them, lose nothing. */
  #checkWidth(row: CsvRow): void {
    if (row.fault !== undefined || row.width === this.#width) return;
    for (let cell = this.#width; cell < row.width; cell++) {
      if (row.starts[cell] !== row.ends[cell]) row.fault = 'row-wrong-width';
    }
    if (row.width < this.#width) row.fault = 'row-wrong-width';
    if (row.fault === undefined) {
      const message = `The row has ${row.width} cells under ${this.#width} columns; the blank rest was ignored.`;
      const mend = 'Leave no commas after the last column.';
      this.report.repaired('row-wrong-width', message, mend, { line: row.line });
    } else if (row.breaks > 0) {
      // A stray quote joined lines into this row. Which records they held cannot be known.
      row.fault = 'quote-unclosed';
      row.openedLine = row.line;
    }
  }

  #checkQuotes(row: CsvRow): void {
    if (row.fault !== 'quote-unclosed') return;
    this.isOver = true;
    const message = `A quote opened in line ${row.openedLine} is not closed; the rows after it cannot be told apart.`;
    const mend = 'Close the quote, or double it where it is part of the value.';
    this.report.refused('quote-unclosed', message, mend, { line: row.openedLine });
  }

  #checkCharacters(row: CsvRow): void {
    if (row.encoding === 'windows-1252' && !this.#isConverted) {
      this.#isConverted = true;
      const message =
        'From this line on there are characters that are not UTF-8; they were read as Windows-1252.';
      this.report.repaired('encoding-converted', message, 'Save the file as UTF-8.', { line: row.line });
    }
    if (!row.hasControls) return;
    const message = 'The row holds control characters; they were removed.';
    this.report.repaired('control-characters-removed', message, 'Remove them.', { line: row.line });
  }

  #reportFault(row: CsvRow): void {
    const place = { line: row.line };
    if (row.fault === 'row-wrong-width') {
      const message = `The row has ${row.width} cells, the header ${this.#width}.`;
      const mend = 'Quote values that hold commas, and send a cell for every column.';
      this.report.skipped('row-wrong-width', message, mend, place);
    } else if (row.fault === 'row-too-long') {
      const message = `The row holds a value of more than ${CELL_BYTES_MAX} bytes.`;
      this.report.skipped('row-too-long', message, 'Shorten the value.', place);
    } else {
      const mend = 'Double the quotes that are part of the value.';
      this.report.skipped('value-malformed', 'Text follows a closing quote.', mend, place);
    }
  }
}

function reportEncoding(report: FileReport, encoding: string): void {
  const message = `The file is ${encoding}; it was read as such.`;
  report.repaired('encoding-converted', message, 'Save the file as UTF-8 without a byte order mark.', {
    line: 1,
  });
}

/** Names the system's code only: the system's sentence holds paths. */
export function reportUnreadable(report: FileReport, error: unknown): void {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  report.refused('file-unreadable', `The file could not be read to its end${code}.`, 'Send the file again.');
}
