import {
  ProblemList,
  type RecordKind,
  type SourceId,
  type SourceRecord,
  type UserSource,
} from '@hallpass/domain';
import { present } from '../cells/present.js';
import { FileReport } from '../csv/file-report.js';
import type { TableShape } from '../csv/header.js';
import type { ReadingOptions, RosterReading } from '../roster-reading.js';
import type { RosterSource } from '../source/roster-source.js';
import { RosterFile } from '../tables/passes.js';
import { Contacts } from './contacts.js';
import { Enrollments } from './enrollments.js';
import { checkFiles } from './files.js';
import { Schools } from './schools.js';
import { Sections } from './sections.js';
import { CONTACTS, ENROLLMENTS, SCHOOLS, SECTIONS, STAFF, STUDENTS, TEACHERS } from './shapes.js';
import { settleUsers, userId } from './source-ids.js';
import { Staff } from './staff.js';
import { Students } from './students.js';
import { Teachers } from './teachers.js';

/** Reads Clever's SFTP files; undefined when they are refused, and then all of them have been looked through. */
export async function readClever(
  source: RosterSource,
  { problems, previous }: ReadingOptions,
): Promise<RosterReading | undefined> {
  checkFiles(source, problems);
  const reading = new CleverReading(source, problems);
  await reading.check(previous);
  return problems.isRefused ? undefined : reading;
}

class CleverReading implements RosterReading {
  readonly format = 'clever-csv';
  readonly keepsRelated = true;
  readonly #schools: Schools;
  readonly #teachers: Teachers;
  readonly #staff: Staff;
  readonly #sections: Sections;
  readonly #students: Students;
  readonly #contacts: Contacts;
  readonly #enrollments: Enrollments;

  constructor(
    source: RosterSource,
    readonly problems: ProblemList,
  ) {
    const file = <Column extends string>(shape: TableShape<Column>) =>
      new RosterFile(source, shape, problems);
    this.#schools = new Schools(file(SCHOOLS));
    this.#teachers = new Teachers(file(TEACHERS), this.#schools);
    this.#staff = new Staff(file(STAFF), this.#schools, this.#teachers);
    this.#sections = new Sections(file(SECTIONS), { schools: this.#schools, teachers: this.#teachers });
    this.#students = new Students(file(STUDENTS), this.#schools);
    this.#contacts = new Contacts(file(CONTACTS), this.#students.ids);
    this.#enrollments = new Enrollments(file(ENROLLMENTS), {
      sections: this.#sections,
      students: this.#students,
    });
  }

  get kept(): ReadonlyMap<RecordKind, ReadonlySet<SourceId>> {
    const users = [
      ...Array.from(this.#students.ids.kept, (id) => userId('student', id)),
      ...Array.from(this.#teachers.ids.kept, (id) => userId('teacher', id)),
      ...Array.from(this.#staff.ids.kept, (id) => userId('staff', id)),
    ];
    return new Map([
      ['school', this.#schools.ids.kept],
      ['user', new Set(users)],
      ['section', this.#sections.ids.kept],
    ]);
  }

  /**
   * The first pass. What is referred to is read and settled before what refers to it. A file that is missing or refused
   * ends nothing: references to it are let pass, and the other files are looked through for what else is to be mended.
   */
  async check(previous: ReadingOptions['previous']): Promise<void> {
    await this.#schools.check();
    await this.#schools.ids.settle((ids) => previous('school', ids));
    await this.#teachers.check();
    await this.#staff.check();
    await settleUsers(this.#teachers.ids, 'teacher', previous);
    await settleUsers(this.#staff.ids, 'staff', previous);
    await this.#sections.check();
    await this.#sections.ids.settle((ids) => previous('section', ids));
    await this.#students.check(this.#contacts.rows);
    await this.#contacts.check(this.#students.file.isWhole);
    await settleUsers(this.#students.ids, 'student', previous);
    await this.#enrollments.check();
    await this.#sections.ids.settle((ids) => previous('section', ids));
  }

  async *records(): AsyncGenerator<SourceRecord> {
    const muted = new FileReport(new ProblemList(), '');
    yield* this.#schools.records(muted);
    yield* this.#sections.terms.records();
    yield* this.#sections.courses.records();
    yield* this.#students.records((student) => this.#schoolsOf(student), muted);
    for await (const teacher of this.#teachers.rows()) {
      const staff = this.#staff.roleOf(teacher.teacher);
      const { id, name, email, role } = teacher;
      const user: UserSource = {
        kind: 'user',
        sourceId: userId('teacher', id),
        sisId: id,
        name,
        ...present({ email }),
        roles: { teacher: role, ...(staff && { staff }) },
      };
      yield user;
    }
    yield* this.#staff.records();
    yield* this.#contacts.records();
    yield* this.#sections.records((section) => this.#enrollments.studentsOf(section), muted);
  }

  #schoolsOf(student: number): SourceId[] {
    return Array.from(this.#enrollments.schoolsOf(student), (school) => this.#schools.ids.index.idAt(school));
  }
}
