import { createHash, randomBytes } from 'node:crypto';
import { EXACT_BELOW } from '@hallpass/domain';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { CounterAnswer, CounterAsk, CounterStore, CounterStoreStats } from './counter-store.js';

/** All keys of an installation are in one slot of a cluster, so that one script may decide on any of them together. */
const TAG = '{hallpass}';
const NODES_KEY = `${TAG}:nodes`;

/**
 * Decides on a batch. KEYS: the nodes, then the counters in order. ARGV: who asks, or nothing; for how long a node is taken to live;
 * the part of the burst below which nothing is lent; then for each decision the number of its counters, and for each counter six
 * values. Times are milliseconds in steps of 1/1024, as the domain has them, by the store's own clock.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] * 1.024) / 1024
local answer = { 0 }
if ARGV[1] ~= '' then
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  answer[1] = redis.call('ZCARD', KEYS[1])
end
local exact = tonumber(ARGV[3])
local key, arg = 2, 4
while arg <= #ARGV do
  local count = tonumber(ARGV[arg])
  local allowed = true
  local counters = {}
  for i = 1, count do
    local at = arg + (i - 1) * 6
    local interval, burst, need = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local lease, known = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
    local full = math.max(tonumber(redis.call('GET', KEYS[key + i - 1]) or 0) or 0, now)
    if now + known - full > 100 then full = now + known end
    local passes = full + need * interval - now <= burst
    if not passes and ARGV[at + 6] == '1' then allowed = false end
    local units = need
    if lease > need and burst - (full + lease * interval - now) >= exact * burst then units = lease end
    counters[i] = { KEYS[key + i - 1], full, passes, units, interval }
  end
  for i = 1, count do
    local name, full, passes, units, interval = unpack(counters[i])
    if not (allowed and passes) then units = 0 end
    if units > 0 then
      full = full + units * interval
      redis.call('SET', name, string.format('%.17g', full), 'PX', math.ceil(full - now))
    end
    answer[#answer + 1] = passes and 1 or 0
    answer[#answer + 1] = units
    answer[#answer + 1] = string.format('%.17g', full - now)
  end
  key = key + count
  arg = arg + 1 + count * 6
end
return answer
`;
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');

/** How long the store is waited for, in ms. */
export interface StorePatience {
  /** An answer that is not there by now counts against the store, though it is still waited for. */
  slowMs: number;
  /** One that is not there by now is given up: the request goes on without the store. */
  timeoutMs: number;
}
export const STORE_PATIENCE: StorePatience = { slowMs: 10, timeoutMs: 50 };
/** So many marks against the store in a row, and it is not asked any more. */
const MARKS_MAX = 5;
/** How often a process says that it lives, and, while the store is away, looks whether it is back. */
const HEARTBEAT_MS = 1000;
const NODE_LIVES_MS = 5000;
/** Where a process has never seen the store, it takes itself for one of so many. */
const NODES_ASSUMED = 4;

/** Decisions in one call at the most: the store does nothing else meanwhile. */
const BATCH_MAX = 100;

interface Decision {
  asks: readonly CounterAsk[];
  settle: (answers: readonly CounterAnswer[] | undefined) => void;
}

/** One call to the store: the decisions of one turn of the event loop. */
interface Batch {
  decisions: readonly Decision[];
  isHeartbeat: boolean;
  isSlow: boolean;
  isSettled: boolean;
}

/**
 * Counters in Redis or Valkey. What is asked within one turn of the event loop is one call of one script. Nothing waits for a store
 * that is away: an answer is waited for 50 ms at the most, and after a few bad ones the store is left alone until it answers a
 * heartbeat again.
 */
export class RedisStore implements CounterStore {
  readonly #logger = new Logger('limits');
  readonly #node = randomBytes(8).toString('hex');
  readonly #redis: Redis;
  readonly #pending = new Set<Batch>();
  #queue: Decision[] = [];
  #heart: NodeJS.Timeout | undefined;
  #marks = 0;
  #lateAt = Number.NEGATIVE_INFINITY;
  #isAway = true;
  #hasBegun = false;
  #isStopped = false;
  #onBack: (() => void) | undefined;
  #nodes: number | undefined;
  readonly #counts = { calls: 0, errors: 0, timeouts: 0, slow: 0, opened: 0 };

