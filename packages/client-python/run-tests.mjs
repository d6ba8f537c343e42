// Runs the suite where there is a Python; elsewhere it says that it did not, which CI takes for a failure.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const { CI, HALLPASS_TEST_COUNTS } = process.env;
const python = ['python3', 'python'].find((name) => {
  const { stdout, status } = spawnSync(name, ['-c', 'import sys; print(sys.version_info >= (3, 9))']);
  return status === 0 && stdout.toString().trim() === 'True';
});

if (python === undefined) {
  process.stdout.write('client-python: SKIPPED, for there is no Python 3.9 or later here.\n');
  count({ passed: 0, failed: CI ? 1 : 0, skipped: CI ? 0 : 1 });
  process.exitCode = CI ? 1 : 0;
} else {
  const ran = spawnSync(
    python,
    ['-W', 'error::ResourceWarning', '-m', 'unittest', 'discover', '-s', 'tests', '-v'],
    {
      cwd: import.meta.dirname,
      env: { ...process.env, PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1' },
      maxBuffer: 100_000_000,
    },
  );
  const said = ran.stderr.toString();
  process.stdout.write(said + ran.stdout.toString());
  const number = (pattern) => Number(pattern.exec(said)?.[1] ?? 0);
  const [failed, skipped] = [number(/failures=(\d+)/) + number(/errors=(\d+)/), number(/skipped=(\d+)/)];
  const passed = number(/^Ran (\d+) tests?/m) - failed - skipped;
  count({ passed, failed, skipped });
  process.exitCode = ran.status === 0 && passed > 0 ? 0 : 1;
}

/** As the suites of jest are counted. */
function count(counts) {
  if (HALLPASS_TEST_COUNTS)
    appendFileSync(HALLPASS_TEST_COUNTS, `${JSON.stringify({ name: 'client-python', ...counts })}\n`);
}
