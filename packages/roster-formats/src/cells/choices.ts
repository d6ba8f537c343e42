import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';

/** What the word in a cell means. One that means nothing known is left out, and reported with the words there are. */
export function choiceOf<Value>(
  row: CsvRow,
  cell: number,
  column: string,
  { read, words }: { read: (text: string) => Value | undefined; words: string },
  report: FileReport,
): Value | undefined {
  const text = row.text(cell);
  if (text === '') return undefined;
  const value = read(text);
  if (value === undefined) {
    const place = { line: row.line, column };
    report.repaired('value-unknown', 'The value is none that is known; it was left out.', words, place);
  }
  return value;
}
