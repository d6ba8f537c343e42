// Holds what the portal may weigh and what it may hold: the script before the first screen, compressed, and no page of staff.
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const SCRIPT_MAX = 250_000;
const dist = new URL('dist/portal/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const read = (file) => readFileSync(new URL(file, dist));
const faults = [];

/** A chunk and all that it imports before it runs. */
function needed(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const each of manifest[name].imports ?? []) needed(each, found);
  return found;
}

const weigh = (names) =>
  [...names].reduce((sum, name) => sum + gzipSync(read(manifest[name].file)).length, 0);
const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
for (const page of [undefined, 'portal/partner/home.tsx', 'portal/district/home.tsx']) {
  const key = page && Object.keys(manifest).find((name) => name.endsWith(page.replace('portal/', '')));
  if (page && !key) faults.push(`The portal has no ${page}.`);
  const size = weigh(needed(key ?? entry, needed(entry)));
  console.log(`${page ?? 'sign-in'}: ${Math.round(size / 1000)} kB of compressed script`);
  if (size >= SCRIPT_MAX) faults.push(`${page ?? 'sign-in'} needs ${size} bytes; ${SCRIPT_MAX} is the most.`);
}

// A sentence that the pages of staff alone say, and the routes that they alone call.
for (const file of readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.js'))) {
  const code = read(`assets/${file}`).toString();
  for (const mark of ['/v1/audit', '/v1/sunset-plan', '/v1/rate-policies', '/v1/system'])
    if (code.includes(mark)) faults.push(`${file} of the portal holds ${mark}, which is of staff.`);
}
if (Object.keys(manifest).some((name) => name.includes('admin/')))
  faults.push('A module of the admin console is in the portal.');

for (const fault of faults) console.error(fault);
const counts = { name: 'console', passed: faults.length === 0 ? 1 : 0, failed: faults.length, skipped: 0 };
const countsFile = process.env.HALLPASS_TEST_COUNTS;
if (countsFile) appendFileSync(countsFile, `${JSON.stringify(counts)}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
