import type { SourceId, StudentSource, UserSource } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import type { Positions } from '../csv/header.js';
import { ByteColumn } from '../tables/columns.js';
import { ID_STATE, RecordIds } from '../tables/record-ids.js';
import { Contacts } from './contacts.js';
import type { Demographic } from './demographics.js';
import { gradeOf } from '../cells/grades.js';
import type { Orgs } from './orgs.js';
import type { RosterFile } from '../tables/passes.js';
import { checkRows, remakeRows } from './records.js';
import { present } from '../cells/present.js';
import { listed, reportUnknown } from '../tables/references.js';
import type { USERS } from './shapes.js';
import { isContact, readUserRole, ROLE_CODES, roleOfCode, type OneRosterRole } from './user-role.js';

type UserColumn = (typeof USERS)['read'][number];

/** What other files say of a user. */
export interface ElsewhereOfUser {
  demographicOf(user: number): Demographic;
  /** The schools of the sections in which the user is. */
  schoolsOf(user: number): SourceId[];
  /** At which schools the user is enrolled, since when and until when. */
  enrollmentsOf(user: number): NonNullable<StudentSource['enrollments']>;
}

export class Users {
  readonly ids = new RecordIds();
  readonly contacts: Contacts;
  /** Places in ROLE_CODES; 0 for a user whose row was not read. */
  readonly #roles = new ByteColumn();
  readonly #teaching = new ByteColumn();

  constructor(
    readonly file: RosterFile<UserColumn>,
    readonly orgs: Orgs,
  ) {
    this.contacts = new Contacts(this.ids, (user) => this.roleOf(user), file.report);
  }

  async check(): Promise<void> {
    await checkRows(this.file, this.ids, (row, at, id) => {
      const role = readUserRole(row.text(at.role));
      if (role === undefined) {
        const mend = 'Send student, teacher, administrator, aide, proctor, guardian, parent or relative.';
        const place = { line: row.line, column: 'role' };
        this.file.report.skipped('value-unknown', 'The role is none of OneRoster 1.1.', mend, place);
        return false;
      }
      this.#roles.set(id, ROLE_CODES.indexOf(role));
      this.#checkOrgs(row, at);
      if (role === 'student') gradeOf(row, at.grades, 'grades', this.file.report);
      for (const agent of listed(row.text(at.agentSourcedIds))) this.contacts.note(id, agent, row.line);
      return true;
    });
  }

  /** Undefined for a user that is kept, whose role is not known here. */
  roleOf(user: number): OneRosterRole | undefined {
    return roleOfCode(this.#roles.get(user));
  }

  mayLearn(user: number): boolean {
    const role = this.roleOf(user);
    return role === undefined || role === 'student';
  }

  /** A pupil does not become a teacher by a slip in enrollments.csv. */
  mayTeach(user: number): boolean {
    return this.roleOf(user) !== 'student';
  }

  markTeaching(user: number): void {
    this.#teaching.set(user, 1);
  }

  records(elsewhere: ElsewhereOfUser, muted: FileReport): AsyncGenerator<UserSource> {
    return remakeRows(this.file, this.ids, (row, at, id): UserSource => {
      const name = present({
        first: row.text(at.givenName),
        middle: row.text(at.middleName),
        last: row.text(at.familyName),
      });
      const user = { kind: 'user' as const, sourceId: row.text(at.sourcedId), name };
      const roles = this.#rolesOf(row, at, id, elsewhere, muted);
      return { ...user, ...present({ email: row.text(at.email) }), roles };
    });
  }

  #rolesOf(
    row: CsvRow,
    at: Positions<UserColumn>,
    id: number,
    elsewhere: ElsewhereOfUser,
    muted: FileReport,
  ): UserSource['roles'] {
    const role = this.roleOf(id)!;
    const { username } = present({ username: row.text(at.username) });
    const login = username === undefined ? {} : { username };
    const identifier = row.text(at.identifier);
    const orgs = listed(row.text(at.orgSourcedIds));
    const schools = () => this.#schoolsOf(orgs, elsewhere.schoolsOf(id));
    const roles: UserSource['roles'] = {};
    if (role === 'student') {
      const fields = present({ studentNumber: identifier, grade: gradeOf(row, at.grades, 'grades', muted) });
      const enrollments = elsewhere.enrollmentsOf(id);
      const spans = enrollments.length > 0 ? { enrollments } : {};
      roles.student = { schools: schools(), ...spans, ...fields, ...login, ...elsewhere.demographicOf(id) };
    }
    if (role === 'teacher' || this.#teaching.get(id) === 1) {
      roles.teacher = { schools: schools(), ...present({ teacherNumber: identifier }), ...login };
    }
    if (role === 'administrator') {
      if (orgs.length > 0 && orgs.every((org) => this.orgs.isDistrict(org))) roles.districtAdmin = {};
      else roles.staff = { schools: schools(), title: 'Administrator', ...login };
    }
    if (role === 'aide' || role === 'proctor') {
      roles.staff = { schools: schools(), title: role === 'aide' ? 'Aide' : 'Proctor', ...login };
    }
    if (isContact(role)) roles.contact = this.contacts.of(id, row.text(at.phone), row.text(at.sms));
    return roles;
  }

  /** Those it is said to belong to, in that order, and those where it has a class. */
  #schoolsOf(orgs: readonly string[], ofClasses: readonly SourceId[]): SourceId[] {
    const own = orgs.filter((org) => this.orgs.isSchool(org));
    return own.length === 1 && ofClasses.length === 1 && own[0] === ofClasses[0]
      ? own
      : [...new Set([...own, ...ofClasses])];
  }

  #checkOrgs(row: CsvRow, at: Positions<UserColumn>): void {
    // Nearly every user has one org, which is found without making a string of it.
    if (this.orgs.ids.isReferable(this.orgs.ids.index.find(row, at.orgSourcedIds))) return;
    for (const org of listed(row.text(at.orgSourcedIds))) {
      const id = this.orgs.ids.index.findText(org);
      if (this.orgs.ids.isReferable(id) || this.orgs.ids.stateOf(id) === ID_STATE.gone) continue;
      reportUnknown(this.file.report, org, { line: row.line, column: 'orgSourcedIds' });
    }
  }
}
