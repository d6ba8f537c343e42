import type { DistrictId, PlatformEventId, PlatformEventType } from '@hallpass/domain';

/** A platform event as it was written. */
export interface PlatformEventRow {
  id: PlatformEventId;
  type: PlatformEventType;
  at: Date;
  districtId: DistrictId | null;
  data: Record<string, string | number | null>;
}

/** The same as it is told: word for word alike by webhook and in the list. */
export function platformEventBody({ id, type, at, districtId, data }: PlatformEventRow) {
  return { id, type, at: at.toISOString(), districtId, data };
}
