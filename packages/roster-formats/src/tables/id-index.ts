import type { CsvRow } from '../csv/csv-row.js';

const NONE = -1;

/**
 * Numbers source ids from 0 in the order they are first mentioned. A Map of strings does the same at several times the
 * memory and with a string made for every look-up; this keeps the ids' bytes end to end and looks up in place, which is
 * what lets a roster of millions of rows be read in a small process.
 */
export class IdIndex {
  #bytes = Buffer.alloc(1 << 16);
  /** Where each id starts; one more than there are ids. */
  #starts = new Int32Array(1 << 10);
  /** Pairs of an id's number and its hash, side by side as a look-up wants both. */
  #slots = new Int32Array(1 << 12).fill(NONE);
  #size = 0;
  #scratch = Buffer.alloc(1 << 10);

  get size(): number {
    return this.#size;
  }

  /** The number of the id in the cell, a new one if need be; -1 for a blank cell. */
  intern(row: CsvRow, cell: number): number {
    return this.#ofCell(row, cell, true);
  }

  /** The number of the id in the cell, or -1. */
  find(row: CsvRow, cell: number): number {
    return this.#ofCell(row, cell, false);
  }

  internText(id: string): number {
    return this.#ofText(id, true);
  }

  findText(id: string): number {
    return this.#ofText(id, false);
  }

  idAt(index: number): string {
    return this.#bytes.toString('utf8', this.#starts[index], this.#starts[index + 1]);
  }

  #ofCell(row: CsvRow, cell: number, isAdding: boolean): number {
    if (cell < 0 || cell >= row.width) return NONE;
    if (!row.isPlain(cell)) return this.#ofText(row.text(cell), isAdding);
    return this.#look(row.bytes, row.starts[cell]!, row.ends[cell]!, isAdding);
  }

  #ofText(id: string, isAdding: boolean): number {
    if (id.length * 3 > this.#scratch.length) this.#scratch = Buffer.alloc(id.length * 3);
    return this.#look(this.#scratch, 0, this.#scratch.write(id), isAdding);
  }

  #look(from: Buffer, start: number, end: number, isAdding: boolean): number {
    if (start === end) return NONE;
    const hash = hashOf(from, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (let index = slots[slot]!; index !== NONE; index = slots[slot]!) {
      if (slots[slot + 1] === hash && this.#isAt(index, from, start, end)) return index;
      slot = (slot + 2) & mask;
    }
    return isAdding ? this.#add(from, start, end, hash, slot) : NONE;
  }

  #isAt(index: number, from: Buffer, start: number, end: number): boolean {
    let at = this.#starts[index]!;
    if (this.#starts[index + 1]! - at !== end - start) return false;
    for (let each = start; each < end; each++, at++) {
      if (this.#bytes[at] !== from[each]) return false;
    }
    return true;
  }

  #add(from: Buffer, start: number, end: number, hash: number, slot: number): number {
    const index = this.#size++;
    const at = this.#starts[index]!;
    const after = at + end - start;
    if (after > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], Math.max(after, this.#bytes.length * 2));
    }
    from.copy(this.#bytes, at, start, end);
    if (index + 1 >= this.#starts.length) this.#starts = doubled(this.#starts);
    this.#starts[index + 1] = after;
    this.#slots[slot] = index;
    this.#slots[slot + 1] = hash;
    if (this.#size * 4 > this.#slots.length) this.#spread();
    return index;
  }

  /** Twice the slots, of which never more than half are taken. */
  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(NONE);
    const mask = slots.length - 1;
    for (let from = 0; from < this.#slots.length; from += 2) {
      if (this.#slots[from] === NONE) continue;
      let slot = (this.#slots[from + 1]! << 1) & mask;
      while (slots[slot] !== NONE) slot = (slot + 2) & mask;
      slots[slot] = this.#slots[from]!;
      slots[slot + 1] = this.#slots[from + 1]!;
    }
    this.#slots = slots;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2);
  longer.set(array);
  return longer;
}

// Starts somewhere else in every process, so that nobody can make ids that all fall into one slot.
const SEED = (Math.random() * 0x7fffffff) | 0;

/** FNV-1a over four bytes at a time, with a final mix, as the low bits pick the slot. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 3 < end; at += 4) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ four, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
