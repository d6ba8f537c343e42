import type { DistrictReading } from '../reading/roster.repository.js';

/** v2 and v3 give the state of a district with the district. */
export function districtSince2({ id, name, lastImportAt }: DistrictReading): object {
  return {
    id,
    name,
    state: lastImportAt ? 'success' : 'pending',
    last_sync: lastImportAt?.toISOString(),
  };
}
