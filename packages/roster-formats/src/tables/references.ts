import type { SourceId } from '@hallpass/domain';
import { quotedId, type FileReport } from '../csv/file-report.js';
import { ID_STATE, type RecordIds } from './record-ids.js';

/** The ids listed in a cell. */
export function listed(text: string): string[] {
  if (!text.includes(',')) return text === '' ? [] : [text];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/**
 * Those of the ids that name a record which is there. The others are left out, and reported unless their own rows say
 * that they are to be deleted.
 */
export function referable(
  ids: RecordIds,
  references: readonly string[],
  report: FileReport,
  place: { line: number; column: string },
): SourceId[] {
  return references.filter((reference) => {
    const id = ids.index.findText(reference);
    if (ids.isReferable(id)) return true;
    if (ids.stateOf(id) !== ID_STATE.gone) reportUnknown(report, reference, place);
    return false;
  });
}

export function reportUnknown(
  report: FileReport,
  reference: string,
  place: { line: number; column: string },
): void {
  const message = `The column names ${quotedId(reference)}, which no row has; the reference was left out.`;
  const mend = 'Send the row it names, or take the reference away.';
  report.repaired('reference-unknown', message, mend, place);
}
