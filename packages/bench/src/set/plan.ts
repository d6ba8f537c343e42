/** What a benchmark set is made of. Equal plans make equal rosters. */
export interface SetPlan {
  /** Over all districts. */
  students: number;
  districts: number;
}

export const SEED = 7;
/** How often the district with a history was imported again, and which share of its records each time changed. */
export const HISTORY_IMPORTS = 30;
export const HISTORY_SHARE = 0.05;

/** What a district of the set is for; the rest are there to be in the way. */
export type DistrictPurpose = 'large' | 'export' | 'history' | 'plain' | 'other';

export interface PlannedDistrict {
  purpose: DistrictPurpose;
  students: number;
  /** Equal seeds make equal people. */
  seed: number;
}

/**
 * One district has half of all students and one a twentieth; two small ones are alike, of which one gets a history. The others
 * share the rest unevenly, as districts do: the k-th has about k^-0.7 of the first.
 */
export function plannedDistricts({ students, districts }: SetPlan): PlannedDistrict[] {
  const large = Math.round(students / 2);
  const exported = Math.max(50, Math.round(students / 20));
  const alike = Math.max(250, Math.round(students / 200));
  const named: PlannedDistrict[] = [
    { purpose: 'large', students: large, seed: SEED },
    { purpose: 'export', students: exported, seed: SEED + 1 },
    { purpose: 'plain', students: alike, seed: SEED + 2 },
    { purpose: 'history', students: alike, seed: SEED + 2 },
  ];
  const left = students - named.reduce((sum, each) => sum + each.students, 0);
  const weights = Array.from({ length: Math.max(0, districts - named.length) }, (_, k) => (k + 1) ** -0.7);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const others = weights.map((weight, k): PlannedDistrict => {
    const share = Math.max(1, Math.round((Math.max(0, left) * weight) / sum));
    return { purpose: 'other', students: share, seed: SEED + 3 + k };
  });
  return [...named, ...others];
}

/** The roster of a database that holds little else: about ten thousand records. */
export const SMALL_DISTRICT: PlannedDistrict = { purpose: 'other', students: 4000, seed: SEED };

/** As measured on two cores: what a set of that size takes to build, and where it comes to lie. */
export function estimate({ students }: SetPlan): { minutes: number; gigabytes: number } {
  const millions = students / 1_000_000;
  return { minutes: 1 + 8 * millions, gigabytes: 0.5 + 6 * millions };
}
