import type { SectionSource, SourceId, StudentSource } from '@hallpass/domain';
import { dayOf } from '../cells/days.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import { IntColumn } from '../tables/columns.js';
import { EdgeList, type EdgeGroups } from '../tables/edge-list.js';
import { IdIndex } from '../tables/id-index.js';
import { readTruth } from '../words/truth.js';
import type { Classes } from './classes.js';
import type { RosterFile } from '../tables/passes.js';
import { checkReference, readStatus, reportOwnId } from './records.js';
import type { ENROLLMENTS } from './shapes.js';
import type { Users } from './users.js';

type EnrollmentColumn = (typeof ENROLLMENTS)['read'][number];

/** Heavier comes first among a section's teachers. */
const MARK = { student: 0, teacher: 1, primaryTeacher: 2 } as const;
const DAYS_MAX = 10_000;
/** Roles in a class that a section has no place for. */
const IGNORED_ROLES = new Set(['administrator', 'proctor', 'aide', 'guardian', 'parent', 'relative']);

/** Enrollments as pairs of numbers, section and user: twelve bytes each, and eight more where they have days. */
export class Enrollments {
  readonly #edges = new EdgeList();
  /** By the number of the edge, YYYYMMDD; 0 for none. */
  readonly #begins = new IntColumn();
  readonly #ends = new IntColumn();
  /** The days of a roster are few, and each is read once. */
  readonly #days = new Map<string, number>();
  #bySection: EdgeGroups | undefined;
  #byUser: EdgeGroups | undefined;

  constructor(
    readonly file: RosterFile<EnrollmentColumn>,
    readonly of: { classes: Classes; users: Users },
  ) {}

  /** Wants the users and classes settled. A class of which an enrollment cannot be read becomes doubtful. */
  async check(): Promise<void> {
    const seen = new IdIndex();
    for await (const { at, rows } of this.file.batches()) {
      for (const row of rows) {
        if (row.fault === undefined) reportOwnId(row, at.sourcedId, seen, this.file.report);
        this.#checkRow(row, at);
      }
    }
  }

  /** The members of a section, each once. */
  membersOf(section: number): Pick<SectionSource, 'teachers' | 'students'> {
    const { users } = this.of;
    this.#bySection ??= this.#edges.byLeft(this.of.classes.ids.index.size);
    const edges = this.#bySection.of(section);
    const named = (mark: number) => {
      const numbers = new Set<number>();
      for (const edge of edges) if (this.#edges.markOf(edge) === mark) numbers.add(this.#edges.rightOf(edge));
      return numbers;
    };
    const ids = (numbers: Iterable<number>) => Array.from(numbers, (user) => users.ids.index.idAt(user));
    return {
      teachers: ids(new Set([...named(MARK.primaryTeacher), ...named(MARK.teacher)])),
      students: ids(named(MARK.student)),
    };
  }

  /** The schools of the sections in which the user is. */
  schoolsOf(user: number): SourceId[] {
    this.#byUser ??= this.#edges.byRight(this.of.users.ids.index.size);
    const schools = new Set<SourceId>();
    for (const edge of this.#byUser.of(user)) {
      const school = this.of.classes.schoolOf(this.#edges.leftOf(edge));
      if (school !== undefined) schools.add(school);
    }
    return [...schools];
  }

  /** Since when and until when a student is in sections of which school, of those that say so. */
  enrollmentsOf(user: number): NonNullable<StudentSource['enrollments']> {
    this.#byUser ??= this.#edges.byRight(this.of.users.ids.index.size);
    const spans = new Map<SourceId, { begin: number; end: number }>();
    for (const edge of this.#byUser.of(user)) {
      const [begin, end] = [this.#begins.get(edge), this.#ends.get(edge)];
      if (this.#edges.markOf(edge) !== MARK.student || (begin === 0 && end === 0)) continue;
      const school = this.of.classes.schoolOf(this.#edges.leftOf(edge));
      if (school === undefined) continue;
      const span = spans.get(school) ?? { begin: 0, end: 0 };
      if (begin !== 0 && (span.begin === 0 || begin < span.begin)) span.begin = begin;
      span.end = Math.max(span.end, end);
      spans.set(school, span);
    }
    return Array.from(spans, ([school, { begin, end }]) => ({
      school,
      ...(begin === 0 ? {} : { startDate: dayText(begin) }),
      ...(end === 0 ? {} : { endDate: dayText(end) }),
    }));
  }

  #dayIn(row: CsvRow, cell: number, column: 'beginDate' | 'endDate'): number {
    const text = row.text(cell);
    if (text === '') return 0;
    let day = this.#days.get(text);
    if (day !== undefined) return day;
    const read = dayOf(row, cell, column, this.file.report);
    day = read === undefined ? 0 : Number(read.replaceAll('-', ''));
    // What had to be reported is reported in every row.
    if (text === read && this.#days.size < DAYS_MAX) this.#days.set(text, day);
    return day;
  }

  #checkRow(row: CsvRow, at: Positions<EnrollmentColumn>): void {
    const { classes, users } = this.of;
    const section = classes.ids.index.find(row, at.classSourcedId);
    const role = row.fault === undefined ? readRole(row.text(at.role)) : undefined;
    const status = row.fault === undefined ? readStatus(row, at.status, this.file.report) : undefined;
    if (status === 'absent') return;
    if (status === undefined || role === undefined) {
      if (status !== undefined) this.#reportRole(row);
      return classes.ids.markDoubtful(section);
    }
    if (role === 'ignored') return;
    const user = users.ids.index.find(row, at.userSourcedId);
    const isThere =
      checkReference(classes.ids, section, row, at.classSourcedId, 'classSourcedId', this.file.report) &&
      checkReference(users.ids, user, row, at.userSourcedId, 'userSourcedId', this.file.report);
    if (!isThere) return;
    const fits = role === 'student' ? users.mayLearn(user) : users.mayTeach(user);
    if (!fits) return this.#reportMisfit(row);
    if (role === 'teacher') users.markTeaching(user);
    const isPrimary = role === 'teacher' && readTruth(row.text(at.primary)) === true;
    const [begin, end] = [
      this.#dayIn(row, at.beginDate, 'beginDate'),
      this.#dayIn(row, at.endDate, 'endDate'),
    ];
    if (begin !== 0) this.#begins.set(this.#edges.size, begin);
    if (end !== 0) this.#ends.set(this.#edges.size, end);
    this.#edges.add(section, user, isPrimary ? MARK.primaryTeacher : MARK[role]);
  }

  #reportRole(row: CsvRow): void {
    const mend = 'Send student, teacher, administrator or proctor.';
    const place = { line: row.line, column: 'role' };
    this.file.report.skipped('value-unknown', 'The role is none of OneRoster 1.1.', mend, place);
  }

  #reportMisfit(row: CsvRow): void {
    const message = 'The role does not fit the role of that user in users.csv; the enrollment was left out.';
    const mend = 'Make the two roles agree.';
    this.file.report.repaired('value-unknown', message, mend, { line: row.line, column: 'role' });
  }
}

function dayText(day: number): string {
  const text = String(day).padStart(8, '0');
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

function readRole(text: string): 'student' | 'teacher' | 'ignored' | undefined {
  const word = text === 'student' || text === 'teacher' ? text : text.toLowerCase();
  if (word === 'student' || word === 'teacher') return word;
  return IGNORED_ROLES.has(word) ? 'ignored' : undefined;
}
