import type { Report } from '../figures.js';
import type { Workbench } from '../workbench.js';
import { benchLookups } from './lookup-bench.js';
import { benchOAuth } from './oauth-bench.js';
import { benchRevocations } from './revocation-bench.js';

/** What tokens cost: to issue, to introspect, to look up among many, and to end everywhere. */
export async function benchTokens(
  bench: Workbench,
  rounds: number,
  students: number | undefined,
): Promise<Report> {
  const reports = [
    await benchOAuth(bench, rounds),
    await benchRevocations(bench, students),
    await benchLookups(rounds),
  ];
  return {
    figures: reports.flatMap(({ figures }) => figures),
    medians: reports.flatMap(({ medians }) => medians),
  };
}
