import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import * as passes from '../tables/passes.js';
import type { IdIndex } from '../tables/id-index.js';
import { ID_STATE, type RecordIds } from '../tables/record-ids.js';
import { reportUnknown } from '../tables/references.js';

/** The columns that every file of records has. */
type RecordColumn = 'sourcedId' | 'status';

/** False when the row's record cannot be read. */
type CheckRow<Column extends string> = (row: CsvRow, at: Positions<Column>, id: number) => boolean;

/** The first pass over a file whose rows have a status: what is to be deleted is not checked. */
export async function checkRows<Column extends string>(
  file: passes.RosterFile<Column | RecordColumn>,
  ids: RecordIds,
  check: CheckRow<Column | RecordColumn>,
): Promise<void> {
  await passes.checkRows(file, ids, 'sourcedId', {
    check: (row, at, id) => {
      const status = readStatus(row, at.status, file.report);
      if (status === 'absent') return 'gone';
      return status === 'present' && check(row, at, id) ? 'read' : 'skipped';
    },
  });
}

/** The second pass: a record of each row that the first pass found good. */
export function remakeRows<Column extends string, Made>(
  file: passes.RosterFile<Column | RecordColumn>,
  ids: RecordIds,
  make: (row: CsvRow, at: Positions<Column | RecordColumn>, id: number) => Made,
): AsyncGenerator<Made> {
  return passes.remakeRows(file, ids, 'sourcedId', make);
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

/** Nothing rests on the id that a row of a pair has for itself, so such a row is read all the same. */
export function reportOwnId(row: CsvRow, cell: number, seen: IdIndex, report: FileReport): void {
  const known = seen.size;
  const id = seen.intern(row, cell);
  if (id === known) return;
  const place = { line: row.line, column: 'sourcedId' };
  const mend = 'Give each row an id of its own.';
  if (id < 0) report.repaired('id-blank', 'The row has no id; it was read.', mend, place);
  else report.repaired('id-repeated', 'The id stands there already; both rows were read.', mend, place);
}

/** Whether a row's reference leads to a record that is there; reported if not, unless that one is to be deleted. */
export function checkReference(
  ids: RecordIds,
  id: number,
  row: CsvRow,
  cell: number,
  column: string,
  report: FileReport,
): boolean {
  if (ids.isReferable(id)) return true;
  if (ids.stateOf(id) !== ID_STATE.gone) reportUnknown(report, row.text(cell), { line: row.line, column });
  return false;
}
