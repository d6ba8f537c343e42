import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import { readDate, readMonthFirst } from '../words/date.js';

/** The day in a cell. One that cannot be read is left out: the rest of the record is worth having. */
export function dayOf(row: CsvRow, cell: number, column: string, report: FileReport): string | undefined {
  const text = row.text(cell);
  if (text === '') return undefined;
  const read = readDate(text);
  if (read?.isExact) return read.date;
  const message = read
    ? 'The date is not written as YYYY-MM-DD; it was converted.'
    : 'The date cannot be read; it was left out.';
  report.repaired('value-malformed', message, 'Send dates as YYYY-MM-DD.', { line: row.line, column });
  return read?.date;
}

/** The same where the format writes MM/DD/YYYY. */
export function monthFirstDayOf(
  row: CsvRow,
  cell: number,
  column: string,
  report: FileReport,
): string | undefined {
  return readMonthFirst(row.text(cell)) ?? dayOf(row, cell, column, report);
}
