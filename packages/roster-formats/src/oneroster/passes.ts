import { ProblemList } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import { FileReport } from '../csv/file-report.js';
import type { Positions, TableShape } from '../csv/header.js';
import { readTable, type TableBatch } from '../csv/table.js';
import { findFile, type RosterSource } from '../source/roster-source.js';
import { ID_STATE, type RecordIds } from '../tables/record-ids.js';

/** The columns that every file of records has. */
type RecordColumn = 'sourcedId' | 'status';

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

  /** Nothing at all when there is no such file. */
  async *batches(report = this.report): AsyncGenerator<TableBatch<Column>> {
    if (this.#file !== undefined) yield* readTable(this.source.open(this.#file), this.shape, report);
  }
}

/** False when the row's record cannot be read. */
export type CheckRow<Column extends string> = (row: CsvRow, at: Positions<Column>, id: number) => boolean;

/** The first pass: reports what is wrong with each row, and writes down in `ids` what became of each record. */
export async function checkRows<Column extends string>(
  file: RosterFile<Column | RecordColumn>,
  ids: RecordIds,
  check: CheckRow<Column | RecordColumn>,
): Promise<void> {
  for await (const { at, rows } of file.batches()) {
    for (const row of rows) {
      if (row.fault !== undefined) ids.skipRow(row, at.sourcedId);
      else checkRow(row, at, file.report, ids, check);
    }
  }
}

function checkRow<Column extends string>(
  row: CsvRow,
  at: Positions<Column | RecordColumn>,
  report: FileReport,
  ids: RecordIds,
  check: CheckRow<Column | RecordColumn>,
): void {
  const id = ids.index.intern(row, at.sourcedId);
  if (id < 0) return reportBlankId(row, report);
  if (ids.isRead(id)) return reportRepeatedId(row, ids.lineOf(id), report);
  const status = readStatus(row, at.status, report);
  if (status === 'absent') ids.markGone(id);
  else if (status === 'present' && check(row, at, id)) ids.markRead(id, row.line);
  else ids.markSkipped(id);
}

/**
 * The second pass: makes a record of each row that the first pass found good. Faults are not reported again, but for a
 * file that can no longer be read or is no longer the same.
 */
export async function* remakeRows<Column extends string, Made>(
  file: RosterFile<Column | RecordColumn>,
  ids: RecordIds,
  make: (row: CsvRow, at: Positions<Column | RecordColumn>, id: number) => Made,
): AsyncGenerator<Made> {
  const again = new ProblemList();
  const expected = ids.countRead();
  let count = 0;
  for await (const { at, rows } of file.batches(new FileReport(again, file.report.file))) {
    const made: Made[] = [];
    for (const row of rows) {
      if (row.fault !== undefined) continue;
      const id = ids.index.find(row, at.sourcedId);
      if (ids.stateOf(id) === ID_STATE.read && ids.lineOf(id) === row.line) made.push(make(row, at, id));
    }
    count += made.length;
    yield* made;
  }
  if (count === expected && !again.isRefused) return;
  const message = 'The file changed, or could no longer be read, while it was being imported.';
  file.report.refused('file-unreadable', message, 'Send the files whole and import again.');
}

/** What a status says; undefined, and reported, when it says nothing known. */
export function readStatus(row: CsvRow, cell: number, report: FileReport): 'present' | 'absent' | undefined {
  const status = row.text(cell);
  if (status === '' || status === 'active') return 'present';
  switch (status.toLowerCase()) {
    case 'active':
      return 'present';
    case 'tobedeleted':
      return 'absent';
    case 'inactive': {
      const message = 'The status "inactive" is of OneRoster 1.0; the row was taken as to be deleted.';
      const mend = 'Leave out rows that are no longer active, or send "tobedeleted".';
      report.repaired('status-unknown', message, mend, { line: row.line, column: 'status' });
      return 'absent';
    }
    default: {
      const mend = 'Send "active", "tobedeleted" or nothing.';
      report.skipped('status-unknown', 'The status is none of OneRoster 1.1.', mend, {
        line: row.line,
        column: 'status',
      });
      return undefined;
    }
  }
}

function reportBlankId(row: CsvRow, report: FileReport): void {
  const mend = 'Give the row the id that the record always has.';
  report.skipped('id-blank', 'The row has no id.', mend, { line: row.line, column: 'sourcedId' });
}

function reportRepeatedId(row: CsvRow, firstLine: number, report: FileReport): void {
  const message = `The id stands in line ${firstLine} already; that row was read and this one was not.`;
  const mend = 'Give each record one row and an id of its own.';
  report.skipped('id-repeated', message, mend, { line: row.line, column: 'sourcedId' });
}
