/** What a process asks of one shared counter. */
export interface CounterAsk {
  key: string;
  /** What one unit takes, and what the whole burst takes, in milliseconds. */
  intervalMs: number;
  burstMs: number;
  /** Units that have to be had; where they cannot be, an ask that is enforced fails, and all of its decision with it. */
  need: number;
  /** Units that are welcome, those that are needed among them, while more than a tenth of the burst is left. */
  lease: number;
  /** For how long the counter is spent at the least, as this process last saw it: what a store has forgotten it is told again. */
  knownMs: number;
  isEnforced: boolean;
}

export interface CounterAnswer {
  /** Whether the need could be met, whatever became of the decision. */
  passes: boolean;
  /** Units that were taken. */
  units: number;
  /** In how many milliseconds the whole burst is back. */
  fullInMs: number;
}

export interface CounterStoreStats {
  mode: 'shared' | 'away';
  /** Processes that share the counters, as last seen. */
  nodes: number;
  calls: number;
  errors: number;
  timeouts: number;
  /** Answers that came, but late enough to count against the store. */
  slow: number;
  /** How often the store was given up. */
  opened: number;
}

/** Counters that several processes share. */
export interface CounterStore {
  /** The store is not asked now: each process holds its share of the limits by itself. */
  readonly isAway: boolean;
  /** Processes that share the counters, as last seen. */
  readonly nodes: number;
  /** One decision, all or nothing. Undefined where the store gave no answer in time; it never rejects. */
  take(asks: readonly CounterAsk[]): Promise<readonly CounterAnswer[] | undefined>;
  stats(): CounterStoreStats;
  /** Resolves when the store answers, or after a second without it. */
  start(): Promise<void>;
  stop(): void;
}
