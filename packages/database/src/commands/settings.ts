import { DomainError, type AppId, type DistrictId } from '@hallpass/domain';
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import { recordAudit, recordAuthorityChange, type Actor } from '../audit.js';
import { Apps, Districts, type AppRow, type DistrictRow } from '../entities.js';
import { applyTokenAge } from './token-keeping.js';

/** What staff or its partner set of an app; what is left out stays as it is. */
export type AppSettings = Partial<
  Pick<
    AppRow,
    | 'purpose'
    | 'requestedFields'
    | 'requiredFields'
    | 'isListed'
    | 'isEnabled'
    | 'signup'
    | 'reveal'
    | 'revealAddresses'
    | 'tokenMaxAgeDays'
    | 'redirectUris'
    | 'publicKeys'
  >
>;

/** Changes an app's settings. A public key that is taken away takes the access tokens that were given for it with it. */
export async function changeApp(
  dataSource: DataSource,
  id: AppId,
  settings: AppSettings,
  actor: Actor,
): Promise<AppRow> {
  return dataSource.transaction(async (tx) => {
    await tx.query('select from apps where id = $1 for no key update', [id]);
    const before = await tx.findOneBy(Apps, { id });
    if (!before) throw new DomainError('not-found', 'No app has this id.');
    const changed = changesIn(before, settings);
    if (Object.keys(changed).length === 0) return before;
    await tx.update(Apps, { id }, changed);
    if ('tokenMaxAgeDays' in changed) await applyTokenAge(tx, { appId: id }, new Date());
    await recordAudit(tx, actor, {
      action: 'app.changed',
      subjectType: 'app',
      subjectId: id,
      before: Object.fromEntries(Object.keys(changed).map((name) => [name, before[name as keyof AppRow]])),
      after: changed,
    });
    await recordAuthorityChange(tx, 'app', id);
    return { ...before, ...changed };
  });
}

/** What staff set of a district; what is left out stays as it is. */
export type DistrictSettings = Partial<Pick<DistrictRow, 'tokenMaxAgeDays' | 'exposure'>>;

export async function changeDistrict(
  dataSource: DataSource,
  id: DistrictId,
  settings: DistrictSettings,
  actor: Actor,
): Promise<DistrictRow> {
  return dataSource.transaction(async (tx) => {
    const before = await tx.findOneBy(Districts, { id });
    if (!before) throw new DomainError('not-found', 'No district has this id.');
    const changed = changesIn(before, settings);
    if (Object.keys(changed).length === 0) return before;
    await tx.update(Districts, { id }, changed);
    if ('tokenMaxAgeDays' in changed) await applyTokenAge(tx, { districtId: id }, new Date());
    await recordAudit(tx, actor, {
      action: 'district.changed',
      subjectType: 'district',
      subjectId: id,
      districtId: id,
      before: Object.fromEntries(
        Object.keys(changed).map((name) => [name, before[name as keyof DistrictRow]]),
      ),
      after: changed,
    });
    return { ...before, ...changed };
  });
}

function changesIn<Row extends object, Change extends Partial<Row>>(before: Row, change: Change): Change {
  return Object.fromEntries(
    Object.entries(change).filter(
      ([name, value]) => value !== undefined && !isDeepStrictEqual(value, before[name as keyof Row]),
    ),
  ) as Change;
}
