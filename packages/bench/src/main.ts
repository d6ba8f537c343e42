import 'reflect-metadata';
import { benchClient } from './client/client-bench.js';
import { isMet, printReport, type Report } from './figures.js';
import { benchImport } from './import/import-bench.js';
import { readOptions } from './options.js';
import { benchLimits } from './limits/limits-bench.js';
import { benchPages } from './pages/pages-bench.js';
import { pinSelf } from './pinning.js';
import { benchReading } from './reading/reading-bench.js';
import { benchTokens } from './tokens/tokens-bench.js';
import { withWorkbench } from './workbench.js';

const { only, students, rounds } = readOptions(process.argv.slice(2));
console.log(
  pinSelf()
    ? 'Pinned: what is measured on one core, load and Postgres on another.'
    : 'Not pinned (no taskset, or one core alone): expect more noise.',
);
const reports: Report[] = [];
const isWanted = (name: typeof only) => only === undefined || only === name;
if (isWanted('pages')) reports.push(await withWorkbench((bench) => benchPages(bench, rounds, students)));
if (isWanted('import')) reports.push(await withWorkbench((bench) => benchImport(bench, rounds, students)));
if (isWanted('tokens')) reports.push(await withWorkbench((bench) => benchTokens(bench, rounds, students)));
if (isWanted('limits')) reports.push(await withWorkbench((bench) => benchLimits(bench, rounds, students)));
if (isWanted('client')) reports.push(await benchClient(rounds, students));
if (isWanted('reading')) reports.push(await benchReading(rounds, students));
const figures = reports.flatMap((report) => report.figures);
printReport({ figures, medians: reports.flatMap((report) => report.medians) });
if (figures.some((figure) => isMet(figure) === false)) process.exitCode = 1;
