import { fileURLToPath } from 'node:url';
import { digits, median, medianRatio, type Report } from '../figures.js';
import { messageOf, spawnMeasured } from '../pinning.js';
import { writeRoster, type Workbench } from '../workbench.js';
import type { CopyJob, ImportJob, JobResult } from './import-job.js';

const STUDENTS = 100_000;

type Step = 'copy' | 'first' | 'again' | 'reread' | 'changed';
type Results = Record<Step, JobResult[]>;

/** Imports a generated district beside COPY of the same files, each in a process of its own. */
export async function benchImport(bench: Workbench, rounds: number, students = STUDENTS): Promise<Report> {
  console.log(`import: generating ${students} students`);
  const folder = await writeRoster(bench.folder, students);
  const changed = await writeRoster(bench.folder, students, 0.05);
  const results: Results = { copy: [], first: [], again: [], reread: [], changed: [] };
  for (let round = 1; round <= rounds; round += 1) {
    await measureRound(bench, { folder, changed }, results);
    const said = Object.entries(results).map(
      ([step, each]) => `${step} ${seconds(each.at(-1)?.milliseconds ?? NaN)}`,
    );
    console.log(`import: round ${round} of ${rounds}: ${said.join(', ')}`);
  }
  return reportOf(results, students);
}

async function measureRound(
  bench: Workbench,
  { folder, changed }: { folder: string; changed: string },
  results: Results,
): Promise<void> {
  const { directory, url } = bench;
  const { dataSource } = directory;
  await dataSource.query('truncate record_versions, link_versions');
  const { id: districtId } = await directory.district([]);
  const run = async (step: Step, status: string, script: string, job: ImportJob | CopyJob) => {
    // So that no step pays for what another has left to be written.
    await dataSource.query('checkpoint');
    const child = spawnMeasured(fileURLToPath(new URL(script, import.meta.url)), {
      arguments: [JSON.stringify(job)],
    });
    const ended = new Promise((done) => child.once('exit', done));
    const result = await messageOf<JobResult>(child);
    await ended;
    if (result.status !== status) throw new Error(`the import "${step}" ended as ${result.status}`);
    results[step].push(result);
  };
  const load = (from: string, salt: string): ImportJob => ({ url, folder: from, districtId, salt });
  const versions = async () =>
    (await dataSource.query<{ count: number }[]>('select count(*)::int count from record_versions'))[0]
      ?.count;
  await run('copy', 'copied', './copy-process.js', { url, folder });
  await run('first', 'published', './import-process.js', load(folder, '1'));
  const before = await versions();
  await run('again', 'unchanged', './import-process.js', load(folder, '1'));
  await run('reread', 'unchanged', './import-process.js', load(folder, '2'));
  if ((await versions()) !== before) throw new Error('an unchanged import has made new versions');
  await run('changed', 'published', './import-process.js', load(changed, '1'));
}

function reportOf(results: Results, students: number): Report {
  const times = (step: Step) => results[step].map((each) => each.milliseconds);
  const peak = Math.max(
    ...[...results.first, ...results.reread, ...results.changed].map((each) => each.peakMiB),
  );
  const name = `import of ${students.toLocaleString('en')} students`;
  const ratio = (step: Step, against: Step) => medianRatio(times(step), times(against));
  return {
    figures: [
      { what: name, against: 'COPY of the same files', ratio: ratio('first', 'copy'), wanted: { max: 6 } },
      {
        what: 'its process at its largest',
        against: 'memory',
        ratio: peak,
        wanted: { max: 512 },
        unit: ' MiB',
      },
      {
        what: 'the same files again',
        against: 'the first import',
        ratio: ratio('again', 'first'),
        wanted: { max: 0.5 },
      },
      { what: 'equal records, read anew', against: 'the first import', ratio: ratio('reread', 'first') },
      { what: 'a twentieth changed', against: 'the first import', ratio: ratio('changed', 'first') },
    ],
    medians: (Object.keys(results) as Step[]).map((step) => ({
      what: `import, ${step}`,
      value: `${seconds(median(times(step)))}, of it ${seconds(median(results[step].map((each) => each.processorMs)))} in Node; ${digits(median(results[step].map((each) => each.peakMiB)))} MiB`,
    })),
  };
}

function seconds(milliseconds: number): string {
  return `${digits(milliseconds / 1000)} s`;
}
