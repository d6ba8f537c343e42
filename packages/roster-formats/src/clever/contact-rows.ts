import {
  CONTACT_RELATIONSHIPS,
  CONTACT_TYPES,
  PHONE_TYPES,
  type ContactSource,
  type PhoneType,
} from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import { ByteColumn, IntColumn } from '../tables/columns.js';
import { EdgeList } from '../tables/edge-list.js';
import { IdIndex } from '../tables/id-index.js';
import { readContactType, readPhoneType, readRelationship } from '../words/contact.js';
import type { CONTACTS } from './shapes.js';

export type ContactColumn = Exclude<(typeof CONTACTS)['read'][number], 'Student_id'>;
type Relation = Omit<ContactSource['relationships'][number], 'student'>;

/** A column of texts, most of which many rows share: their bytes once, and a number for each row. */
class TextColumn {
  readonly #texts = new IdIndex();
  /** One more than the number of the text; 0 for a blank. */
  readonly #of = new IntColumn();

  set(row: number, text: string): void {
    this.#of.set(row, this.#texts.internText(text) + 1);
  }

  /** Equal numbers are equal texts; 0 is a blank. */
  numberAt(row: number): number {
    return this.#of.get(row);
  }

  textAt(row: number): string {
    const number = this.#of.get(row);
    return number === 0 ? '' : this.#texts.idAt(number - 1);
  }
}

/** What the rows say of contacts: a few numbers for each, as a district has twice as many contacts as students. */
export class ContactRows {
  readonly names = new TextColumn();
  readonly emails = new TextColumn();
  readonly phones = new TextColumn();
  readonly sisIds = new TextColumn();
  /** Student and row; the mark packs the relation. */
  readonly edges = new EdgeList();
  readonly #phoneTypes = new ByteColumn();

  get size(): number {
    return this.edges.size;
  }

  /** False when the row says nothing of a contact. */
  add(student: number, row: CsvRow, at: Positions<ContactColumn>, report: FileReport): boolean {
    const [name, sisId, phone] = [
      row.text(at.Contact_name),
      row.text(at.Contact_sis_id),
      row.text(at.Contact_phone),
    ];
    const email = emailOf(row, at, report);
    if (name === '' && sisId === '' && email === '') {
      if (phone !== '') reportNameless(row, report);
      return phone !== '';
    }
    const number = this.size;
    this.edges.add(student, number, relationMark(row, at));
    this.names.set(number, name);
    this.emails.set(number, email);
    this.phones.set(number, phone);
    this.sisIds.set(number, sisId);
    const phoneType = readPhoneType(row.text(at.Contact_phone_type));
    this.#phoneTypes.set(number, phoneType === undefined ? 0 : PHONE_TYPES.indexOf(phoneType) + 1);
    return true;
  }

  studentOf(row: number): number {
    return this.edges.leftOf(row);
  }

  relationOf(row: number): Relation {
    const mark = this.edges.markOf(row);
    return {
      relationship: CONTACT_RELATIONSHIPS[mark >> 4]!,
      type: CONTACT_TYPES[mark & 0xf]!,
    };
  }

  phoneTypeOf(row: number): PhoneType | undefined {
    return PHONE_TYPES[this.#phoneTypes.get(row) - 1];
  }
}

function relationMark(row: CsvRow, at: Positions<ContactColumn>): number {
  const relationship = readRelationship(row.text(at.Contact_relationship));
  const type = readContactType(row.text(at.Contact_type));
  return (CONTACT_RELATIONSHIPS.indexOf(relationship) << 4) | CONTACT_TYPES.indexOf(type);
}

/** Contacts are told apart by their addresses, so "none" must not be one. */
function emailOf(row: CsvRow, at: Positions<ContactColumn>, report: FileReport): string {
  const text = row.text(at.Contact_email);
  if (text === '' || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return text;
  const place = { line: row.line, column: 'Contact_email' };
  const message = 'The e-mail address is none; it was left out.';
  report.repaired('value-malformed', message, 'Send one address, or nothing.', place);
  return '';
}

function reportNameless(row: CsvRow, report: FileReport): void {
  const place = { line: row.line, column: 'Contact_name' };
  const message = 'The contact has a phone and neither a name nor an e-mail address; it was left out.';
  report.repaired('value-missing', message, 'Name the contact.', place);
}
