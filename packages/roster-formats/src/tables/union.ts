import { IntColumn } from './columns.js';

/** Numbers that turn out to mean the same, gathered into sets (union-find with halved paths). */
export class Union {
  /** One more than the number it was joined to; 0 for one that stands for its set. */
  readonly #parents = new IntColumn();

  rootOf(number: number): number {
    let at = number;
    for (let parent = this.#parents.get(at); parent !== 0; parent = this.#parents.get(at)) {
      const above = this.#parents.get(parent - 1);
      if (above !== 0) this.#parents.set(at, above);
      at = parent - 1;
    }
    return at;
  }

  /** The lower number comes to stand for both, so that the first mention of a set does. */
  join(one: number, other: number): void {
    const [a, b] = [this.rootOf(one), this.rootOf(other)];
    if (a !== b) this.#parents.set(Math.max(a, b), Math.min(a, b) + 1);
  }
}
