import { IntColumn } from './columns.js';

/** Pairs of numbers with a mark each, gathered in any order and then asked for by their left end. */
export class EdgeList {
  readonly #left = new IntColumn();
  readonly #right = new IntColumn();
  readonly #mark = new IntColumn();
  #size = 0;

  add(left: number, right: number, mark: number): void {
    const index = this.#size++;
    this.#left.set(index, left);
    this.#right.set(index, right);
    this.#mark.set(index, mark);
  }

  get size(): number {
    return this.#size;
  }

  at(index: number): { left: number; right: number; mark: number } {
    return { left: this.#left.get(index), right: this.#right.get(index), mark: this.#mark.get(index) };
  }

  rightOf(edge: number): number {
    return this.#right.get(edge);
  }

  leftOf(edge: number): number {
    return this.#left.get(edge);
  }

  markOf(edge: number): number {
    return this.#mark.get(edge);
  }

  byLeft(count: number): EdgeGroups {
    return group(this.#left, this.#size, count);
  }

  byRight(count: number): EdgeGroups {
    return group(this.#right, this.#size, count);
  }
}

/** The edges of one end, as numbers of edges in the order they were added. */
export interface EdgeGroups {
  of(end: number): Int32Array;
}

/** A counting sort: two typed arrays however many edges there are, where a Map of arrays takes ten times as much. */
function group(ends: IntColumn, size: number, count: number): EdgeGroups {
  const starts = new Int32Array(count + 1);
  for (let edge = 0; edge < size; edge++) starts[ends.get(edge) + 1]!++;
  for (let end = 0; end < count; end++) starts[end + 1]! += starts[end]!;
  const next = starts.slice();
  const edges = new Int32Array(size);
  for (let edge = 0; edge < size; edge++) edges[next[ends.get(edge)]!++] = edge;
  return { of: (end) => edges.subarray(starts[end], starts[end + 1]) };
}
