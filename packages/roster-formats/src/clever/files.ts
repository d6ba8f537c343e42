import type { ProblemList } from '@hallpass/domain';
import { findFile, type RosterSource } from '../source/roster-source.js';
import { FORMER_FILE, REQUIRED_FILES } from './shapes.js';

/** Refuses a roster without one of the files that make one. The others are read all the same, for the report's sake. */
export function checkFiles(source: RosterSource, problems: ProblemList): void {
  for (const file of REQUIRED_FILES) {
    if (findFile(source, file) !== undefined) continue;
    problems.add({
      class: 'refused',
      code: 'file-missing',
      file,
      message: `The file ${file} is missing. Nothing was imported, and what was here is as it was.`,
      mend: `Send ${file} with the others, even when it has no rows but its column names.`,
    });
  }
  const former = findFile(source, FORMER_FILE);
  if (former === undefined) return;
  problems.add({
    class: 'repaired',
    code: 'file-ignored',
    file: former,
    message: `${FORMER_FILE} is no longer part of the format; it was not read.`,
    mend: 'Send these people in staff.csv.',
  });
}
