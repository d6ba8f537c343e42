import { Injectable } from '@nestjs/common';

/**
 * So many requests of one app run at once in a process while no other app has any, and so many while one has; those beyond wait in
 * line, and no other app waits for them.
 */
export const TURNS_AT_ONCE = { alone: 4, besideOthers: 2 };
/** Refusals of one app are answered so far apart, once they come faster. */
const REFUSAL_MS = 5;
/** No refusal is held back for longer. */
const REFUSAL_WAIT_MAX_MS = 1000;

interface Line {
  running: number;
  waiting: (() => void)[];
  /** When the next refusal is answered at the earliest. */
  refusalAt: number;
}

/**
 * Keeps one app's burst from taking the whole of a process's time. What limits let in runs a few at a time for each app; what they
 * refuse is told at once to whoever asks now and then, and ever later to whoever goes on asking: a refusal costs the one who
 * provoked it time, and the process next to none.
 */
@Injectable()
export class FairTurns {
  readonly #lines = new Map<string, Line>();

  /** A promise where the request has to wait for its turn; in either case `leave` ends it. */
  take(appId: string): Promise<void> | undefined {
    const line = this.#line(appId);
    if (line.running < this.#turns) {
      line.running += 1;
      return undefined;
    }
    return new Promise((go) => line.waiting.push(go));
  }

  leave(appId: string): void {
    const line = this.#line(appId);
    line.running -= 1;
    while (line.waiting.length > 0 && line.running < this.#turns) {
      line.running += 1;
      line.waiting.shift()?.();
    }
    this.#forget(appId, line, Date.now());
  }

  /** For how many milliseconds a refusal is held back. */
  refuse(appId: string, nowMs: number): number {
    const line = this.#line(appId);
    const wait = Math.min(Math.max(0, line.refusalAt - nowMs), REFUSAL_WAIT_MAX_MS);
    line.refusalAt = nowMs + wait + REFUSAL_MS;
    return wait;
  }

  /** Forgets apps that have neither requests nor refusals waiting; how many are left. */
  get size(): number {
    const now = Date.now();
    for (const [appId, line] of this.#lines) this.#forget(appId, line, now);
    return this.#lines.size;
  }

  get #turns(): number {
    return this.#lines.size > 1 ? TURNS_AT_ONCE.besideOthers : TURNS_AT_ONCE.alone;
  }

  #line(appId: string): Line {
    let line = this.#lines.get(appId);
    if (!line) this.#lines.set(appId, (line = { running: 0, waiting: [], refusalAt: 0 }));
    return line;
  }

  #forget(appId: string, line: Line, nowMs: number): void {
    if (line.running === 0 && line.refusalAt <= nowMs) this.#lines.delete(appId);
  }
}
