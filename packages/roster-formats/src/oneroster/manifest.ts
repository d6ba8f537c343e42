import type { ProblemList } from '@hallpass/domain';
import { FileReport } from '../csv/file-report.js';
import { readTable } from '../csv/table.js';
import { findFile, type RosterSource } from '../source/roster-source.js';
import { MANIFEST, OPTIONAL_FILES, REQUIRED_FILES } from './shapes.js';

/**
 * Checks that the files there are make a OneRoster 1.1 bulk roster. What is wrong is on the list, as `refused` when
 * reading on would be of no use.
 */
export async function checkManifest(source: RosterSource, problems: ProblemList): Promise<void> {
  const missing = REQUIRED_FILES.filter((file) => findFile(source, file) === undefined);
  for (const file of missing) refuseMissing(problems, file, `The file ${file} is missing.`);
  const file = findFile(source, MANIFEST.file);
  if (file === undefined) return noteMissingManifest(problems);
  const report = new FileReport(problems, file);
  const properties = await readProperties(source, file, report);
  for (const optional of OPTIONAL_FILES) {
    const promised = modeOf(properties, optional)?.value;
    if (promised === 'bulk' && findFile(source, optional) === undefined)
      refuseMissing(problems, optional, `The manifest names ${optional}, which is missing.`);
  }
  checkVersion(properties, report);
  checkModes(properties, report);
}

interface Property {
  value: string;
  line: number;
}

/** Property names are folded to lower case. */
async function readProperties(
  source: RosterSource,
  file: string,
  report: FileReport,
): Promise<Map<string, Property>> {
  const properties = new Map<string, Property>();
  for await (const { at, rows } of readTable(source.open(file), MANIFEST, report)) {
    for (const row of rows) {
      if (row.fault !== undefined || properties.size > 1_000) continue;
      const value = row.text(at.value).toLowerCase();
      properties.set(row.text(at.propertyName).toLowerCase(), { value, line: row.line });
    }
  }
  return properties;
}

function modeOf(properties: ReadonlyMap<string, Property>, file: string): Property | undefined {
  return properties.get(`file.${file.replace('.csv', '')}`.toLowerCase());
}

function checkVersion(properties: ReadonlyMap<string, Property>, report: FileReport): void {
  const version = properties.get('oneroster.version');
  if (version?.value === '1.1') return;
  if (version === undefined) {
    const mend = 'State oneroster.version as 1.1.';
    report.repaired('value-missing', 'The manifest states no version; it was taken as 1.1.', mend);
  } else {
    const message = 'The manifest states a version of OneRoster other than 1.1.';
    const place = { line: version.line, column: 'value' };
    report.refused('format-unsupported', message, 'Send OneRoster 1.1 CSV files in bulk mode.', place);
  }
}

function checkModes(properties: ReadonlyMap<string, Property>, report: FileReport): void {
  for (const file of [...REQUIRED_FILES, ...OPTIONAL_FILES]) {
    const mode = modeOf(properties, file);
    if (mode?.value !== 'delta') continue;
    const message = `The manifest says that ${file} holds only what changed (delta).`;
    const mend = 'Send the whole roster in bulk mode.';
    report.refused('format-unsupported', message, mend, { line: mode.line, column: 'value' });
  }
}

function refuseMissing(problems: ProblemList, file: string, message: string): void {
  problems.add({
    class: 'refused',
    code: 'file-missing',
    file,
    message,
    mend: `Send ${file} with the others.`,
  });
}

function noteMissingManifest(problems: ProblemList): void {
  problems.add({
    class: 'repaired',
    code: 'manifest-missing',
    file: MANIFEST.file,
    message: 'There is no manifest.csv; the files were taken as OneRoster 1.1 in bulk mode.',
    mend: 'Send a manifest.csv with the others.',
  });
}
