import type { SectionSource, SourceId, Subject } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import { quotedId } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import { IntColumn } from '../tables/columns.js';
import { RecordIds } from '../tables/record-ids.js';
import { subjectOf, type Courses } from './courses.js';
import { gradeOf } from '../cells/grades.js';
import type { Orgs } from './orgs.js';
import type { RosterFile } from '../tables/passes.js';
import { checkRows, remakeRows } from './records.js';
import { present } from '../cells/present.js';
import { listed, referable } from '../tables/references.js';
import type { Sessions } from './sessions.js';
import type { CLASSES } from './shapes.js';

type ClassColumn = (typeof CLASSES)['read'][number];

/** Who is in a section; the enrollments know. */
export type Membership = (section: number) => Pick<SectionSource, 'teachers' | 'students'>;

export class Classes {
  readonly ids = new RecordIds();
  /** One more than the number of the school's id; 0 for none. */
  readonly #schools = new IntColumn();

  constructor(
    readonly file: RosterFile<ClassColumn>,
    readonly of: { orgs: Orgs; sessions: Sessions; courses: Courses },
  ) {}

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at, id) => {
      const { report } = this.file;
      const { orgs } = this.of;
      const school = row.text(at.schoolSourcedId);
      if (!orgs.isSchool(school)) {
        reportNoSchool(row, school, report);
        return false;
      }
      this.#schools.set(id, orgs.ids.index.findText(school) + 1);
      this.#referencesOf(row, at, report);
      gradeOf(row, at.grades, 'grades', report);
      if (row.text(at.title) === '') reportNoTitle(row, report);
      return true;
    });
  }

  schoolOf(section: number): SourceId | undefined {
    const school = this.#schools.get(section);
    return school === 0 ? undefined : this.of.orgs.ids.index.idAt(school - 1);
  }

  records(membership: Membership, muted: FileReport): AsyncGenerator<SectionSource> {
    return remakeRows(this.file, this.ids, (row, at, id): SectionSource => {
      const sourceId = row.text(at.sourcedId);
      const sectionNumber = row.text(at.classCode);
      const references = this.#referencesOf(row, at, muted);
      return {
        kind: 'section',
        sourceId,
        name: row.text(at.title) || sectionNumber || sourceId,
        school: row.text(at.schoolSourcedId),
        ...present({
          ...references,
          sectionNumber,
          period: row.text(at.periods),
          grade: gradeOf(row, at.grades, 'grades', muted),
          subject: this.#subjectOf(row, at, references.course),
        }),
        ...membership(id),
      };
    });
  }

  #referencesOf(row: CsvRow, at: Positions<ClassColumn>, report: FileReport) {
    const { sessions, courses } = this.of;
    const { line } = row;
    const columns = {
      course: { line, column: 'courseSourcedId' },
      term: { line, column: 'termSourcedIds' },
    };
    const [course] = referable(courses.ids, listed(row.text(at.courseSourcedId)), report, columns.course);
    const [term] = referable(sessions.ids, listed(row.text(at.termSourcedIds)), report, columns.term);
    return { course, term };
  }

  #subjectOf(row: CsvRow, at: Positions<ClassColumn>, course: SourceId | undefined): Subject | undefined {
    if (row.text(at.classType).toLowerCase() === 'homeroom') return 'homeroom/advisory';
    const own = subjectOf(row.text(at.subjects));
    return own ?? (course === undefined ? undefined : this.of.courses.subjectOf(course));
  }
}

function reportNoSchool(row: CsvRow, school: string, report: FileReport): void {
  const message =
    school === ''
      ? 'The class names no school.'
      : `The class names ${quotedId(school)}, which is no school here.`;
  const mend = 'Name a school that orgs.csv has.';
  report.skipped('reference-unknown', message, mend, { line: row.line, column: 'schoolSourcedId' });
}

function reportNoTitle(row: CsvRow, report: FileReport): void {
  const message = 'The class has no title; its code or id stands for it.';
  report.repaired('value-missing', message, 'Give the class a title.', { line: row.line, column: 'title' });
}
