import type { DistrictId, Id } from '@hallpass/domain';
import type { Sql } from './sql.js';

export const ACTOR_TYPES = ['operator', 'system', 'app', 'district', 'person'] as const;

/** Who acts: a member of staff, an app's server, a district's administrator by portal token, a person who has signed in, or Hallpass itself. */
export interface Actor {
  type: (typeof ACTOR_TYPES)[number];
  id: Id<string> | null;
  requestId: string | null;
}

/** Hallpass itself. */
export const SYSTEM: Actor = { type: 'system', id: null, requestId: null };

export interface AuditEntry {
  action: string;
  subjectType: string;
  subjectId: string;
  districtId?: DistrictId;
  /** Never a secret, never a roster record. */
  before?: object;
  after?: object;
}

/** Writes down a change, in the transaction that makes it. */
export async function recordAudit(tx: Sql, actor: Actor, entry: AuditEntry): Promise<void> {
  await tx.query(
    `insert into audit_log (actor_type, actor_id, action, subject_type, subject_id, district_id, before, after, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      actor.type,
      actor.id,
      entry.action,
      entry.subjectType,
      entry.subjectId,
      entry.districtId ?? null,
      entry.before ? JSON.stringify(entry.before) : null,
      entry.after ? JSON.stringify(entry.after) : null,
      actor.requestId,
    ],
  );
}

/** Of what a process may hold a copy. */
export type AuthoritySubject =
  | 'app'
  | 'grant'
  | 'token'
  | 'access-token'
  | 'api-key'
  | 'client-secret'
  | 'operator'
  | 'person'
  | 'session'
  | 'rules';

/** Tells every process, in the transaction of the change, to forget what it knows of the subject. */
export async function recordAuthorityChange(tx: Sql, type: AuthoritySubject, id: string): Promise<void> {
  await tx.query('insert into authority_changes (subject_type, subject_id) values ($1, $2)', [type, id]);
}
