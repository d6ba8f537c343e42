import { Apps, Districts } from '@hallpass/database';
import type { AppId, DistrictId } from '@hallpass/domain';
import { In, type EntityManager } from 'typeorm';

/** What a row names by id. */
interface Named {
  appId: AppId | null;
  districtId: DistrictId | null;
}

/** What the districts of these ids are called. */
export async function districtNames(
  manager: EntityManager,
  ids: readonly DistrictId[],
): Promise<Map<DistrictId, string>> {
  const found = await manager.find(Districts, { select: { id: true, name: true }, where: { id: In(ids) } });
  return new Map(found.map(({ id, name }) => [id, name]));
}

/** The rows of a page with what their apps and districts are called; null where a row names none. */
export async function withNames<T extends Named>(manager: EntityManager, page: readonly T[]) {
  const idsIn = <Id>(ids: readonly (Id | null)[]) => ids.filter((id) => id !== null);
  const [apps, districts] = await Promise.all([
    manager.find(Apps, {
      select: { id: true, name: true },
      where: { id: In(idsIn(page.map(({ appId }) => appId))) },
    }),
    districtNames(manager, idsIn(page.map(({ districtId }) => districtId))),
  ]);
  const names = new Map<string | null, string>([
    ...districts,
    ...apps.map(({ id, name }) => [id, name] as const),
  ]);
  return page.map((row) => ({
    ...row,
    appName: names.get(row.appId) ?? null,
    districtName: names.get(row.districtId) ?? null,
  }));
}
