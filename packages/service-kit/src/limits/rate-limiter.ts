import {
  burstOf,
  enter,
  intervalOf,
  isRate,
  leaseOf,
  shareOf,
  spend,
  spendAll,
  type LimitDecision,
  type LimitPolicy,
  type RatePolicy,
  type RateVerdict,
} from '@hallpass/domain';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { CounterAnswer, CounterAsk, CounterStore, CounterStoreStats } from './counter-store.js';

/** One counter that a request draws on. */
export interface RateWish {
  policy: LimitPolicy;
  /** Who is counted: a token's grant, an address. */
  subjectId: string;
  cost: number;
}

export interface PolicyStats {
  allowed: number;
  refused: number;
  /** What a policy in shadow would have refused. */
  shadowRefused: number;
  /** Counters of it that this process holds. */
  counters: number;
}

export interface RateLimiterStats {
  policies: Readonly<Record<string, PolicyStats>>;
  /** Null: this process counts alone. */
  store: CounterStoreStats | null;
}

const SWEEP_MS = 60_000;
/** A lease that is not used by now is lost, as what it could have let pass has come back meanwhile. */
const LEASE_MS = 1000;

/** How one counter stands. */
interface Counter {
  /** When the whole burst is back, as far as this process knows: GCRA's state, with all that is leased taken for spent. */
  fullAt: number;
  /** Units that are paid for at the store and not used yet, until when they may be, and how many the next lease is to have. */
  units: number;
  unitsUntil: number;
  nextLease: number;
  isLeasing: boolean;
  /** Of a limit on requests in flight, how many there are. */
  inFlight: number;
}

/** The counters of one policy, by who is counted, and what became of those who asked. */
class Book {
  readonly counters = new Map<string, Counter>();
  allowed = 0;
  refused = 0;
  shadowRefused = 0;
  reported = 0;

  /** One that is not kept yet begins to be when something is spent on it. */
  find(subjectId: string): Counter {
    return (
      this.counters.get(subjectId) ?? {
        fullAt: 0,
        units: 0,
        unitsUntil: 0,
        nextLease: 1,
        isLeasing: false,
        inFlight: 0,
      }
    );
  }

  count({ allowed, policy }: LimitDecision, isVerdict: boolean): void {
    if (allowed) this.allowed += Number(isVerdict);
    else if (policy.mode === 'shadow') this.shadowRefused += 1;
    else this.refused += 1;
  }
}

/** A wish with its counter. */
interface Draw extends RateWish {
  book: Book;
  counter: Counter;
}

/** One for which units are held while the store is asked for the rest, if there is any. */
interface Held extends Draw {
  held: number;
  ask: CounterAsk | undefined;
  answer: CounterAnswer | undefined;
}

/** The units of a lease that may still be used. */
function unitsOf({ units, unitsUntil }: Counter, now: Date): number {
  return now.getTime() < unitsUntil ? units : 0;
}

/** GCRA's state of a counter, with what is leased and not used yet taken for unspent; or the requests in flight. */
function stateOf({ policy, counter }: Draw, now: Date): number {
  if (!isRate(policy)) return counter.inFlight;
  const units = unitsOf(counter, now);
  return units === 0 ? counter.fullAt : counter.fullAt - units * intervalOf(policy);
}

function judge(draws: readonly Draw[], now: Date): RateVerdict {
  const wanted = draws.map((draw) => ({ policy: draw.policy, cost: draw.cost, state: stateOf(draw, now) }));
  return spendAll(wanted, now);
}

/** What the store said of a counter, by the clock as it was when it was asked: never later than it is. */
function learn({ counter, ask, answer }: Held, asked: Date, then: Date): void {
  if (ask && ask.lease > ask.need) counter.isLeasing = false;
  if (!ask || !answer) return;
  counter.fullAt = Math.max(counter.fullAt, asked.getTime() + answer.fullInMs);
  if (answer.units === 0) return;
  counter.units = unitsOf(counter, then) + answer.units - ask.need;
  counter.unitsUntil = then.getTime() + LEASE_MS;
}

