import type { Clock } from '../src/index.js';

/** A clock that stands still but for the waits, which are over at once. */
export class VirtualClock implements Clock {
  waits: number[] = [];
  #now = Date.parse('2026-11-25T10:00:00Z');

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }
}
