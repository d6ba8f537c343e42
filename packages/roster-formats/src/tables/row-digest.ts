import type { CsvRow } from '../csv/csv-row.js';

/** A number that two rows share when the given cells of both say the same, and hardly ever otherwise. */
export function digestOf(row: CsvRow, cells: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const cell of cells) {
    const end = cell >= 0 && cell < row.width ? row.ends[cell]! : 0;
    for (let at = row.starts[cell] ?? 0; at < end; at++) hash = Math.imul(hash ^ row.bytes[at]!, 0x01000193);
    hash = Math.imul(hash ^ 0x100, 0x01000193);
  }
  return hash;
}
