import { spendAll, type RatePolicy, type RateVerdict } from '@hallpass/domain';
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
    const keys = wishes.map(keyOf);
    const verdict = this.#judge(wishes, keys, now);
    for (let i = 0; i < keys.length; i += 1) {
      const state = verdict.decisions[i]?.state;
      if (state !== undefined) this.#states.set(keys[i] as string, state);
    }
    return verdict;
  }

  /** What `spend` would say, spending nothing. */
  peek(wishes: readonly RateWish[], now: Date): RateVerdict {
    return this.#judge(wishes, wishes.map(keyOf), now);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#sweeper);
  }

  #judge(wishes: readonly RateWish[], keys: readonly string[], now: Date): RateVerdict {
    const wanted = wishes.map(({ policy, cost }, i) => ({
      policy,
      cost,
      state: this.#states.get(keys[i] as string),
    }));
    return spendAll(wanted, now);
  }

  #sweep(nowMs: number): void {
    for (const [key, fullAt] of this.#states) if (fullAt <= nowMs) this.#states.delete(key);
  }
}

function keyOf({ policy, subjectId }: RateWish): string {
  return `${policy.name}\0${subjectId}`;
}
