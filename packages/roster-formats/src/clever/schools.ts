import type { SchoolSource } from '@hallpass/domain';
import { gradeOf } from '../cells/grades.js';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import { checkRows, remakeRows, type RosterFile } from '../tables/passes.js';
import { RecordIds } from '../tables/record-ids.js';
import { reportUnknown } from '../tables/references.js';
import type { SCHOOLS } from './shapes.js';

type SchoolColumn = (typeof SCHOOLS)['read'][number];

export class Schools {
  readonly ids = new RecordIds();

  constructor(readonly file: RosterFile<SchoolColumn>) {}

  async check(): Promise<void> {
    const { report } = this.file;
    await checkRows(this.file, this.ids, 'School_id', {
      check: (row, at) => {
        gradeOf(row, at.Low_grade, 'Low_grade', report);
        gradeOf(row, at.High_grade, 'High_grade', report);
        if (row.text(at.School_name) !== '') return 'read';
        const place = { line: row.line, column: 'School_name' };
        report.skipped('value-missing', 'The school has no name.', 'Give it one.', place);
        return 'skipped';
      },
    });
  }

  /** The number of the school in a cell; undefined, and reported, when the cell names none that is there. */
  named(row: CsvRow, cell: number, report: FileReport): number | undefined {
    const school = this.ids.index.find(row, cell);
    if (this.ids.isReferable(school)) return school;
    const place = { line: row.line, column: 'School_id' };
    const name = row.text(cell);
    if (name === '') {
      report.repaired('value-missing', 'The row names no school.', 'Name one of schools.csv.', place);
    } else if (this.file.isWhole) reportUnknown(report, name, place);
    return undefined;
  }

  records(muted: FileReport): AsyncGenerator<SchoolSource> {
    return remakeRows(this.file, this.ids, 'School_id', (row, at): SchoolSource => {
      const principal = present({ name: row.text(at.Principal), email: row.text(at.Principal_email) });
      const location = present({
        address: row.text(at.School_address),
        city: row.text(at.School_city),
        state: row.text(at.School_state),
        zip: row.text(at.School_zip),
      });
      return {
        kind: 'school',
        sourceId: row.text(at.School_id),
        name: row.text(at.School_name),
        ...present({
          schoolNumber: row.text(at.School_number),
          stateId: row.text(at.State_id),
          ncesId: row.text(at.Nces_id),
          mdrNumber: row.text(at.Mdr_number),
          lowGrade: gradeOf(row, at.Low_grade, 'Low_grade', muted),
          highGrade: gradeOf(row, at.High_grade, 'High_grade', muted),
          phone: row.text(at.School_phone),
        }),
        ...(Object.keys(principal).length > 0 && { principal }),
        ...(Object.keys(location).length > 0 && { location }),
      };
    });
  }
}
