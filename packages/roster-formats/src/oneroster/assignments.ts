import type { SourceId } from '@hallpass/domain';
import type { CsvRow } from '../csv/csv-row.js';
import type { Positions } from '../csv/header.js';
import { EdgeList, type EdgeGroups } from '../tables/edge-list.js';
import { IdIndex } from '../tables/id-index.js';
import type { RosterFile } from '../tables/passes.js';
import type { RecordIds } from '../tables/record-ids.js';
import { checkReference, readStatus, reportOwnId } from './records.js';

type Column<Target extends string> = 'sourcedId' | 'status' | 'resourceSourcedId' | Target;

/** Which resources the classes, or the courses, have: pairs of numbers, as a file of their own has them. */
export class Assignments<Target extends 'classSourcedId' | 'courseSourcedId'> {
  /** Resource and target. */
  readonly #edges = new EdgeList();
  #byResource: EdgeGroups | undefined;

  constructor(
    readonly file: RosterFile<Column<Target>>,
    readonly target: Target,
    readonly resources: RecordIds,
    readonly targets: RecordIds,
  ) {}

  async check(): Promise<void> {
    const seen = new IdIndex();
    for await (const { at, rows } of this.file.batches()) {
      for (const row of rows) {
        if (row.fault === undefined) reportOwnId(row, at.sourcedId, seen, this.file.report);
        this.#checkRow(row, at);
      }
    }
  }

  /** What the resource is assigned to, each once. */
  of(resource: number): SourceId[] {
    this.#byResource ??= this.#edges.byLeft(this.resources.index.size);
    const targets = new Set<number>();
    for (const edge of this.#byResource.of(resource)) targets.add(this.#edges.rightOf(edge));
    return Array.from(targets, (target) => this.targets.index.idAt(target));
  }

  #checkRow(row: CsvRow, at: Positions<Column<Target>>): void {
    const { report } = this.file;
    const resource = this.resources.index.find(row, at.resourceSourcedId);
    const status = row.fault === undefined ? readStatus(row, at.status, report) : undefined;
    if (status === 'absent') return;
    if (status === undefined) return this.resources.markDoubtful(resource);
    const target = this.targets.index.find(row, at[this.target]);
    const isThere =
      checkReference(this.resources, resource, row, at.resourceSourcedId, 'resourceSourcedId', report) &&
      checkReference(this.targets, target, row, at[this.target], this.target, report);
    if (isThere) this.#edges.add(resource, target, 0);
  }
}
