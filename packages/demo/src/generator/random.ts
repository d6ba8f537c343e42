/** What a random stream is for. Each person, family and section has a stream of its own, so none needs the others. */
export const STREAM = {
  district: 1,
  school: 2,
  family: 3,
  student: 4,
  guardian: 5,
  teacher: 6,
  staff: 7,
  section: 8,
  enrollment: 9,
  schedule: 10,
  change: 11,
  course: 12,
  session: 13,
  demographics: 14,
  resource: 15,
  classResource: 16,
  courseResource: 17,
} as const;
export type Stream = (typeof STREAM)[keyof typeof STREAM];

const { imul } = Math;

/** 32 well-mixed bits of the numbers given (murmur3's mixing). The same numbers give the same bits for ever. */
export function mixed(...numbers: readonly number[]): number {
  let hash = 0x2545f491;
  for (const number of numbers) {
    hash = imul(hash ^ scrambled(number), 0x9e3779b1);
    hash = (hash << 13) | (hash >>> 19);
  }
  return scrambled(hash) >>> 0;
}

/** A bijection of 32 bits. */
export function scrambled(number: number): number {
  let bits = number | 0;
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** A small seeded generator (sfc32) with the throws that making up people needs. */
export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number, stream: Stream, number = 0) {
    this.#a = mixed(seed, stream, number, 1);
    this.#b = mixed(seed, stream, number, 2);
    this.#c = mixed(seed, stream, number, 3);
  }

  /** At least 0, less than 1. */
  throw(): number {
    const result = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return (result >>> 0) / 0x1_0000_0000;
  }

  /** At least 0, less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.throw() * limit);
  }

  happens(probability: number): boolean {
    return this.throw() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** The place of the weight that the throw falls on. */
  weighted(weights: readonly number[]): number {
    let left = this.throw() * weights.reduce((sum, weight) => sum + weight, 0);
    const place = weights.findIndex((weight) => (left -= weight) < 0);
    return place === -1 ? weights.length - 1 : place;
  }
}
