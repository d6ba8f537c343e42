import { ProblemList } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import { FileReport } from '../csv/file-report.js';
import type { Positions, TableShape } from '../csv/header.js';
import { readTable, type TableBatch } from '../csv/table.js';
import { findFile, type RosterSource } from '../source/roster-source.js';
import { ID_STATE, type RecordIds } from './record-ids.js';

/** A file of the roster, which is read twice: to check it, and to yield what it holds. */
export class RosterFile<Column extends string> {
  readonly report: FileReport;
  readonly #file: string | undefined;

  constructor(
    readonly source: RosterSource,
    readonly shape: TableShape<Column>,
    readonly problems: ProblemList,
  ) {
    this.#file = findFile(source, shape.file);
    this.report = new FileReport(problems, this.#file ?? shape.file);
  }

  /** True when the file is there and nothing so far refuses it: what it does not have is not anywhere. */
  get isWhole(): boolean {
    return this.#file !== undefined && !this.report.isRefused;
  }

  /** Nothing at all when there is no such file. */
  async *batches(report = this.report): AsyncGenerator<TableBatch<Column>> {
    if (this.#file !== undefined) yield* readTable(this.source.open(this.#file), this.shape, report);
  }
}

/** What a row comes to. `gone`: it says that its record is to be deleted. */
export type Verdict = 'read' | 'skipped' | 'gone';

/** How a format reads the rows of one file. */
export interface RowChecks<Column extends string> {
  check(row: CsvRow, at: Positions<Column>, id: number): Verdict;
  /** A further row of a record that was read; without this it is reported and passed over. */
  again?(row: CsvRow, at: Positions<Column>, id: number): void;
  /** A row with a fault, and the record it seems to be of, which is marked as skipped besides. */
  faulty?(id: number): void;
}

/** The first pass: reports what is wrong with each row, and writes down in `ids` what became of each record. */
export async function checkRows<Column extends string, Id extends Column>(
  file: RosterFile<Column>,
  ids: RecordIds,
  idColumn: Id,
  checks: RowChecks<Column>,
): Promise<void> {
  for await (const { at, rows } of file.batches()) {
    for (const row of rows) {
      const id = ids.index.intern(row, at[idColumn]);
      if (row.fault !== undefined) {
        ids.markSkipped(id);
        checks.faulty?.(id);
      } else if (id < 0) reportBlankId(row, idColumn, file.report);
      else if (!ids.isRead(id)) mark(ids, id, row.line, checks.check(row, at, id));
      else if (checks.again) checks.again(row, at, id);
      else reportRepeatedId(row, idColumn, ids.lineOf(id), file.report);
    }
  }
}

function mark(ids: RecordIds, id: number, line: number, verdict: Verdict): void {
  if (verdict === 'read') ids.markRead(id, line);
  else if (verdict === 'gone') ids.markGone(id);
  else ids.markSkipped(id);
}

/**
 * The second pass: makes a record of each row that the first pass found good. Faults are not reported again, but for a
 * file that can no longer be read or is no longer the same.
 */
export async function* remakeRows<Column extends string, Id extends Column, Made>(
  file: RosterFile<Column>,
  ids: RecordIds,
  idColumn: Id,
  make: (row: CsvRow, at: Positions<Column>, id: number) => Made,
): AsyncGenerator<Made> {
  const again = new ProblemList();
  const expected = ids.countRead();
  let count = 0;
  for await (const { at, rows } of file.batches(new FileReport(again, file.report.file))) {
    const made: Made[] = [];
    for (const row of rows) {
      if (row.fault !== undefined) continue;
      const id = ids.index.find(row, at[idColumn]);
      if (ids.stateOf(id) === ID_STATE.read && ids.lineOf(id) === row.line) made.push(make(row, at, id));
    }
    count += made.length;
    yield* made;
  }
  if (count === expected && !again.isRefused) return;
  const message = 'The file changed, or could no longer be read, while it was being imported.';
  file.report.refused('file-unreadable', message, 'Send the files whole and import again.');
}

function reportBlankId(row: CsvRow, column: string, report: FileReport): void {
  const mend = 'Give the row the id that the record always has.';
  report.skipped('id-blank', 'The row has no id.', mend, { line: row.line, column });
}

/** The first row of a record stands; this one says so of a later one. */
export function reportRepeatedId(row: CsvRow, column: string, firstLine: number, report: FileReport): void {
  const message = `The id stands in line ${firstLine} already; that row was read and this one was not.`;
  const mend = 'Give each record one row and an id of its own.';
  report.skipped('id-repeated', message, mend, { line: row.line, column });
}