  constructor(
    url: string,
    private readonly patience: StorePatience = STORE_PATIENCE,
  ) {
    this.#redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      disableClientInfo: true,
      // What was sent on a connection that broke may have been counted: it is not sent again.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      connectTimeout: HEARTBEAT_MS,
      commandTimeout: Math.max(HEARTBEAT_MS, patience.timeoutMs),
      retryStrategy: (times) => Math.min(50 * times, HEARTBEAT_MS),
    });
    this.#redis.on('error', () => undefined);
    this.#redis.on('ready', () => this.#beat());
    this.#redis.on('close', () => this.#giveUp('the connection is gone'));
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  get nodes(): number {
    return this.#nodes ?? NODES_ASSUMED;
  }

  async start(): Promise<void> {
    const back = new Promise<void>((resolve) => {
      this.#onBack = resolve;
      setTimeout(resolve, HEARTBEAT_MS).unref();
    });
    this.#redis.connect().catch(() => undefined);
    await back;
    this.#hasBegun = true;
    if (this.#isAway) this.#complain('it cannot be reached');
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#heart);
    this.#redis.disconnect();
    this.#settlePending();
  }

  take(asks: readonly CounterAsk[]): Promise<readonly CounterAnswer[] | undefined> {
    if (this.#isAway) return Promise.resolve(undefined);
    return new Promise((settle) => {
      // After the sockets that are ready now have been read: all that they bring asks together.
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ asks, settle });
    });
  }

  stats(): CounterStoreStats {
    return { mode: this.#isAway ? 'away' : 'shared', nodes: this.nodes, ...this.#counts };
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    if (this.#isAway) return queue.forEach(({ settle }) => settle(undefined));
    for (let at = 0; at < queue.length; at += BATCH_MAX)
      this.#call({
        decisions: queue.slice(at, at + BATCH_MAX),
        isHeartbeat: false,
        isSlow: false,
        isSettled: false,
      });
  }

  #beat(): void {
    if (this.#isStopped || this.#redis.status !== 'ready') return;
    this.#call({ decisions: [], isHeartbeat: true, isSlow: false, isSettled: false });
  }

  #call(batch: Batch): void {
    this.#pending.add(batch);
    this.#counts.calls += 1;
    this.#watch(batch);
    this.#send(batch).then(
      (answer) => this.#answered(batch, answer),
      (error: unknown) => this.#failed(batch, error),
    );
  }

  async #send({ decisions, isHeartbeat }: Batch): Promise<unknown> {
    const keys = [NODES_KEY];
    const values: (string | number)[] = [isHeartbeat ? this.#node : '', NODE_LIVES_MS, EXACT_BELOW];
    for (const { asks } of decisions) {
      values.push(asks.length);
      for (const { key, intervalMs, burstMs, need, lease, knownMs, isEnforced } of asks) {
        keys.push(`${TAG}:${key}`);
        values.push(intervalMs, burstMs, need, lease, knownMs, isEnforced ? 1 : 0);
      }
    }
    try {
      return await this.#redis.evalsha(SCRIPT_SHA, keys.length, ...keys, ...values);
    } catch (error) {
      // A script that is not known was not run: sending it whole counts nothing twice.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#redis.eval(SCRIPT, keys.length, ...keys, ...values);
    }
  }

  /**
   * A timer that is late because this process was busy says nothing of the store: what has come meanwhile is read first, in the
   * turn that follows, and only what is missing then is late.
   */
  #watch(batch: Batch): void {
    const after = (ms: number, work: () => void) =>
      setTimeout(() => setImmediate(() => !batch.isSettled && work()), ms);
    const { slowMs, timeoutMs } = this.patience;
    after(slowMs, () => {
      batch.isSlow = true;
      this.#counts.slow += 1;
      this.#markLate('it answers too slowly');
      if (!batch.isSettled)
        after(timeoutMs - slowMs, () => {
          this.#counts.timeouts += 1;
          this.#settle(batch, undefined);
          this.#markLate('it does not answer');
          // What was sent on this connection would only heap up.
          if (this.#isAway && batch.isHeartbeat) this.#redis.disconnect(true);
        });
    });
  }

  #answered(batch: Batch, answer: unknown): void {
    if (batch.isSettled) return;
    if (!Array.isArray(answer)) return this.#failed(batch, new Error('no list'));
    this.#settle(batch, answer);
    if (batch.isSlow) {
      // The first answer has a connection and a script before it: while the process begins, another is asked for.
      if (batch.isHeartbeat && !this.#hasBegun) this.#beat();
      return;
    }
    this.#marks = 0;
    if (!batch.isHeartbeat) return;
    this.#nodes = Math.max(1, Number(answer[0]));
    if (this.#isAway) this.#welcome();
  }

  #failed(batch: Batch, error: unknown): void {
    if (batch.isSettled) return;
    this.#counts.errors += 1;
    this.#settle(batch, undefined);
    // The code alone: what the store says may quote what it was sent.
    this.#mark(
      `it answers ${error instanceof Error ? (error.message.split(' ')[0] ?? '') : 'with an error'}`,
    );
  }

  #settle(batch: Batch, answer: readonly unknown[] | undefined): void {
    batch.isSettled = true;
    this.#pending.delete(batch);
    let at = 1;
    for (const { asks, settle } of batch.decisions) {
      if (!answer) {
        settle(undefined);
        continue;
      }
      const from = at;
      at += asks.length * 3;
      settle(
        asks.map((_, i) => ({
          passes: Number(answer[from + i * 3]) === 1,
          units: Number(answer[from + i * 3 + 1]),
          fullInMs: Number(answer[from + i * 3 + 2]),
        })),
      );
    }
  }

  #settlePending(): void {
    for (const batch of this.#pending) this.#settle(batch, undefined);
  }

  /** However many calls one pause of the store makes late, it is one mark: else a hiccup under load would be an outage. */
  #markLate(why: string): void {
    const now = performance.now();
    if (now - this.#lateAt < this.patience.slowMs) return;
    this.#lateAt = now;
    this.#mark(why);
  }

  #mark(why: string): void {
    this.#marks += 1;
    if (this.#marks >= MARKS_MAX) this.#giveUp(why);
  }

  #giveUp(why: string): void {
    if (this.#isAway) return this.#settlePending();
    this.#isAway = true;
    this.#counts.opened += 1;
    this.#complain(why);
    this.#settlePending();
  }

  #complain(why: string): void {
    if (this.#isStopped) return;
    this.#logger.error(
      `the store of limits is away (${why}): each process holds 1/${this.nodes} of every limit by itself`,
    );
  }

  #welcome(): void {
    this.#isAway = false;
    if (this.#hasBegun) this.#logger.log('the store of limits is back: limits are shared again');
    this.#onBack?.();
  }
}