/** The decision on a counter that the store has decided on. */
function standing(draw: Held, now: Date): LimitDecision {
  const { policy, cost, ask, answer } = draw;
  const state = stateOf(draw, now);
  if (!isRate(policy)) return enter(policy, state, 0);
  if (!ask || answer?.passes) return { ...spend(policy, state, 0, now), allowed: true, retryAfterSeconds: 0 };
  const { retryAfterSeconds, ...refusal } = spend(policy, state, cost, now);
  return { ...refusal, allowed: false, retryAfterSeconds: Math.max(1, retryAfterSeconds) };
}

/**
 * Counts requests against limits. Without a store every decision is taken here and at once. With one the counters are shared: a
 * process pays for a few units ahead, and decides at once as long as it has some, or knows that there are none; near the limit it
 * asks each time. While the store is away each process holds its share of every limit by itself, from where it knew the counters
 * to be. Requests in flight are each process's own: what they keep from others is this process's time.
 */
export class RateLimiter implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('limits');
  readonly #books = new Map<string, Book>();
  readonly #shares = new WeakMap<RatePolicy, { sharers: number; share: RatePolicy }>();
  readonly #sweeper = setInterval(() => this.#sweep(Date.now()), SWEEP_MS).unref();

  constructor(private readonly store?: CounterStore) {}

  async onModuleInit(): Promise<void> {
    await this.store?.start();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#sweeper);
    this.store?.stop();
  }

  /** All or nothing: when one policy refuses, none is spent. A promise, which never rejects, only where the store has to be asked. */
  spend(wishes: readonly RateWish[], now: Date): RateVerdict | Promise<RateVerdict> {
    const draws = wishes.map((wish) => this.#draw(wish));
    if (!this.store || this.store.isAway) return this.#spendHere(draws, now);
    const verdict = judge(draws, now);
    // What is known to be spent is spent, whatever others have added since.
    if (!verdict.allowed) return this.#told(draws, verdict);
    const isShort = ({ policy, counter, cost }: Draw, i: number) =>
      isRate(policy) && verdict.decisions[i]?.allowed === true && unitsOf(counter, now) < cost;
    if (draws.some(isShort))
      return this.#spendShared(
        this.store,
        draws.map((draw, i) => this.#hold(draw, isShort(draw, i), now)),
        now,
      );
    for (const [i, draw] of draws.entries()) {
      if (!isRate(draw.policy)) this.#enter(draw);
      else if (verdict.decisions[i]?.allowed) draw.counter.units -= draw.cost;
    }
    return this.#told(draws, verdict);
  }

  /** What is known here of what `spend` would say; it spends nothing. */
  peek(wishes: readonly RateWish[], now: Date): RateVerdict {
    const draws = wishes.map((wish) => this.#draw(wish));
    return judge(this.store?.isAway ? draws.map((draw) => this.#shared(draw)) : draws, now);
  }

  /** Ends a request that was in flight under a policy of that sort. */
  leave({ policy, subjectId, cost }: RateWish): void {
    const book = this.#books.get(policy.name);
    const counter = book?.counters.get(subjectId);
    if (!book || !counter) return;
    counter.inFlight -= cost;
    if (counter.inFlight <= 0) book.counters.delete(subjectId);
  }

  stats(): RateLimiterStats {
    const policies = [...this.#books].map(
      ([name, { allowed, refused, shadowRefused, counters }]) =>
        [name, { allowed, refused, shadowRefused, counters: counters.size }] as const,
    );
    return { policies: Object.fromEntries(policies), store: this.store?.stats() ?? null };
  }

  #draw({ policy, subjectId, cost }: RateWish): Draw {
    let book = this.#books.get(policy.name);
    if (!book) this.#books.set(policy.name, (book = new Book()));
    return { policy, subjectId, cost, book, counter: book.find(subjectId) };
  }

  /** Without a store; while it is away, each process by its share. */
  #spendHere(draws: readonly Draw[], now: Date): RateVerdict {
    const own = this.store ? draws.map((draw) => this.#shared(draw)) : draws;
    const verdict = judge(own, now);
    if (!verdict.allowed) return this.#told(own, verdict);
    own.forEach((draw, i) => {
      if (!isRate(draw.policy)) return this.#enter(draw);
      const { state } = verdict.decisions[i] as LimitDecision;
      if (state === undefined) return;
      draw.counter.fullAt = state;
      draw.counter.units = 0;
      draw.book.counters.set(draw.subjectId, draw.counter);
    });
    return this.#told(own, verdict);
  }

  #shared(draw: Draw): Draw {
    if (!isRate(draw.policy)) return draw;
    const sharers = this.store?.nodes ?? 1;
    let known = this.#shares.get(draw.policy);
    if (known?.sharers !== sharers)
      this.#shares.set(draw.policy, (known = { sharers, share: shareOf(draw.policy, sharers) }));
    // A share that is smaller than the request's cost is taken whole, and does not refuse it for ever.
    return { ...draw, policy: known.share, cost: Math.min(draw.cost, burstOf(known.share)) };
  }

  /** Takes what is here already, so that no other request does, and says what the store is to add. */
  #hold(draw: Draw, isShort: boolean, now: Date): Held {
    const { policy, subjectId, cost, counter, book } = draw;
    if (!isRate(policy)) {
      this.#enter(draw);
      return { ...draw, held: cost, ask: undefined, answer: undefined };
    }
    const units = unitsOf(counter, now);
    const held = Math.min(units, cost);
    counter.units = units - held;
    book.counters.set(subjectId, counter);
    if (!isShort) return { ...draw, held, ask: undefined, answer: undefined };
    const need = cost - held;
    let lease = need;
    if (!counter.isLeasing) {
      // Whoever comes back for more soon takes more at a time; whoever lets a lease run out takes less.
      const isBusy = now.getTime() < counter.unitsUntil;
      counter.nextLease = isBusy
        ? Math.min(counter.nextLease * 2, leaseOf(policy))
        : Math.ceil(counter.nextLease / 2);
      lease = Math.max(need, counter.nextLease);
      counter.isLeasing = lease > need;
    }
    const intervalMs = intervalOf(policy);
    const ask: CounterAsk = {
      key: `${policy.name}:${subjectId}`,
      intervalMs,
      burstMs: burstOf(policy) * intervalMs,
      need,
      lease,
      knownMs: Math.max(0, counter.fullAt - now.getTime()),
      isEnforced: policy.mode === 'enforce',
    };
    return { ...draw, held, ask, answer: undefined };
  }

  async #spendShared(store: CounterStore, draws: readonly Held[], now: Date): Promise<RateVerdict> {
    const begun = performance.now();
    const asking = draws.filter(({ ask }) => ask !== undefined);
    const answers = await store.take(asking.map(({ ask }) => ask as CounterAsk));
    const then = new Date(now.getTime() + (performance.now() - begun));
    asking.forEach((draw, place) => {
      draw.answer = answers?.[place];
      learn(draw, now, then);
    });
    const isAllowed = asking.every(({ ask, answer }) => answer && (answer.passes || !ask?.isEnforced));
    if (isAllowed)
      return this.#told(draws, { allowed: true, decisions: draws.map((draw) => standing(draw, then)) });
    // Nothing was spent: what was held goes back.
    for (const draw of draws) {
      if (!isRate(draw.policy)) this.leave(draw);
      else if (then.getTime() < draw.counter.unitsUntil) draw.counter.units += draw.held;
    }
    if (!answers) return this.#spendHere(draws, then);
    return this.#told(draws, { allowed: false, decisions: draws.map((draw) => standing(draw, then)) });
  }

  #enter({ book, subjectId, counter, cost }: Draw): void {
    counter.inFlight += cost;
    book.counters.set(subjectId, counter);
  }

  #told(draws: readonly Draw[], verdict: RateVerdict): RateVerdict {
    for (let i = 0; i < draws.length; i += 1)
      (draws[i] as Draw).book.count(verdict.decisions[i] as LimitDecision, verdict.allowed);
    return verdict;
  }

  #sweep(nowMs: number): void {
    for (const [name, book] of this.#books) {
      for (const [subjectId, { fullAt, inFlight, isLeasing }] of book.counters)
        if (fullAt <= nowMs && inFlight <= 0 && !isLeasing) book.counters.delete(subjectId);
      const more = book.shadowRefused - book.reported;
      book.reported = book.shadowRefused;
      if (more > 0) this.#logger.warn(`the policy ${name}, in shadow, would have refused ${more} requests`);
    }
  }
}
