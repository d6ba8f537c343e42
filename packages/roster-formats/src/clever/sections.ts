import type { SectionSource, SourceId } from '@hallpass/domain';
import { monthFirstDayOf } from '../cells/days.js';
import { gradeOf } from '../cells/grades.js';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import { IntColumn } from '../tables/columns.js';
import { checkRows, remakeRows, reportRepeatedId, type RosterFile, type Verdict } from '../tables/passes.js';
import { RecordIds } from '../tables/record-ids.js';
import { reportUnknown } from '../tables/references.js';
import { readSubject } from '../words/subject.js';
import { NamedCourses, NamedTerms } from './named-records.js';
import type { Schools } from './schools.js';
import { TEACHER_COLUMNS, type SECTIONS } from './shapes.js';
import { userId } from './source-ids.js';
import type { Teachers } from './teachers.js';

type SectionColumn = (typeof SECTIONS)['read'][number];

/** Sections with their teachers, and the courses and terms that are known by them alone. */
export class Sections {
  readonly ids = new RecordIds();
  readonly courses = new NamedCourses();
  readonly terms = new NamedTerms();
  /** One more than the number of the school's id; 0 for none. */
  readonly #schools = new IntColumn();

  constructor(
    readonly file: RosterFile<SectionColumn>,
    readonly of: { schools: Schools; teachers: Teachers },
  ) {}

  /** Wants the schools and teachers settled. */
  async check(): Promise<void> {
    const { report } = this.file;
    await checkRows(this.file, this.ids, 'Section_id', {
      check: (row, at, id) => this.#checkRow(row, at, id),
      again: (row, at, id) => {
        reportRepeatedId(row, 'Section_id', this.ids.lineOf(id), report);
        this.#checkValues(row, at);
      },
    });
  }

  /** The number of the school of a section; undefined for one that was not read. */
  schoolOf(section: number): number | undefined {
    const school = this.#schools.get(section);
    return school === 0 ? undefined : school - 1;
  }

  records(studentsOf: (section: number) => SourceId[], muted: FileReport): AsyncGenerator<SectionSource> {
    return remakeRows(this.file, this.ids, 'Section_id', (row, at, id): SectionSource => {
      const sourceId = row.text(at.Section_id);
      const sectionNumber = row.text(at.Section_number);
      const name = row.text(at.Name) || row.text(at.Course_name) || sectionNumber || sourceId;
      return {
        kind: 'section',
        sourceId,
        name,
        school: row.text(at.School_id),
        ...present({
          course: this.#courseOf(row, at),
          term: this.#termOf(row, at, muted),
          sectionNumber,
          period: row.text(at.Period),
          grade: gradeOf(row, at.Grade, 'Grade', muted),
          subject: readSubject(row.text(at.Subject)),
        }),
        teachers: this.#teachersOf(row, at, muted).map((teacher) => this.#teacherId(teacher)),
        students: studentsOf(id),
      };
    });
  }

  #checkRow(row: CsvRow, at: Positions<SectionColumn>, id: number): Verdict {
    const { schools, teachers } = this.of;
    const school = schools.ids.index.find(row, at.School_id);
    const isThere = schools.ids.isReferable(school);
    const isAlarm = !isThere && (schools.file.isWhole || row.text(at.School_id) === '');
    if (isAlarm) reportNoSchool(row, this.file.report);
    const { taught, term } = this.#checkValues(row, at);
    if (!isThere) return isAlarm ? 'skipped' : 'read';
    this.#schools.set(id, school + 1);
    for (const teacher of taught) teachers.belonging.add(teacher, school);
    this.courses.note(this.#courseOf(row, at));
    this.terms.note(term);
    return 'read';
  }

  #checkValues(row: CsvRow, at: Positions<SectionColumn>) {
    const { report } = this.file;
    gradeOf(row, at.Grade, 'Grade', report);
    const term = this.#termOf(row, at, report);
    if (term === undefined) reportNoTerm(row, report);
    const isTaught = TEACHER_COLUMNS.some((column) => row.text(at[column]) !== '');
    if (!isTaught) reportNoTeacher(row, report);
    if (row.text(at.Name) === '' && row.text(at.Course_name) === '') reportNoName(row, report);
    return { term, taught: this.#teachersOf(row, at, report) };
  }

  /** Each teacher once, the primary one first. */
  #teachersOf(row: CsvRow, at: Positions<SectionColumn>, report: FileReport): number[] {
    const { teachers } = this.of;
    const found: number[] = [];
    for (const column of TEACHER_COLUMNS) {
      const name = row.text(at[column]);
      if (name === '') continue;
      const teacher = teachers.ids.index.find(row, at[column]);
      if (!teachers.ids.isReferable(teacher)) {
        if (teachers.file.isWhole) reportUnknown(report, name, { line: row.line, column });
      } else if (!found.includes(teacher)) found.push(teacher);
    }
    return found;
  }

  #teacherId(teacher: number): SourceId {
    return userId('teacher', this.of.teachers.ids.index.idAt(teacher));
  }

  #courseOf(row: CsvRow, at: Positions<SectionColumn>): SourceId | undefined {
    return this.courses.idOf([row.text(at.Course_number), row.text(at.Course_name)]);
  }

  #termOf(row: CsvRow, at: Positions<SectionColumn>, report: FileReport): SourceId | undefined {
    const start = monthFirstDayOf(row, at.Term_start, 'Term_start', report);
    const end = monthFirstDayOf(row, at.Term_end, 'Term_end', report);
    return this.terms.idOf([row.text(at.Term_name), start, end]);
  }
}

function reportNoSchool(row: CsvRow, report: FileReport): void {
  const message = 'The section names no school that is here; it was not read.';
  const mend = 'Name a school that schools.csv has.';
  report.skipped('reference-unknown', message, mend, { line: row.line, column: 'School_id' });
}

function reportNoTerm(row: CsvRow, report: FileReport): void {
  const message = 'The section has no term; it was read without one.';
  const mend = 'Send Term_name, Term_start and Term_end.';
  report.repaired('term-missing', message, mend, { line: row.line, column: 'Term_name' });
}

function reportNoTeacher(row: CsvRow, report: FileReport): void {
  const message = 'The section names no teacher; it was read without one.';
  const mend = 'Name the teacher in Teacher_id.';
  report.repaired('teacher-missing', message, mend, { line: row.line, column: 'Teacher_id' });
}

function reportNoName(row: CsvRow, report: FileReport): void {
  const message = 'The section has no name; its number or id stands for it.';
  const mend = 'Give the section a Name or a Course_name.';
  report.repaired('value-missing', message, mend, { line: row.line, column: 'Name' });
}
