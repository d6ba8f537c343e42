import type { ContactSource } from '@hallpass/domain';
import type { FileReport } from '../csv/file-report.js';
import { EdgeList, type EdgeGroups } from '../tables/edge-list.js';
import { ID_STATE, type RecordIds } from '../tables/record-ids.js';
import { reportUnknown } from '../tables/references.js';
import { isContact, type OneRosterRole } from './user-role.js';

type Relationship = ContactSource['relationships'][number];

/** Who is a contact of whom. Either of the two rows may say so, and often both do. */
export class Contacts {
  /** As the rows have them: who names whom, at which line. */
  readonly #named = new EdgeList();
  /** Contact and student. */
  readonly #edges = new EdgeList();
  #byContact: EdgeGroups | undefined;

  constructor(
    readonly users: RecordIds,
    /** Undefined for a user that is kept. */
    readonly roleOf: (user: number) => OneRosterRole | undefined,
    readonly report: FileReport,
  ) {}

  /** The agent's own row may come later, so what it is can only be said in `check`. */
  note(user: number, agent: string, line: number): void {
    this.#named.add(user, this.users.index.internText(agent), line);
  }

  /** Wants the users settled. */
  check(): void {
    for (let each = 0; each < this.#named.size; each++) {
      const { left: user, right: agent, mark: line } = this.#named.at(each);
      if (this.users.isReferable(agent)) this.#relate(user, agent);
      else if (this.users.stateOf(agent) !== ID_STATE.gone) {
        const id = this.users.index.idAt(agent);
        reportUnknown(this.report, id, { line, column: 'agentSourcedIds' });
      }
    }
  }

  of(contact: number, phone: string, sms: string): ContactSource {
    this.#byContact ??= this.#edges.byLeft(this.users.index.size);
    const students = new Set<number>();
    for (const edge of this.#byContact.of(contact)) students.add(this.#edges.rightOf(edge));
    const relation = relationOf(this.roleOf(contact));
    const relationships = Array.from(students, (student) => ({
      student: this.users.index.idAt(student),
      ...relation,
    }));
    if (phone !== '') return { phone, relationships };
    return sms === '' ? { relationships } : { phone: sms, phoneType: 'Cell', relationships };
  }

  /** The role of a kept user is not known here; the other side's word is taken. */
  #relate(user: number, agent: number): void {
    const [role, agentRole] = [this.roleOf(user), this.roleOf(agent)];
    if (role === 'student' && isContact(agentRole)) this.#edges.add(agent, user, 0);
    else if (isContact(role) && (agentRole === 'student' || agentRole === undefined)) {
      this.#edges.add(user, agent, 0);
    }
  }
}

/** A guardian need not be a parent, and Clever has no word for one but the type. */
function relationOf(role: string | undefined): Omit<Relationship, 'student'> {
  if (role === 'parent') return { relationship: 'Parent', type: 'Parent/Guardian' };
  return { relationship: 'Other', type: role === 'relative' ? 'Family' : 'Parent/Guardian' };
}
