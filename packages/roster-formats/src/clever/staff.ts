import type { StaffSource, UserSource } from '@hallpass/domain';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import { checkRows, remakeRows, reportRepeatedId, type RosterFile, type Verdict } from '../tables/passes.js';
import { ID_STATE, RecordIds } from '../tables/record-ids.js';
import { Belonging } from './belonging.js';
import { Repeats } from './repeats.js';
import type { Schools } from './schools.js';
import { STAFF } from './shapes.js';
import { userId } from './source-ids.js';
import type { Teachers } from './teachers.js';

type StaffColumn = (typeof STAFF)['read'][number];
type StaffFields = Omit<StaffSource, 'schools'>;

/**
 * Staff are users of their own, but for those whose id and e-mail are a teacher's: these are that teacher, with two roles.
 * Either alone proves nothing, as systems number teachers and staff apart and offices share addresses.
 */
export class Staff {
  readonly ids = new RecordIds();
  readonly belonging: Belonging;
  readonly #repeats = new Repeats<StaffColumn>(STAFF.read.filter((column) => column !== 'School_id'));
  /** By the number of the teacher's id. */
  readonly #teaching = new Map<number, { staff: number; fields: StaffFields }>();

  constructor(
    readonly file: RosterFile<StaffColumn>,
    schools: Schools,
    readonly teachers: Teachers,
  ) {
    this.belonging = new Belonging(this.ids, schools);
  }

  /** Wants the teachers checked, and not yet settled. */
  async check(): Promise<void> {
    const { report } = this.file;
    await checkRows(this.file, this.ids, 'Staff_id', {
      check: (row, at, id) => this.#checkRow(row, at, id),
      again: (row, at, id) => {
        if (this.#repeats.agrees(id, row, at)) this.belonging.addRow(id, row, at.School_id, report);
        else reportRepeatedId(row, 'Staff_id', this.ids.lineOf(id), report);
      },
      faulty: (id) => this.#doubt(id),
    });
  }

  /** The staff role of a teacher who is staff as well. */
  roleOf(teacher: number): StaffSource | undefined {
    const found = this.#teaching.get(teacher);
    return found && { schools: this.belonging.of(found.staff), ...found.fields };
  }

  async *records(): AsyncGenerator<UserSource> {
    const made = remakeRows(this.file, this.ids, 'Staff_id', (row, at, id): UserSource | undefined => {
      const sisId = row.text(at.Staff_id);
      const teacher = this.teachers.ids.index.findText(sisId);
      if (this.#teaching.get(teacher)?.staff === id) return undefined;
      const name = present({
        first: row.text(at.First_name),
        middle: row.text(at.Middle_name),
        last: row.text(at.Last_name),
      });
      const staff = { schools: this.belonging.of(id), ...fieldsOf(row, at) };
      const email = present({ email: row.text(at.Staff_email) });
      return { kind: 'user', sourceId: userId('staff', sisId), sisId, name, ...email, roles: { staff } };
    });
    for await (const user of made) if (user) yield user;
  }

  #checkRow(row: CsvRow, at: Positions<StaffColumn>, id: number): Verdict {
    const teacher = this.teachers.ids.index.find(row, at.Staff_id);
    if (this.teachers.ids.stateOf(teacher) === ID_STATE.skipped) {
      const message = 'The teacher of this id cannot be read, so whether it is the same person is not known.';
      const mend = 'Mend the row of teachers.csv.';
      this.file.report.skipped('reference-unknown', message, mend, { line: row.line, column: 'Staff_id' });
      return 'skipped';
    }
    this.#repeats.note(id, row, at);
    this.belonging.addRow(id, row, at.School_id, this.file.report);
    if (this.teachers.ids.isRead(teacher) && this.teachers.hasEmail(teacher, row.text(at.Staff_email))) {
      this.#teaching.set(teacher, { staff: id, fields: fieldsOf(row, at) });
    }
    return 'read';
  }

  /** The row may have been a teacher's second role. */
  #doubt(id: number): void {
    if (id < 0) return;
    this.ids.markDoubtful(id);
    this.teachers.ids.markDoubtful(this.teachers.ids.index.findText(this.ids.index.idAt(id)));
  }
}

function fieldsOf(row: CsvRow, at: Positions<StaffColumn>): StaffFields {
  return {
    staffId: row.text(at.Staff_id),
    ...present({
      title: row.text(at.Title),
      department: row.text(at.Department),
      username: row.text(at.Username),
    }),
  };
}
