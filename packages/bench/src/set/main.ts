import 'reflect-metadata';
import { chmod, mkdir, statfs } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { removeEmbeddedPostgres } from '@hallpass/database/embedded';
import { buildSet } from './build-set.js';
import { DATA_FOLDER } from './manifest.js';
import { estimate } from './plan.js';

/** `pnpm bench:set`: builds the set that later `pnpm bench` runs measure. */
const { values } = parseArgs({
  args: process.argv.slice(2).filter((each) => each !== '--'),
  options: {
    districts: { type: 'string', default: '200' },
    students: { type: 'string', default: '2000000' },
  },
});
const plan = { districts: Number(values.districts), students: Number(values.students) };
if (!Number.isInteger(plan.districts) || plan.districts < 4 || !(plan.students >= 1000))
  throw new Error('pnpm bench:set [--districts 200] [--students 2000000]; at least 4 and 1000');

await mkdir(DATA_FOLDER, { recursive: true });
await chmod(DATA_FOLDER, 0o755);
await removeEmbeddedPostgres(DATA_FOLDER);
const { minutes, gigabytes } = estimate(plan);
const { bavail, bsize } = await statfs(DATA_FOLDER);
const free = (bavail * bsize) / 1e9;
console.log(
  `${plan.students} students in ${plan.districts} districts: about ${Math.ceil(minutes)} minutes and ` +
    `${Math.ceil(gigabytes)} GB under packages/bench/.data (${Math.floor(free)} GB are free).`,
);
if (free < gigabytes * 1.3) throw new Error('That leaves too little room on the disk.');

const start = performance.now();
const { seconds, bytes, records } = await buildSet(DATA_FOLDER, plan, (text) => {
  console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s  ${text}`);
});
console.log(
  `Built in ${(seconds / 60).toFixed(1)} minutes: ${records} records, ${(bytes / 1e9).toFixed(1)} GB.`,
);
