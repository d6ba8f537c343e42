import { GUARDIANS_MAX } from './people.js';
import { mixed, scrambled, STREAM, type Stream } from './random.js';

/** Look-alike UUIDs made from what they stand for: nothing has to be remembered between files or pictures. */
export class SourceIds {
  readonly district: string;
  readonly #kinds: readonly number[];

  constructor(seed: number) {
    this.#kinds = Object.values(STREAM).map((stream) => mixed(seed, stream));
    this.district = this.of(STREAM.district, 0);
  }

  /** Unique among its kind, as scrambling is a bijection. */
  of(stream: Stream, number: number): string {
    const kind = this.#kinds[stream - 1]!;
    const unique = hex(scrambled(number ^ kind));
    const second = hex(scrambled((number + 0x1b873593) ^ kind));
    const third = hex(scrambled((number + 0x3c6ef372) ^ kind) ^ 0x5bd1e995);
    const fourth = hex(scrambled(Math.imul(number ^ kind, 0x27d4eb2f)));
    const variant = '89ab'[number & 3]!;
    return `${unique}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${fourth}`;
  }

  guardian(family: number, place: number): string {
    return this.of(STREAM.guardian, family * GUARDIANS_MAX + place);
  }
}

function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}
