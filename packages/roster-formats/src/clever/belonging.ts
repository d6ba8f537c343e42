import type { SourceId } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { FileReport } from '../csv/file-report.js';
import { EdgeList, type EdgeGroups } from '../tables/edge-list.js';
import type { RecordIds } from '../tables/record-ids.js';
import type { Schools } from './schools.js';

/** The schools of the people of one file, in the order in which they are said: the first is the home school. */
export class Belonging {
  readonly #edges = new EdgeList();
  #byPerson: EdgeGroups | undefined;

  constructor(
    readonly people: RecordIds,
    readonly schools: Schools,
  ) {}

  /** Where the row says that the person is; reported when it says nothing that is known. */
  addRow(person: number, row: CsvRow, cell: number, report: FileReport): void {
    const school = this.schools.named(row, cell, report);
    if (school !== undefined) this.add(person, school);
  }

  add(person: number, school: number): void {
    this.#edges.add(person, school, 0);
  }

  of(person: number): SourceId[] {
    this.#byPerson ??= this.#edges.byLeft(this.people.index.size);
    const schools = new Set<number>();
    for (const edge of this.#byPerson.of(person)) schools.add(this.#edges.rightOf(edge));
    return Array.from(schools, (school) => this.schools.ids.index.idAt(school));
  }
}
