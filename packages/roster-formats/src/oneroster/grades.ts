import type { Grade } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import { exactGrade, readGrade, singleGrade } from '../words/grade.js';
import { listed } from './references.js';

/** The one grade that a cell of grades comes to: 'Other' when it names several, which no single-grade field can hold. */
export function gradeOf(row: CsvRow, cell: number, report: FileReport): Grade | undefined {
  const text = row.text(cell);
  if (text === '') return undefined;
  return exactGrade(text) ?? looseGrade(text, row.line, report);
}

function looseGrade(text: string, line: number, report: FileReport): Grade | undefined {
  const place = { line, column: 'grades' };
  const ranges = listed(text).flatMap((word) => {
    const range = readGrade(word);
    if (!range) {
      const message = 'A grade is none that is known; it was left out.';
      report.repaired('value-unknown', message, 'Send grades as KG, 01 to 12, PK and so on.', place);
      return [];
    }
    if (!range.isExact) {
      const read = range.low === range.high ? range.low : `${range.low} to ${range.high}`;
      const mend = 'Send grades as KG, 01 to 12, PK and so on, and format the column as text.';
      report.repaired('grade-repaired', `The grade "${word}" was read as ${read}.`, mend, place);
    }
    return [range];
  });
  return singleGrade(ranges);
}
