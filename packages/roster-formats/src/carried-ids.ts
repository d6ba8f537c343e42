import { RECORD_KINDS, parseId, type CarriedId, type ProblemList, type RecordId } from '@hallpass/domain';
import type { CsvRow } from './csv/csv-row.js';
import { FileReport } from './csv/file-report.js';
import type { Positions, TableShape } from './csv/header.js';
import { readTable } from './csv/table.js';
import type { RosterSource } from './source/roster-source.js';

type Column = 'kind' | 'sourcedId' | 'id';

/** A file of ours beside those of any format: the ids that records have in the system a district comes from. */
const CARRIED_IDS: TableShape<Column> = {
  file: 'hallpass-ids.csv',
  read: ['kind', 'sourcedId', 'id'],
  required: ['kind', 'sourcedId', 'id'],
  ignored: [],
};

/** The ids that the roster brings along; none when it has no such file. A row that cannot be read is skipped. */
export async function readCarriedIds(source: RosterSource, problems: ProblemList): Promise<CarriedId[]> {
  if (!source.list().includes(CARRIED_IDS.file)) return [];
  const report = new FileReport(problems, CARRIED_IDS.file);
  const carried: CarriedId[] = [];
  for await (const { at, rows } of readTable(source.open(CARRIED_IDS.file), CARRIED_IDS, report)) {
    for (const row of rows) {
      const each = row.fault === undefined ? carriedId(row, at, report) : undefined;
      if (each) carried.push(each);
    }
  }
  return carried;
}

function carriedId(row: CsvRow, at: Positions<Column>, report: FileReport): CarriedId | undefined {
  const { line } = row;
  const kind = RECORD_KINDS.find((each) => each === row.text(at.kind));
  const sourceId = row.text(at.sourcedId);
  const id = parseId<RecordId>(row.text(at.id));
  if (!kind) {
    const mend = `Use one of ${RECORD_KINDS.join(', ')}.`;
    report.skipped('value-unknown', 'The kind is none of ours.', mend, { line, column: 'kind' });
  } else if (sourceId === '') {
    report.skipped('id-blank', 'The sourcedId is blank.', 'Name the record.', { line, column: 'sourcedId' });
  } else if (!id) {
    const mend = 'Send 24 hex characters.';
    report.skipped('value-malformed', 'The id is not one.', mend, { line, column: 'id' });
  } else return { kind, sourceId, id, line };
  return undefined;
}
