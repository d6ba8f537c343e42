import type { ServedRecords, Usage, UsageCalls } from '@hallpass/database';
import type { DistrictId, Id } from '@hallpass/domain';

/** Beyond so many rows what is new is not kept, only counted as lost. */
const ROWS_MAX = 100_000;

/** Usage that has not been written yet: equal calls are one row. What is folded in and what comes out add up to the same. */
export class UsageBuffer {
  readonly #calls = new Map<Id<string>, Map<string, UsageCalls[]>>();
  readonly #served = new Map<Id<string>, Map<DistrictId, ServedRecords[]>>();
  #size = 0;
  #lost = 0;

  constructor(private readonly rowsMax = ROWS_MAX) {}

  /** How many rows there are to write. */
  get size(): number {
    return this.#size;
  }

  /** How many calls were not kept, since the process began. */
  get lost(): number {
    return this.#lost;
  }

  /** What is given may be kept, and changed. */
  addCalls(given: UsageCalls): void {
    const rows = rowsAt(this.#calls, given.id, given.route);
    const minute = given.minute.getTime();
    for (const row of rows) {
      if (row.status !== given.status || row.minute.getTime() !== minute) continue;
      row.calls += given.calls;
      row.records += given.records;
      return;
    }
    if (this.#hasRoom(given.calls)) rows.push(given);
  }

  /** The same. */
  addServed(given: ServedRecords): void {
    const rows = rowsAt(this.#served, given.app, given.district);
    for (const row of rows) {
      if (row.kind !== given.kind || row.day !== given.day || row.type !== given.type) continue;
      row.calls += given.calls;
      row.records += given.records;
      return;
    }
    if (this.#hasRoom(given.calls)) rows.push(given);
  }

  /** All that there is; afterwards there is nothing. */
  drain(): Usage {
    const usage = { calls: allOf(this.#calls), served: allOf(this.#served) };
    this.#calls.clear();
    this.#served.clear();
    this.#size = 0;
    return usage;
  }

  /** Takes back what could not be written. */
  restore({ calls, served }: Usage): void {
    for (const each of calls) this.addCalls(each);
    for (const each of served) this.addServed(each);
  }

  #hasRoom(calls: number): boolean {
    const hasRoom = this.#size < this.rowsMax;
    if (hasRoom) this.#size += 1;
    else this.#lost += calls;
    return hasRoom;
  }
}

function rowsAt<A, B, Row>(rows: Map<A, Map<B, Row[]>>, a: A, b: B): Row[] {
  let ofA = rows.get(a);
  if (!ofA) rows.set(a, (ofA = new Map<B, Row[]>()));
  let ofB = ofA.get(b);
  if (!ofB) ofA.set(b, (ofB = []));
  return ofB;
}

function allOf<A, B, Row>(rows: Map<A, Map<B, Row[]>>): Row[] {
  return [...rows.values()].flatMap((each) => [...each.values()].flat());
}
