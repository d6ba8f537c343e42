import type { ContactSource, UserSource } from '@hallpass/domain';
import { present } from '../cells/present.js';
import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import type { RosterFile } from '../tables/passes.js';
import { EdgeList } from '../tables/edge-list.js';
import type { RecordIds } from '../tables/record-ids.js';
import { reportUnknown } from '../tables/references.js';
import { readPersonName } from '../words/person-name.js';
import { identify } from './contact-identity.js';
import { ContactRows } from './contact-rows.js';
import type { CONTACTS } from './shapes.js';
import { userId } from './source-ids.js';

type ContactFileColumn = (typeof CONTACTS)['read'][number];

/** Contacts have no rows of their own: the rows of their students name them, here and in students.csv. */
export class Contacts {
  readonly rows = new ContactRows();

  constructor(
    readonly file: RosterFile<ContactFileColumn>,
    readonly students: RecordIds,
  ) {}

  /** Wants the students checked, and not yet settled: one of whose contacts cannot be read becomes doubtful. */
  async check(isWholeOfStudents: boolean): Promise<void> {
    for await (const { at, rows } of this.file.batches()) {
      for (const row of rows) this.#checkRow(row, at, isWholeOfStudents);
    }
  }

  /** Wants the students settled. */
  *records(): Generator<UserSource> {
    const identity = identify(this.rows, (student) => this.students.index.idAt(student));
    const ofContact = new EdgeList();
    const contacts = new Set<number>();
    let most = 0;
    for (let row = 0; row < this.rows.size; row++) {
      if (!this.students.isReferable(this.rows.studentOf(row))) continue;
      const contact = identity.contactOf(row);
      contacts.add(contact);
      most = Math.max(most, contact);
      ofContact.add(contact, row, 0);
    }
    const groups = ofContact.byLeft(most + 1);
    for (const contact of contacts) {
      const rows = Array.from(groups.of(contact), (edge) => ofContact.rightOf(edge));
      yield this.#record(rows, identity.idOf(contact));
    }
  }

  /** Of what several rows say the first counts. */
  #record(rows: readonly number[], id: string): UserSource {
    const first = (column: ContactRows['names']) =>
      rows.map((row) => column.textAt(row)).find((text) => text !== '') ?? '';
    return {
      kind: 'user',
      sourceId: userId('contact', id),
      sisId: first(this.rows.sisIds) || null,
      name: readPersonName(first(this.rows.names)),
      ...present({ email: first(this.rows.emails) }),
      roles: { contact: this.#role(rows) },
    };
  }

  #role(rows: readonly number[]): ContactSource {
    const relationships = new Map<number, ContactSource['relationships'][number]>();
    for (const row of rows) {
      const number = this.rows.studentOf(row);
      const student = userId('student', this.students.index.idAt(number));
      if (!relationships.has(number)) relationships.set(number, { student, ...this.rows.relationOf(row) });
    }
    const called = rows.find((row) => this.rows.phones.numberAt(row) !== 0);
    if (called === undefined) return { relationships: [...relationships.values()] };
    const phoneType = this.rows.phoneTypeOf(called);
    return {
      phone: this.rows.phones.textAt(called),
      ...(phoneType && { phoneType }),
      relationships: [...relationships.values()],
    };
  }

  #checkRow(row: CsvRow, at: Positions<ContactFileColumn>, isWholeOfStudents: boolean): void {
    const { report } = this.file;
    const student = this.students.index.find(row, at.Student_id);
    const id = row.text(at.Student_id);
    if (row.fault !== undefined) this.students.markDoubtful(student);
    else if (id === '') {
      const place = { line: row.line, column: 'Student_id' };
      report.skipped('id-blank', 'The row names no student.', 'Name the student of the contact.', place);
    } else if (student >= 0) this.rows.add(student, row, at, report);
    else if (isWholeOfStudents) reportUnknown(report, id, { line: row.line, column: 'Student_id' });
  }
}
