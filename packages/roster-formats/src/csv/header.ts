import type { CsvRow } from './csv-row.js';
import type { FileReport } from './file-report.js';

/** What a file of some format looks like. `read` names the columns we use, `required` those without which none can. */
export interface TableShape<Column extends string> {
  file: string;
  read: readonly Column[];
  required: readonly Column[];
  /** Columns the format has and we do not use; anything beyond them is reported. */
  ignored: readonly string[];
  /** True when the format leaves its optional columns out, and its names' case and separators open, without a word. */
  isLoose?: boolean;
}

/** Where each column that is read stands; -1 when the file lacks it. */
export type Positions<Column extends string> = Readonly<Record<Column, number>>;

/** The positions of the columns, or undefined when the header is refused. */
export function readHeader<Column extends string>(
  row: CsvRow,
  shape: TableShape<Column>,
  report: FileReport,
): Positions<Column> | undefined {
  const proper = new Map([...shape.read, ...shape.ignored].map((name) => [folded(name), name]));
  const cells = Array.from({ length: row.width }, (_, cell) => row.text(cell));
  const names = cells.map((cell) => proper.get(folded(cell)));
  const missing = shape.read.filter((column) => !names.includes(column));
  const lacking = shape.required.filter((column) => missing.includes(column));
  // Nothing of such a header is quoted: when the header is missing, its cells are somebody's data.
  if (lacking.length > 0) {
    for (const column of lacking) refuseMissing(row, cells, column, report);
    return undefined;
  }
  if (!shape.isLoose) for (const column of missing) reportBlank(row, column, report);
  reportSpelling(row, cells, names, shape.isLoose === true, report);
  const repeated = reportRepeated(row, names, shape.read, report);
  if (repeated) return undefined;
  return Object.fromEntries(shape.read.map((column) => [column, names.indexOf(column)])) as Record<
    Column,
    number
  >;
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function refuseMissing(row: CsvRow, cells: readonly string[], column: string, report: FileReport): void {
  const isOtherwiseCut = cells.length === 1 && /[;\t|]/.test(cells[0]!);
  report.refused(
    'header-missing-column',
    `The first row does not name the required column ${column}.`,
    isOtherwiseCut
      ? 'Separate the columns with commas.'
      : `Add the column ${column}, and make the first row the column names.`,
    { line: row.line, column },
  );
}

function reportBlank(row: CsvRow, column: string, report: FileReport): void {
  report.repaired(
    'header-missing-column',
    `The column ${column} is missing; it was read as blank in every row.`,
    `Add the column ${column}.`,
    { line: row.line, column },
  );
}

function reportSpelling(
  row: CsvRow,
  cells: readonly string[],
  names: readonly (string | undefined)[],
  isLoose: boolean,
  report: FileReport,
): void {
  cells.forEach((cell, at) => {
    const place = { line: row.line, column: cell };
    const name = names[at];
    if (name === undefined) {
      if (/^(metadata|ext)\./i.test(cell)) return;
      const mend = 'Leave the column out, or spell it as the format does.';
      report.repaired(
        'header-unknown-column',
        'The column is not of this format; it was ignored.',
        mend,
        place,
      );
    } else if (!isLoose && (name !== cell || row.isPadded(at))) {
      const message = `The column was read as ${name}.`;
      report.repaired(
        'header-misspelled-column',
        message,
        `Spell it ${name}, without spaces around it.`,
        place,
      );
    }
  });
}

/** True when a column that is read stands there twice: which of them holds is not ours to guess. */
function reportRepeated(
  row: CsvRow,
  names: readonly (string | undefined)[],
  read: readonly string[],
  report: FileReport,
): boolean {
  let isAmbiguous = false;
  names.forEach((name, at) => {
    if (name === undefined || names.indexOf(name) === at) return;
    const place = { line: row.line, column: name };
    const mend = `Send the column ${name} once.`;
    if (read.includes(name)) {
      isAmbiguous = true;
      report.refused(
        'header-repeated-column',
        `The column ${name} stands there more than once.`,
        mend,
        place,
      );
    } else {
      report.repaired(
        'header-repeated-column',
        `The column ${name} is repeated; it is not used.`,
        mend,
        place,
      );
    }
  });
  return isAmbiguous;
}
