import type { PersonName, TeacherSource } from '@hallpass/domain';
import { present } from '../cells/present.js';
import { IntColumn } from '../tables/columns.js';
import { IdIndex } from '../tables/id-index.js';
import { checkRows, remakeRows, reportRepeatedId, type RosterFile } from '../tables/passes.js';
import { RecordIds } from '../tables/record-ids.js';
import { Belonging } from './belonging.js';
import { Repeats } from './repeats.js';
import type { Schools } from './schools.js';
import { TEACHERS } from './shapes.js';

type TeacherColumn = (typeof TEACHERS)['read'][number];

/** A teacher's own row. */
export interface TeacherRow {
  /** The number of the id. */
  teacher: number;
  id: string;
  name: PersonName;
  email: string;
  role: TeacherSource;
}

/** A teacher of several schools may have a row for each: rows that differ in the school alone are one teacher. */
export class Teachers {
  readonly ids = new RecordIds();
  readonly belonging: Belonging;
  readonly #repeats = new Repeats<TeacherColumn>(TEACHERS.read.filter((column) => column !== 'School_id'));
  readonly #emails = new IdIndex();
  /** One more than the number of the e-mail; 0 for none. */
  readonly #emailOf = new IntColumn();

  constructor(
    readonly file: RosterFile<TeacherColumn>,
    schools: Schools,
  ) {
    this.belonging = new Belonging(this.ids, schools);
  }

  async check(): Promise<void> {
    const { report } = this.file;
    await checkRows(this.file, this.ids, 'Teacher_id', {
      check: (row, at, id) => {
        this.#repeats.note(id, row, at);
        this.#emailOf.set(id, this.#emails.internText(row.text(at.Teacher_email).toLowerCase()) + 1);
        this.belonging.addRow(id, row, at.School_id, report);
        return 'read';
      },
      again: (row, at, id) => {
        if (this.#repeats.agrees(id, row, at)) this.belonging.addRow(id, row, at.School_id, report);
        else reportRepeatedId(row, 'Teacher_id', this.ids.lineOf(id), report);
      },
      faulty: (id) => this.ids.markDoubtful(id),
    });
  }

  hasEmail(teacher: number, email: string): boolean {
    const number = this.#emails.findText(email.toLowerCase());
    return number >= 0 && this.#emailOf.get(teacher) === number + 1;
  }

  rows(): AsyncGenerator<TeacherRow> {
    return remakeRows(this.file, this.ids, 'Teacher_id', (row, at, id) => ({
      teacher: id,
      id: row.text(at.Teacher_id),
      name: present({
        first: row.text(at.First_name),
        middle: row.text(at.Middle_name),
        last: row.text(at.Last_name),
      }),
      email: row.text(at.Teacher_email),
      role: {
        schools: this.belonging.of(id),
        ...present({
          teacherNumber: row.text(at.Teacher_number),
          stateId: row.text(at.State_teacher_id),
          username: row.text(at.Username),
          title: row.text(at.Title),
        }),
      },
    }));
  }
}
