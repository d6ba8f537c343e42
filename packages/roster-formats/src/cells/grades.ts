import type { Grade } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport, Place } from '../csv/file-report.js';
import { exactGrade, isDateLike, readGrade, singleGrade, type GradeRange } from '../words/grade.js';
import { listed } from '../tables/references.js';

/** The one grade that a cell of grades comes to: 'Other' when it names several, which no single-grade field can hold. */
export function gradeOf(row: CsvRow, cell: number, column: string, report: FileReport): Grade | undefined {
  const text = row.text(cell);
  if (text === '') return undefined;
  return exactGrade(text) ?? looseGrade(text, { line: row.line, column }, report);
}

function looseGrade(text: string, place: Place, report: FileReport): Grade | undefined {
  const ranges = listed(text).flatMap((word) => {
    const range = readGrade(word);
    if (!range) {
      const message = 'A grade is none that is known; it was left out.';
      report.repaired('value-unknown', message, 'Send grades as KG, 01 to 12, PK and so on.', place);
      return [];
    }
    if (!range.isExact) {
      report.repaired('grade-repaired', readAs(word, range), mendOf(word, range), place);
    }
    return [range];
  });
  return singleGrade(ranges);
}

function readAs(word: string, { low, high }: GradeRange): string {
  if (low === high) return `The grade "${word}" was read as ${low}.`;
  return `The grade "${word}" was read as ${low} to ${high}, which is no single grade; it is stored as Other.`;
}

function mendOf(word: string, { low }: GradeRange): string {
  if (isDateLike(word)) {
    return 'Format the column as text before saving, so that no spreadsheet takes a range of grades for a date.';
  }
  if (low === 'Other') return 'Send Other, or nothing, for what has no grade of its own.';
  return 'Send one grade as KG, 01 to 12, PK and so on, and format the column as text.';
}
