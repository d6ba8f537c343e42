import type { SourceId, UserSource } from '@hallpass/domain';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import { checkRows, remakeRows, reportRepeatedId, type RosterFile } from '../tables/passes.js';
import { RecordIds } from '../tables/record-ids.js';
import { Belonging } from './belonging.js';
import type { ContactRows } from './contact-rows.js';
import { Repeats } from './repeats.js';
import type { Schools } from './schools.js';
import { STUDENTS } from './shapes.js';
import { userId } from './source-ids.js';
import { studentFields, type StudentColumn } from './student-fields.js';

/** A student with several contacts has a row for each; the first says who the student is. */
export class Students {
  readonly ids = new RecordIds();
  readonly #belonging: Belonging;
  readonly #repeats = new Repeats<StudentColumn>(
    STUDENTS.read.filter((column) => !column.startsWith('Contact_')),
  );
  readonly #faulty = new Set<number>();

  constructor(
    readonly file: RosterFile<StudentColumn>,
    schools: Schools,
  ) {
    this.#belonging = new Belonging(this.ids, schools);
  }

  async check(contacts: ContactRows): Promise<void> {
    const { report } = this.file;
    await checkRows(this.file, this.ids, 'Student_id', {
      check: (row, at, id) => {
        this.#repeats.note(id, row, at);
        this.#belonging.addRow(id, row, at.School_id, report);
        studentFields(row, at, report);
        contacts.add(id, row, at, report);
        return 'read';
      },
      again: (row, at, id) => this.#checkAgain(row, at, id, contacts),
      faulty: (id) => {
        if (id >= 0) this.#faulty.add(id);
      },
    });
    // A good row may have come after: the contact of the other one is lost all the same.
    for (const id of this.#faulty) this.ids.markDoubtful(id);
  }

  records(
    schoolsOf: (student: number) => readonly SourceId[],
    muted: FileReport,
  ): AsyncGenerator<UserSource> {
    return remakeRows(this.file, this.ids, 'Student_id', (row, at, id): UserSource => {
      const sisId = row.text(at.Student_id);
      const name = present({
        first: row.text(at.First_name),
        middle: row.text(at.Middle_name),
        last: row.text(at.Last_name),
      });
      const schools = [...new Set([...this.#belonging.of(id), ...schoolsOf(id)])];
      return {
        kind: 'user',
        sourceId: userId('student', sisId),
        sisId,
        name,
        ...present({ email: row.text(at.Student_email) }),
        roles: { student: { schools, ...studentFields(row, at, muted) } },
      };
    });
  }

  #checkAgain(row: CsvRow, at: Positions<StudentColumn>, id: number, contacts: ContactRows): void {
    const { report } = this.file;
    const firstLine = this.ids.lineOf(id);
    if (!contacts.add(id, row, at, report)) return reportRepeatedId(row, 'Student_id', firstLine, report);
    if (this.#repeats.agrees(id, row, at)) return;
    const message = `Line ${firstLine} says something else of this student; it was believed, and of this row the contact alone was read.`;
    const mend =
      'Repeat the student’s own values in the row of each contact, or give each student an id of its own.';
    report.repaired('id-repeated', message, mend, { line: row.line, column: 'Student_id' });
  }
}
