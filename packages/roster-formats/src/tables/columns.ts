type NumberArray = Int32Array | Uint8Array;

/** A growing column of numbers, zero where nothing was set: what a reader keeps of a row instead of the row. */
class NumberColumn<A extends NumberArray> {
  #values: A;

  constructor(readonly make: (length: number) => A) {
    this.#values = make(1024);
  }

  get(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const longer = this.make(Math.max(index + 1, this.#values.length * 2));
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[index] = value;
  }
}

export class ByteColumn extends NumberColumn<Uint8Array> {
  constructor() {
    super((length) => new Uint8Array(length));
  }
}

export class IntColumn extends NumberColumn<Int32Array> {
  constructor() {
    super((length) => new Int32Array(length));
  }
}
