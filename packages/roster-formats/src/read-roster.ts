import { readOneRoster } from './oneroster/one-roster-reading.js';
import type { ReadingOptions, RosterReading } from './roster-reading.js';
import type { RosterSource } from './source/roster-source.js';

/**
 * Checks the whole roster and hands back what reads its records; undefined when it is refused, and the problems then say
 * why. Keep the source open until the records are read.
 */
export async function readRoster(
  source: RosterSource,
  options: ReadingOptions,
): Promise<RosterReading | undefined> {
  return options.problems.isRefused ? undefined : readOneRoster(source, options);
}
