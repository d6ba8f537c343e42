import { SUBJECTS, type CourseSource, type Subject } from '@hallpass/domain';
import { ByteColumn } from '../tables/columns.js';
import { RecordIds } from '../tables/record-ids.js';
import { readSubject } from '../words/subject.js';
import type { RosterFile } from '../tables/passes.js';
import { checkRows, remakeRows } from './records.js';
import { present } from '../cells/present.js';
import { listed } from '../tables/references.js';
import type { COURSES } from './shapes.js';

type CourseColumn = (typeof COURSES)['read'][number];

export class Courses {
  readonly ids = new RecordIds();
  /** One more than the place in SUBJECTS; 0 for none. */
  readonly #subjects = new ByteColumn();

  constructor(readonly file: RosterFile<CourseColumn>) {}

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at, id) => {
      const subject = subjectOf(row.text(at.subjects));
      this.#subjects.set(id, subject === undefined ? 0 : SUBJECTS.indexOf(subject) + 1);
      return true;
    });
  }

  subjectOf(sourceId: string): Subject | undefined {
    return SUBJECTS[this.#subjects.get(this.ids.index.findText(sourceId)) - 1];
  }

  records(): AsyncGenerator<CourseSource> {
    return remakeRows(this.file, this.ids, (row, at) => ({
      kind: 'course',
      sourceId: row.text(at.sourcedId),
      ...present({ name: row.text(at.title), number: row.text(at.courseCode) }),
    }));
  }
}

/** The first subject in the cell that is one of Clever's; else 'other', if the cell says anything. */
export function subjectOf(text: string): Subject | undefined {
  const subjects = listed(text).map((word) => readSubject(word));
  return subjects.find((subject) => subject !== undefined && subject !== 'other') ?? subjects[0];
}
