import { randomBytes } from 'node:crypto';
import { DomainError, newId, type AppId, type DistrictId, type PersonId } from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import { recordAudit, type Actor } from '../audit.js';
import { Apps, Districts } from '../entities.js';
import { firstRow, type Sql } from '../sql.js';
import { joinAsManager } from './people.js';

/** The district of made-up people in which an app is tried out. */
export interface SandboxDistrict {
  id: DistrictId;
  name: string;
  /** False until its first import has been published. */
  hasRoster: boolean;
}

/** An app's sandbox, if it has one. */
export function sandboxOf(sql: Sql, appId: AppId): Promise<SandboxDistrict | undefined> {
  return firstRow<SandboxDistrict>(
    sql,
    'select id, name, last_import_at is not null "hasRoster" from districts where sandbox_of = $1',
    [appId],
  );
}

/** An app's sandbox, made if it has none. A person who asks for it becomes an owner of it, so as to see the district's side too. */
export async function takeSandbox(
  dataSource: DataSource,
  appId: AppId,
  actor: Actor,
): Promise<SandboxDistrict> {
  return dataSource.transaction(async (tx) => {
    const found = await firstRow(tx, 'select from apps where id = $1 for no key update', [appId]);
    if (!found) throw new DomainError('not-found', 'No app has this id.');
    const sandbox = (await sandboxOf(tx, appId)) ?? (await make());
    if (actor.type === 'person' && actor.id)
      await joinAsManager(tx, { type: 'district', id: sandbox.id }, actor.id as PersonId, actor);
    return sandbox;

    async function make(): Promise<SandboxDistrict> {
      const app = await tx.findOneByOrFail(Apps, { id: appId });
      const id = newId<DistrictId>();
      const name = `Sandbox of ${app.name}`;
      await tx.insert(Districts, { id, name, recordKey: randomBytes(32), sandboxOf: appId });
      await recordAudit(tx, actor, {
        action: 'district.created',
        subjectType: 'district',
        subjectId: id,
        districtId: id,
        after: { name, sandboxOf: appId },
      });
      return { id, name, hasRoster: false };
    }
  });
}
