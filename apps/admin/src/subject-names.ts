import { Apps, Districts } from '@hallpass/database';
import type { AppId, DistrictId } from '@hallpass/domain';
import { In, type EntityManager } from 'typeorm';

/** What a row names by id. */
interface Named {
  appId: AppId | null;
  districtId: DistrictId | null;
}

/** The rows of a page with what their apps and districts are called; null where a row names none. */
export async function withNames<T extends Named>(manager: EntityManager, page: readonly T[]) {
  const select = { id: true, name: true } as const;
  const idsIn = <Id>(ids: readonly (Id | null)[]) => In(ids.filter((id) => id !== null));
  const [apps, districts] = await Promise.all([
    manager.find(Apps, { select, where: { id: idsIn(page.map(({ appId }) => appId)) } }),
    manager.find(Districts, { select, where: { id: idsIn(page.map(({ districtId }) => districtId)) } }),
  ]);
  const names = new Map<string | null, string>([...apps, ...districts].map(({ id, name }) => [id, name]));
  return page.map((row) => ({
    ...row,
    appName: names.get(row.appId) ?? null,
    districtName: names.get(row.districtId) ?? null,
  }));
}
