import { spendAll, type RatePolicy, type RateState, type RateVerdict } from '@hallpass/domain';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** One counter that a request draws on. */
export interface RateWish {
  policy: RatePolicy;
  /** Who is counted: a token's id, an address. */
  subjectId: string;
  cost: number;
}

const SWEEP_MS = 60_000;

/** The counters of this process. A counter whose allowance is full again is forgotten. */
@Injectable()
export class RateLimiter implements OnApplicationShutdown {
  readonly #states = new Map<string, number>();
  readonly #sweeper = setInterval(() => this.#sweep(Date.now()), SWEEP_MS).unref();

  /** All or nothing: when one policy refuses, none is spent. */
  spend(wishes: readonly RateWish[], now: Date): RateVerdict {
    const verdict = this.peek(wishes, now);
    verdict.decisions.forEach((decision, i) => {
      const wish = wishes[i];
      if (wish && decision.state !== undefined) this.#states.set(keyOf(wish), decision.state);
    });
    return verdict;
  }

  /** What `spend` would say, spending nothing. */
  peek(wishes: readonly RateWish[], now: Date): RateVerdict {
    const wanted = wishes.map((wish) => ({ ...wish, state: this.#stateOf(wish) }));
    return spendAll(wanted, now);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#sweeper);
  }

  #stateOf(wish: RateWish): RateState {
    return this.#states.get(keyOf(wish));
  }

  #sweep(nowMs: number): void {
    for (const [key, fullAt] of this.#states) if (fullAt <= nowMs) this.#states.delete(key);
  }
}

function keyOf({ policy, subjectId }: RateWish): string {
  return `${policy.name}\0${subjectId}`;
}
