import type { SourceId } from '@hallpass/domain';
import { ByteColumn, IntColumn } from './columns.js';
import { IdIndex } from './id-index.js';

/** What is known of an id. The order matters not; 0 is an id that some other row merely mentioned. */
export const ID_STATE = { unknown: 0, skipped: 1, kept: 2, read: 3, gone: 4 } as const;
export type IdState = (typeof ID_STATE)[keyof typeof ID_STATE];

/** The ids of one kind of record, with what became of each: the compact table that stands for the rows themselves. */
export class RecordIds {
  readonly index = new IdIndex();
  readonly kept = new Set<SourceId>();
  readonly #states = new ByteColumn();
  readonly #lines = new IntColumn();
  readonly #unsettled = new Set<number>();

  stateOf(id: number): IdState {
    return id < 0 ? ID_STATE.unknown : (this.#states.get(id) as IdState);
  }

  isRead(id: number): boolean {
    return this.stateOf(id) === ID_STATE.read;
  }

  /** True when other records may refer to it. */
  isReferable(id: number): boolean {
    const state = this.stateOf(id);
    return state === ID_STATE.read || state === ID_STATE.kept;
  }

  countRead(): number {
    let count = 0;
    for (let id = 0; id < this.index.size; id++) if (this.isRead(id)) count++;
    return count;
  }

  /** Line 0 for a record that was not read. */
  lineOf(id: number): number {
    return this.#lines.get(id);
  }

  markRead(id: number, line: number): void {
    this.#states.set(id, ID_STATE.read);
    this.#lines.set(id, line);
    this.#unsettled.delete(id);
  }

  /** A row said that the record is to be deleted. */
  markGone(id: number): void {
    if (this.isRead(id)) return;
    this.#states.set(id, ID_STATE.gone);
    this.#unsettled.delete(id);
  }

  /** The record's row cannot be read. */
  markSkipped(id: number): void {
    if (id < 0 || this.isRead(id)) return;
    this.#states.set(id, ID_STATE.skipped);
    this.#unsettled.add(id);
  }

  /**
   * Part of the record cannot be read (its demographics, one of its enrollments). If the district has it, it stays as it
   * is there, since the part would be lost; if not, what could be read of it is better than nothing.
   */
  markDoubtful(id: number): void {
    if (this.isRead(id)) this.#unsettled.add(id);
  }

  /** Keeps those of the skipped and doubtful records which the district has. May be called again for new ones. */
  async settle(previous: (ids: readonly SourceId[]) => Promise<ReadonlySet<SourceId>>): Promise<void> {
    if (this.#unsettled.size === 0) return;
    const ids = [...this.#unsettled].map((id) => this.index.idAt(id));
    const known = await previous(ids);
    for (const id of this.#unsettled) this.#settleOne(id, known);
    this.#unsettled.clear();
  }

  #settleOne(id: number, known: ReadonlySet<SourceId>): void {
    const sourceId = this.index.idAt(id);
    if (known.has(sourceId)) {
      this.kept.add(sourceId);
      this.#states.set(id, ID_STATE.kept);
    } else if (!this.isRead(id)) this.#states.set(id, ID_STATE.unknown);
  }
}
