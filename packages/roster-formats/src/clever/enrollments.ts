import type { SourceId } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import { EdgeList, type EdgeGroups } from '../tables/edge-list.js';
import type { RosterFile } from '../tables/passes.js';
import type { RecordIds } from '../tables/record-ids.js';
import { reportUnknown } from '../tables/references.js';
import type { Sections } from './sections.js';
import type { ENROLLMENTS } from './shapes.js';
import { userId } from './source-ids.js';
import type { Students } from './students.js';

type EnrollmentColumn = (typeof ENROLLMENTS)['read'][number];

/** Who is in which section, as pairs of numbers. */
export class Enrollments {
  readonly #edges = new EdgeList();
  #bySection: EdgeGroups | undefined;
  #byStudent: EdgeGroups | undefined;

  constructor(
    readonly file: RosterFile<EnrollmentColumn>,
    readonly of: { sections: Sections; students: Students },
  ) {}

  /** Wants the sections and students settled. A section of which an enrollment cannot be read becomes doubtful. */
  async check(): Promise<void> {
    for await (const { at, rows } of this.file.batches()) {
      for (const row of rows) this.#checkRow(row, at);
    }
  }

  /** Each student once. */
  studentsOf(section: number): SourceId[] {
    const { ids } = this.of.students;
    this.#bySection ??= this.#edges.byLeft(this.of.sections.ids.index.size);
    const students = new Set<number>();
    for (const edge of this.#bySection.of(section)) students.add(this.#edges.rightOf(edge));
    return Array.from(students, (student) => userId('student', ids.index.idAt(student)));
  }

  /** The numbers of the schools of the sections in which the student is. */
  schoolsOf(student: number): Set<number> {
    this.#byStudent ??= this.#edges.byRight(this.of.students.ids.index.size);
    const schools = new Set<number>();
    for (const edge of this.#byStudent.of(student)) {
      const school = this.of.sections.schoolOf(this.#edges.leftOf(edge));
      if (school !== undefined) schools.add(school);
    }
    return schools;
  }

  #checkRow(row: CsvRow, at: Positions<EnrollmentColumn>): void {
    const { sections, students } = this.of;
    const section = sections.ids.index.find(row, at.Section_id);
    if (row.fault !== undefined) return sections.ids.markDoubtful(section);
    const student = students.ids.index.find(row, at.Student_id);
    const isThere =
      this.#refers(sections, section, row, at.Section_id, 'Section_id') &&
      this.#refers(students, student, row, at.Student_id, 'Student_id');
    if (isThere) this.#edges.add(section, student, 0);
  }

  #refers(
    to: { ids: RecordIds; file: { isWhole: boolean } },
    id: number,
    row: CsvRow,
    cell: number,
    column: EnrollmentColumn,
  ): boolean {
    if (to.ids.isReferable(id)) return true;
    const { report } = this.file;
    const place = { line: row.line, column };
    const name = row.text(cell);
    if (name === '') {
      const message = 'The enrollment names nothing here; it was left out.';
      report.repaired('value-missing', message, 'Name both the section and the student.', place);
    } else if (to.file.isWhole) reportUnknown(report, name, place);
    return false;
  }
}
