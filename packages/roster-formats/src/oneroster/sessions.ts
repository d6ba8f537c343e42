import type { TermSource } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import { RecordIds } from '../tables/record-ids.js';
import { readDate } from '../words/date.js';
import { checkRows, remakeRows, type RosterFile } from './passes.js';
import { present } from './present.js';
import type { SESSIONS } from './shapes.js';

type SessionColumn = (typeof SESSIONS)['read'][number];

/** Every academic session, of whatever type, is a term. */
export class Sessions {
  readonly ids = new RecordIds();

  constructor(readonly file: RosterFile<SessionColumn>) {}

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at) => {
      checkDate(row, at.startDate, 'startDate', this.file.report);
      checkDate(row, at.endDate, 'endDate', this.file.report);
      return true;
    });
  }

  records(): AsyncGenerator<TermSource> {
    return remakeRows(this.file, this.ids, (row, at) => ({
      kind: 'term',
      sourceId: row.text(at.sourcedId),
      ...present({
        name: row.text(at.title),
        startDate: readDate(row.text(at.startDate))?.date,
        endDate: readDate(row.text(at.endDate))?.date,
      }),
    }));
  }
}

/** A day that cannot be read is left out: the rest of the record is worth having. Its message does not quote it. */
export function checkDate(row: CsvRow, cell: number, column: string, report: FileReport): void {
  const text = row.text(cell);
  if (text === '') return;
  const read = readDate(text);
  const place = { line: row.line, column };
  const mend = 'Send dates as YYYY-MM-DD.';
  if (!read) report.repaired('value-malformed', 'The date cannot be read; it was left out.', mend, place);
  else if (!read.isExact) {
    report.repaired('value-malformed', 'The date is not written as YYYY-MM-DD; it was converted.', mend, place);
  }
}
