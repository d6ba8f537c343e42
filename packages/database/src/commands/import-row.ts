import { DomainError, type DistrictId, type ImportId } from '@hallpass/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { recordAudit, type Actor } from '../audit.js';
import { Districts, Imports, type ImportRow } from '../entities.js';
import { dropHeldChanges } from '../roster/held-changes.js';
import { brokenConstraint, firstRow, rows } from '../sql.js';

/**
 * Writes down that an import has begun, or, where its process stopped in the middle, that it begins anew; refused while another of
 * the same district runs.
 */
export async function beginImport(
  dataSource: DataSource,
  districtId: DistrictId,
  id: ImportId,
  actor: Actor,
): Promise<void> {
  if (!(await dataSource.manager.existsBy(Districts, { id: districtId })))
    throw new DomainError('not-found', 'No district has this id.');
  const begun = await asOnlyOneRunning(() =>
    firstRow(
      dataSource,
      `insert into imports (district_id, id, status, started_by) values ($1, $2, 'running', $3)
       on conflict (district_id, id) do update set status = 'running', finished_at = null
       where imports.status = 'failed' returning id`,
      [districtId, id, actor.id],
    ),
  );
  if (!begun) throw new DomainError('import-running', 'This import has begun already.');
}

/** Ends imports that a stopped process left running; nothing of them was published. */
export async function failInterruptedImports(dataSource: DataSource): Promise<void> {
  await dataSource.manager.update(
    Imports,
    { status: 'running' },
    { status: 'failed', finishedAt: new Date() },
  );
}

/** Ends an import that cannot go on; one that has ended already keeps its outcome. */
export async function failImport(
  dataSource: DataSource,
  districtId: DistrictId,
  id: ImportId,
): Promise<void> {
  await dataSource.manager.update(
    Imports,
    { districtId, id, status: 'running' },
    { status: 'failed', finishedAt: new Date() },
  );
}

/**
 * Lets a held import run on, if the roster is still the one that its report compared it with; else it is discarded, and the
 * error says so. Gives the seq of that roster, which importRoster wants.
 */
export async function confirmImport(
  dataSource: DataSource,
  districtId: DistrictId,
  id: ImportId,
  actor: Actor,
): Promise<{ baseSeq: number }> {
  const baseSeq = await dataSource.transaction(async (tx) => {
    const held = await importIn(tx, districtId, id);
    const district = await tx.findOneByOrFail(Districts, { id: districtId });
    const isOfNow = district.seq === held.baseSeq;
    await leaveHeld(tx, held, isOfNow ? 'running' : 'discarded');
    await recordAnswer(tx, held, isOfNow ? 'import.confirmed' : 'import.discarded', actor);
    return isOfNow ? district.seq : undefined;
  });
  if (baseSeq !== undefined) return { baseSeq };
  throw new DomainError(
    'import-superseded',
    'The roster or a grant has changed since: import the files again, and confirm the new report.',
  );
}

/** Lets a held import go; nothing of it was published. */
export async function discardImport(
  dataSource: DataSource,
  districtId: DistrictId,
  id: ImportId,
  actor: Actor,
): Promise<void> {
  await dataSource.transaction(async (tx) => {
    const held = await importIn(tx, districtId, id);
    await leaveHeld(tx, held, 'discarded');
    await recordAnswer(tx, held, 'import.discarded', actor);
  });
}

/** Lets the held imports of a district go in whose place this one stands. */
export async function discardSuperseded(
  tx: EntityManager,
  districtId: DistrictId,
  by: ImportId,
  actor: Actor,
): Promise<void> {
  const superseded = await rows<{ id: ImportId }>(
    tx,
    `with superseded as (
       update imports set status = 'discarded', finished_at = now()
       where district_id = $1 and status = 'held' and id <> $2 returning id),
     dropped as (
       delete from held_changes h using superseded s where h.district_id = $1 and h.import_id = s.id)
     select id from superseded`,
    [districtId, by],
  );
  for (const { id } of superseded)
    await recordAudit(tx, actor, {
      action: 'import.discarded',
      subjectType: 'import',
      subjectId: id,
      districtId,
      after: { supersededBy: by },
    });
}

async function importIn(tx: EntityManager, districtId: DistrictId, id: ImportId): Promise<ImportRow> {
  const found = await tx.findOneBy(Imports, { districtId, id });
  if (!found) throw new DomainError('not-found', 'The district has no import of this id.');
  return found;
}

/** Of two answers to one report only the first counts. */
async function leaveHeld(tx: EntityManager, seen: ImportRow, status: 'running' | 'discarded'): Promise<void> {
  const { districtId, id } = seen;
  const finishedAt = status === 'running' ? null : new Date();
  const { affected } = await asOnlyOneRunning(() =>
    tx.update(Imports, { districtId, id, status: 'held' }, { status, finishedAt }),
  );
  if (affected) return dropHeldChanges(tx, { districtId, importId: id });
  const now = await importIn(tx, districtId, id);
  throw new DomainError(
    'import-not-held',
    `The import is ${now.status}; only a held one waits for an answer.`,
  );
}

function recordAnswer(tx: EntityManager, { districtId, id }: ImportRow, action: string, actor: Actor) {
  return recordAudit(tx, actor, { action, subjectType: 'import', subjectId: id, districtId });
}

async function asOnlyOneRunning<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (brokenConstraint(error) !== 'imports_one_running') throw error;
    throw new DomainError(
      'import-running',
      'An import of this district is running: wait until it has ended.',
    );
  }
}
