import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

/** A jest reporter that appends a run's counts to the file in HALLPASS_TEST_COUNTS, for scripts/test.mjs to sum. */
export default class JestCounts {
  onRunComplete(_contexts, results) {
    const file = process.env.HALLPASS_TEST_COUNTS;
    if (!file) return;
    const counts = {
      name: basename(process.cwd()),
      passed: results.numPassedTests,
      // A suite that does not even load has no tests to fail.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    appendFileSync(file, `${JSON.stringify(counts)}\n`);
  }
}
