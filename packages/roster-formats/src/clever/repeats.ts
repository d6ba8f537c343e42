import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import { IntColumn } from '../tables/columns.js';
import { digestOf } from '../tables/row-digest.js';

/** Tells whether a further row of a record says of it what the first one said. */
export class Repeats<Column extends string> {
  readonly #digests = new IntColumn();
  #at: Positions<Column> | undefined;
  #cells: readonly number[] = [];

  /** `columns` are those in which rows of one record have to agree. */
  constructor(readonly columns: readonly Column[]) {}

  note(id: number, row: CsvRow, at: Positions<Column>): void {
    this.#digests.set(id, this.#digest(row, at));
  }

  agrees(id: number, row: CsvRow, at: Positions<Column>): boolean {
    return this.#digests.get(id) === this.#digest(row, at);
  }

  #digest(row: CsvRow, at: Positions<Column>): number {
    if (this.#at !== at) {
      this.#at = at;
      this.#cells = this.columns.map((column) => at[column]);
    }
    return digestOf(row, this.#cells);
  }
}
