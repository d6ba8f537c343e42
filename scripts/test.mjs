// npm test: everything that must hold, in the order in which it fails soonest. The last line is the sum of all tests.
import './node-version.mjs';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, install, pnpm } from './pnpm.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'hallpass-test-'));
// Root's database runs as another user, which must be able to walk in.
chmodSync(scratch, 0o755);
const countsFile = join(scratch, 'counts');
const turbo = ['exec', 'turbo', 'run', '--ui=stream', '--output-logs=errors-only'];

const failedSteps = [];

await step('install', install);
if (failedSteps.length === 0) {
  await step('format', () => pnpm(['run', '--silent', 'format:check']));
  await step('arrows', () => pnpm(['run', '--silent', 'arrows']));
  const isBuilt = await step('build and types', () => pnpm([...turbo, 'build', 'typecheck', '--continue']));
  // The linter asks the built packages for their types.
  await step('lint', () => pnpm(['run', '--silent', 'lint']));
  if (isBuilt) await step('tests', runTests);
}
conclude();
rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });

async function step(name, act) {
  const began = Date.now();
  console.log(`\n── ${name}`);
  const isGood = await act();
  if (!isGood) failedSteps.push(name);
  console.log(`── ${name}: ${isGood ? 'good' : 'FAILED'} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return isGood;
}

/** Every suite, on one database server: a fast one, for what it holds is thrown away. */
async function runTests() {
  const database = await testDatabase();
  const reporters = ['--reporters=default', `--reporters=${join(ROOT, 'scripts', 'jest-counts.mjs')}`];
  try {
    return pnpm([...turbo, 'test', '--continue', '--concurrency=2', '--', ...reporters], {
      env: { HALLPASS_TEST_DATABASE_URL: database.url, HALLPASS_TEST_COUNTS: countsFile },
    });
  } finally {
    await database.stop();
  }
}

async function testDatabase() {
  const given = process.env.HALLPASS_TEST_DATABASE_URL;
  if (given) return { url: given, stop: () => undefined };
  const embedded = pathToFileURL(join(ROOT, 'packages', 'database', 'dist', 'embedded', 'index.js')).href;
  const { startEmbeddedPostgres, removeEmbeddedPostgres } = await import(embedded);
  const folder = join(scratch, 'database');
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '200',
  };
  const server = await startEmbeddedPostgres({ folder, settings });
  return {
    url: server.superuserUrl(),
    stop: async () => {
      await server.stop();
      await removeEmbeddedPostgres(folder);
    },
  };
}

/** A step that failed without failing a test counts as one failure, so that the sum never looks better than the exit code. */
function conclude() {
  const runs = counts();
  const sum = (what) => runs.reduce((total, run) => total + run[what], 0);
  for (const run of runs) {
    console.log(`${run.name}: ${run.passed} passed, ${run.failed} failed, ${run.skipped} skipped`);
  }
  const skipped = sum('skipped');
  const isSkippingForbidden = process.env.CI === 'true' && skipped > 0;
  if (isSkippingForbidden) console.log('CI runs every test: a skipped one is a failure here.');
  const failedTests = sum('failed');
  const failed =
    failedTests + (failedTests > 0 ? failedSteps.filter((name) => name !== 'tests') : failedSteps).length;
  if (failed > 0 || isSkippingForbidden) process.exitCode = 1;
  console.log(`\n${sum('passed')} passed, ${failed} failed, ${skipped} skipped`);
}

function counts() {
  if (!existsSync(countsFile)) return [];
  const lines = readFileSync(countsFile, 'utf8').trim().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.name.localeCompare(b.name));
}
