import type { ProblemList } from '@hallpass/domain';
import { readClever } from './clever/clever-reading.js';
import { REQUIRED_FILES as CLEVER_FILES } from './clever/shapes.js';
import { readOneRoster } from './oneroster/one-roster-reading.js';
import { MANIFEST, ORGS, REQUIRED_FILES as ONE_ROSTER_FILES } from './oneroster/shapes.js';
import type { ReadingOptions, RosterReading } from './roster-reading.js';
import { findFile, type RosterSource } from './source/roster-source.js';

/**
 * Checks the whole roster and hands back what reads its records; undefined when it is refused, and the problems then say
 * why. Keep the source open until the records are read.
 */
export async function readRoster(
  source: RosterSource,
  options: ReadingOptions,
): Promise<RosterReading | undefined> {
  if (options.problems.isRefused) return undefined;
  switch (formatOf(source)) {
    case 'oneroster-1.1':
      return readOneRoster(source, options);
    case 'clever-csv':
      return readClever(source, options);
    case undefined:
      refuseFormat(options.problems);
      return undefined;
  }
}

/** The format whose files these are, some of which may be missing; `enrollments.csv` is of both. */
function formatOf(source: RosterSource): RosterReading['format'] | undefined {
  const has = (file: string) => findFile(source, file) !== undefined;
  if (has(MANIFEST.file) || has(ORGS.file)) return 'oneroster-1.1';
  const ofClever = CLEVER_FILES.filter((file) => !ONE_ROSTER_FILES.includes(file));
  if (ofClever.filter(has).length > 1) return 'clever-csv';
  const ofOneRoster = ONE_ROSTER_FILES.filter((file) => !CLEVER_FILES.includes(file));
  return ofOneRoster.some(has) ? 'oneroster-1.1' : undefined;
}

function refuseFormat(problems: ProblemList): void {
  problems.add({
    class: 'refused',
    code: 'format-unknown',
    message: 'There is no roster of a known format here.',
    mend: `Send OneRoster 1.1 CSV (${ONE_ROSTER_FILES.join(', ')}) or Clever CSV (${CLEVER_FILES.join(', ')}).`,
  });
}
