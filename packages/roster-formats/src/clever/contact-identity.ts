import type { SourceId } from '@hallpass/domain';
import { IntColumn } from '../tables/columns.js';
import { IdIndex } from '../tables/id-index.js';
import { Union } from '../tables/union.js';
import type { ContactRows } from './contact-rows.js';
import { joinedId } from './source-ids.js';

/** Which rows are of one contact, and what that contact is called. */
export interface ContactIdentity {
  /** Equal numbers are one contact. */
  contactOf(row: number): number;
  idOf(contact: number): SourceId;
}

/**
 * A contact with an id of its own is that. Without one, rows are of one contact when they have the same e-mail address, or
 * the same name and phone; else each student's is another. The id of a contact follows from what its rows say and not from
 * their order: the best of its keys, of which `id` stands before `mail`, `named` and `of`, and the first in the alphabet.
 */
export function identify(rows: ContactRows, studentId: (student: number) => string): ContactIdentity {
  const keys = new IdIndex();
  const same = new Union();
  const keyOfRow = new IntColumn();
  const shared = sharedEmails(rows);
  for (let row = 0; row < rows.size; row++) {
    const [first, ...others] = keysOf(rows, row, shared, studentId).map((key) => keys.internText(key));
    keyOfRow.set(row, first!);
    for (const other of others) same.join(first!, other);
  }
  const best = bestKeys(keys, same);
  return {
    contactOf: (row) => same.rootOf(keyOfRow.get(row)),
    idOf: (contact) => keys.idAt(best.get(contact)),
  };
}

function keysOf(
  rows: ContactRows,
  row: number,
  shared: ReadonlySet<string>,
  studentId: (student: number) => string,
): string[] {
  const sisId = rows.sisIds.textAt(row);
  if (sisId !== '') return [`id:${sisId}`];
  const name = folded(rows.names.textAt(row));
  const email = rows.emails.textAt(row).toLowerCase();
  const phone = digitsOf(rows.phones.textAt(row));
  const keys: string[] = [];
  if (email !== '') {
    keys.push(`mail:${joinedId(shared.has(email) ? [email, name] : [email])}`);
  }
  if (name !== '' && phone !== '') keys.push(`named:${joinedId([name, phone])}`);
  return keys.length > 0 ? keys : [`of:${joinedId([studentId(rows.studentOf(row)), name])}`];
}

/**
 * The addresses that are nobody's own: two parents of one student have it, or three people in all. With such an address
 * the name has to be the same as well.
 */
function sharedEmails(rows: ContactRows): Set<string> {
  const shared = new Set<string>();
  const names = new Map<string, Set<string>>();
  const students = studentsOf(rows);
  const ofStudents = rows.edges.byLeft(students);
  for (let student = 0; student < students; student++) {
    const seen = new Map<string, string>();
    for (const edge of ofStudents.of(student)) {
      const row = rows.edges.rightOf(edge);
      const email = rows.emails.textAt(row).toLowerCase();
      const name = folded(rows.names.textAt(row));
      if (email === '' || name === '' || shared.has(email)) continue;
      const before = seen.get(email);
      seen.set(email, name);
      const all = names.get(email) ?? new Set();
      names.set(email, all.add(name));
      if ((before !== undefined && before !== name) || all.size > 2) shared.add(email);
    }
  }
  return shared;
}

function studentsOf(rows: ContactRows): number {
  let most = 0;
  for (let row = 0; row < rows.size; row++) most = Math.max(most, rows.studentOf(row) + 1);
  return most;
}

function bestKeys(keys: IdIndex, same: Union): IntColumn {
  const best = new IntColumn();
  for (let key = 0; key < keys.size; key++) {
    const root = same.rootOf(key);
    // The root is the lowest number of its set, so it comes first.
    if (root === key || keys.idAt(key) < keys.idAt(best.get(root))) best.set(root, key);
  }
  return best;
}

function folded(name: string): string {
  return name.toLowerCase().replace(/\s+/g, ' ');
}

/** '' for what tells nobody apart, such as 000-0000. */
function digitsOf(phone: string): string {
  const digits = phone.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
  return digits.length < 7 || /^(\d)\1*$/.test(digits) ? '' : digits;
}
