import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import * as passes from '../tables/passes.js';
import type { RecordIds } from '../tables/record-ids.js';

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
