import type { DistrictId, RecordKind } from '@hallpass/domain';
import type { RosterRequest, Served } from '@hallpass/service-kit';
import type { RosterCall } from '../answers/roster-call.js';

interface ServedRequest extends RosterRequest {
  served?: Served[];
}

/** Notes records that an answer holds, for the access log of their districts. */
export function noteServed(
  { request }: RosterCall,
  kind: RecordKind,
  shown: readonly { districtId: DistrictId }[],
): void {
  const served = ((request as ServedRequest).served ??= []);
  addServed(served, kind, shown);
}

/** What has been noted. */
export function servedBy(request: ServedRequest): readonly Served[] | undefined {
  return request.served;
}

/** Adds records of a kind to what is counted, by district. */
export function addServed(
  served: Served[],
  kind: RecordKind,
  shown: readonly { districtId: DistrictId }[],
): void {
  // Those of a token, and mostly those of a key, are of the district of the one before.
  let last: Served | undefined;
  for (const { districtId: district } of shown) {
    if (last?.district !== district || last.kind !== kind) {
      last = served.find((each) => each.district === district && each.kind === kind);
      if (!last) served.push((last = { district, kind, records: 0 }));
    }
    last.records += 1;
  }
}
