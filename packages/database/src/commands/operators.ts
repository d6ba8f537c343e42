import {
  DomainError,
  requireAdministratorLeft,
  requireManagerLeft,
  type Appointer,
  type Id,
} from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
import { Operators, type OperatorRow } from '../entities.js';
import { rows } from '../sql.js';
import { holdScope, membersOf } from './people.js';

const STAFF = { type: 'staff' } as const;

/** Ends an operator's access at once, that of a script or of a person; the last administrator stays. */
export async function disableOperator(
  dataSource: DataSource,
  id: Id<'operator'>,
  actor: Actor,
): Promise<OperatorRow> {
  return dataSource.transaction(async (tx) => {
    // Of two administrators who let each other go at once, one stays.
    await holdScope(tx, STAFF);
    const operator = await tx.findOneBy(Operators, { id });
    if (!operator) throw new DomainError('not-found', 'No operator has this id.');
    if (operator.disabledAt) return operator;
    const others = await rows<Appointer>(
      tx,
      `select o.id, o.role, o.lookup is not null
         or (p.disabled_at is null and (p.password_hash is not null or p.vouched_at is not null)) "canSignIn"
       from operators o left join people p on p.id = o.person_id where o.disabled_at is null`,
    );
    requireAdministratorLeft(others, id);
    const { personId } = operator;
    if (personId) requireManagerLeft('staff', await membersOf(tx, STAFF), personId, undefined);
    const disabledAt = new Date();
    await tx.update(Operators, { id }, { disabledAt });
    if (personId) await recordAuthorityChange(tx, 'person', personId);
    await recordAudit(tx, actor, { action: 'operator.disabled', subjectType: 'operator', subjectId: id });
    return { ...operator, disabledAt };
  });
}
