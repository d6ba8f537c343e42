import type { VersionTable } from './route.js';
import { V1_1, V1_2 } from './tables/v1.js';
import { V2_0, V2_1 } from './tables/v2.js';
import { V3_0, V3_1 } from './tables/v3.js';

/** Every version that is served, the oldest first. */
export const ALL_VERSIONS: readonly VersionTable[] = [V1_1, V1_2, V2_0, V2_1, V3_0, V3_1];
