import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  DEFAULT_CONCURRENCY_POLICY,
  leaseOf,
  type LimitPolicy,
  type RatePolicy,
  type RateVerdict,
} from '@hallpass/domain';
import { Logger } from '@nestjs/common';
import type { CounterStoreStats } from '../src/limits/counter-store.js';
import { rateLimitHeaders } from '../src/limits/rate-limit-headers.js';
import { RateLimiter, type RateWish } from '../src/limits/rate-limiter.js';
import { RedisStore, STORE_PATIENCE, type StorePatience } from '../src/limits/redis-store.js';
import { RedisServer, SlowWay, hasRedis } from '../src/testing/redis-server.js';

const policyOf = (
  requestsMax: number,
  windowSeconds: number,
  more: Partial<RatePolicy> = {},
): RatePolicy => ({
  name: 'token',
  subject: 'token',
  requestsMax,
  windowSeconds,
  mode: 'enforce',
  ...more,
});
/** Waits for the store as long as this machine takes: what is counted is tested by it, not how quickly. */
const PATIENT: StorePatience = { slowMs: 60_000, timeoutMs: 120_000 };
/** The store's own impatience on a slower clock, so that a pause of a busy machine is none of the store. */
const HASTY: StorePatience = { slowMs: 200, timeoutMs: 400 };

/** A hundred at once, and none after them while a test runs. */
const HUNDRED = policyOf(100, 86_400);

(hasRedis() ? describe : describe.skip)('limits that processes share', () => {
  let redis: RedisServer;
  let way: SlowWay;
  const limiters: RateLimiter[] = [];
  const alerts = jest.spyOn(Logger.prototype, 'error');
  let subjects = 0;
  let subjectId: string;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await RedisServer.open();
    way = await SlowWay.open(redis.port);
  });
  afterAll(async () => {
    await way.close();
    await redis.kill();
  });
  beforeEach(() => {
    subjectId = `s${(subjects += 1)}`;
    alerts.mockClear();
  });
  afterEach(async () => {
    for (const limiter of limiters.splice(0)) limiter.onApplicationShutdown();
    way.delayMs = 0;
    redis.thaw();
  });

  const open = async (url = redis.url, patience = PATIENT) => {
    const limiter = new RateLimiter(new RedisStore(url, patience));
    limiters.push(limiter);
    await limiter.onModuleInit();
    return limiter;
  };
  /** The same once the store is known to be there. */
  const openShared = async (url: string, patience: StorePatience) => {
    const limiter = await open(url, patience);
    await until(limiter, 'shared');
    alerts.mockClear();
    return limiter;
  };
  const wish = (policy: LimitPolicy = HUNDRED, cost = 1): RateWish => ({ policy, subjectId, cost });
  const ask = async (limiter: RateLimiter, policy: LimitPolicy = HUNDRED, cost = 1) =>
    limiter.spend([wish(policy, cost)], new Date());
  const many = (limiter: RateLimiter, calls: number, policy: LimitPolicy = HUNDRED) =>
    Promise.all(Array.from({ length: calls }, () => ask(limiter, policy)));
  const passed = (verdicts: readonly RateVerdict[]) => verdicts.filter(({ allowed }) => allowed).length;
  const storeOf = (limiter: RateLimiter) => limiter.stats().store as CounterStoreStats;
  const until = async (limiter: RateLimiter, mode: CounterStoreStats['mode']) => {
    while (storeOf(limiter).mode !== mode) await pause(10);
  };

  describe('while the store answers', () => {
    it('4,000 concurrent calls of several clients pass exactly the burst', async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => open()));
      const all = await Promise.all(clients.map((client) => many(client, 1000)));
      expect(passed(all.flat())).toBe(100);
      expect(clients.map((client) => storeOf(client))).toMatchObject(
        clients.map(() => ({ mode: 'shared', errors: 0, timeouts: 0 })),
      );
    });

    it('several processes together never pass burst + rate × time + a lease each, nor much less', async () => {
      const policy = policyOf(60_000, 60, { burst: 400 });
      const script = fileURLToPath(new URL('limit-process.mjs', import.meta.url));
      const children = Array.from({ length: 3 }, () => fork(script));
      const told = (child: ChildProcess) => once(child, 'message').then(([message]) => message as unknown);
      const ready = children.map(told);
      const asked = { url: redis.url, patience: PATIENT, policy, subjectId, ms: 1500, atOnce: 20 };
      for (const child of children) child.send(asked);
      await Promise.all(ready);
      const ends = children.map(told);
      for (const child of children) child.send('go');
      const results = (await Promise.all(ends)) as {
        allowed: number;
        refusedAt: number;
        begun: number;
        ended: number;
        store: CounterStoreStats;
      }[];
      const begun = Math.min(...results.map((each) => each.begun));
      const boundAt = (time: number) => 400 + (1000 * (time - begun)) / 1000 + 3 * leaseOf(policy);
      const last = (times: readonly number[]) => boundAt(Math.max(...times));
      const total = results.reduce((sum, { allowed }) => sum + allowed, 0);
      expect(results.map(({ store }) => store.mode)).toEqual(['shared', 'shared', 'shared']);
      expect(total).toBeLessThanOrEqual(last(results.map(({ ended }) => ended)));
      // Whoever was refused found all of it taken.
      expect(total).toBeGreaterThan(last(results.map(({ refusedAt }) => refusedAt)) * 0.7);
    });

    it('what one process spends, another sees, at the latest when it asks', async () => {
      const [one, other] = [await open(), await open()];
      await many(one, 60);
      const { decisions } = await ask(other);
      expect(decisions[0]?.remaining).toBe(39);
    });

    it('a busy counter is leased, so that few calls reach the store, and nobody waits for most of them', async () => {
      const limiter = await open();
      const policy = policyOf(120_000, 60);
      const before = storeOf(limiter).calls;
      let waited = 0;
      // At one instant: a lease ends by the clock, and how long this machine takes says nothing.
      const now = new Date();
      for (let i = 0; i < 2000; i += 1) {
        const verdict = limiter.spend([wish(policy)], now);
        if (verdict instanceof Promise) waited += 1;
        expect((await verdict).allowed).toBe(true);
      }
      expect(waited).toBeLessThan(2000 / leaseOf(policy) + 30);
      expect(storeOf(limiter).calls - before).toBeLessThan(2000 / leaseOf(policy) + 40);
    });

    it('a lease is paid for ahead: what it holds is gone for others, and lost when it is not used', async () => {
      const limiter = await open();
      const policy = policyOf(120_000, 60);
      // GCRA's state grows by half a millisecond for each unit that is taken, once it is ahead of the clock.
      const taken = async () =>
        2 * Number((await redis.command('GET', `{hallpass}:token:${subjectId}`)).split('\r\n')[1]);
      await ask(limiter, policy, 100_000);
      const before = await taken();
      let [spent, waited] = [0, 0];
      const now = new Date();
      while (waited < 3) {
        const verdict = limiter.spend([wish(policy)], now);
        spent += 1;
        if (verdict instanceof Promise) waited += 1;
        await verdict;
      }
      // Two at a time, then four, then eight, of which one is used.
      expect([spent, (await taken()) - before]).toEqual([7, 14]);
      expect(limiter.spend([wish(policy)], now)).not.toBeInstanceOf(Promise);
      const later = new Date(Date.now() + 1001);
      expect(limiter.spend([wish(policy)], later)).toBeInstanceOf(Promise);
    });

    it('near the limit nothing is leased: every unit is counted at the store', async () => {
      const limiter = await open();
      const policy = policyOf(10_000_000, 86_400, { burst: 1000 });
      await ask(limiter, policy, 920);
      const before = storeOf(limiter).calls;
      for (let i = 0; i < 20; i += 1) await ask(limiter, policy);
      expect(storeOf(limiter).calls - before).toBeGreaterThanOrEqual(20);
    });

    it('who is known to be beyond the limit is refused without asking', async () => {
      const limiter = await open();
      await many(limiter, 101);
      const before = storeOf(limiter).calls;
      const verdict = limiter.spend([wish()], new Date());
      expect(verdict).toMatchObject({ allowed: false });
      expect(storeOf(limiter).calls).toBe(before);
    });

    it('a refusal spends nothing of any counter, at the store neither', async () => {
      const limiter = await open();
      const wide = policyOf(100, 86_400, { name: 'wide' });
      const [narrow, inFlight] = [policyOf(1, 86_400), { ...DEFAULT_CONCURRENCY_POLICY, requestsMax: 9 }];
      const all = [wide, narrow, inFlight].map((policy) => wish(policy));
      const other = await open();
      await ask(other, narrow);
      const refused = await limiter.spend(all, new Date());
      expect(refused.allowed).toBe(false);
      expect(refused.decisions.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 100],
        [false, 0],
        [true, 9],
      ]);
      expect(await redis.command('EXISTS', `{hallpass}:wide:${subjectId}`)).toBe(':0\r\n');
      expect((await many(limiter, 101, wide)).filter(({ allowed }) => allowed)).toHaveLength(100);
    });

    it('requests in flight are held from the question on, and let go with the refusal', async () => {
      const limiter = await open();
      const inFlight = { ...DEFAULT_CONCURRENCY_POLICY, requestsMax: 2 };
      const both = [wish(), wish(inFlight)];
      const verdicts = await Promise.all([1, 2, 3].map(async () => limiter.spend(both, new Date())));
      expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, false]);
      limiter.leave(wish(inFlight));
      expect((await limiter.spend(both, new Date())).allowed).toBe(true);
      limiter.leave(wish(inFlight));
      limiter.leave(wish(inFlight));
      expect(limiter.stats().policies['concurrency']).toEqual({
        allowed: 3,
        refused: 1,
        shadowRefused: 0,
        counters: 0,
      });
    });

    it('a shadow policy is counted and refuses nobody', async () => {
      const limiter = await open();
      const shadow: RatePolicy = { ...HUNDRED, mode: 'shadow' };
      expect(passed(await many(limiter, 120, shadow))).toBe(120);
      expect(limiter.stats().policies['token']).toMatchObject({
        allowed: 100,
        refused: 0,
        shadowRefused: 20,
      });
    });

    it('tells truly what remains and when to come again', async () => {
      const limiter = await open();
      const policy = policyOf(100, 1000);
      const begun = Date.now();
      const verdicts = await many(limiter, 101, policy);
      const refused = verdicts.find(({ allowed }) => !allowed) as RateVerdict;
      const now = new Date();
      const headers = rateLimitHeaders(refused, now);
      const told = /^"token";r=0;t=(\d+)$/.exec(String(headers['ratelimit']))?.[1];
      expect(told).toBe(headers['retry-after']);
      const isIn = (value: number, most: number) =>
        value <= most + 1 && value >= most - 1 - (now.getTime() - begun) / 1000;
      expect(isIn(Number(told), 10)).toBe(true);
      const reset = Number(headers['x-ratelimit-reset']) - now.getTime() / 1000;
      expect(isIn(reset, 1000)).toBe(true);
    });

    it('keeps every key in one slot, and none for longer than its counter needs', async () => {
      const limiter = await open();
      await ask(limiter, policyOf(10, 60), 5);
      expect(Number((await redis.command('PTTL', `{hallpass}:token:${subjectId}`)).slice(1))).toBeLessThan(
        30_001,
      );
      const keys = (await redis.command('KEYS', '*')).split('\r\n').filter((line) => /^[^*$]/.test(line));
      expect(keys.length).toBeGreaterThan(1);
      for (const key of keys) expect(key).toMatch(/^\{hallpass\}:/);
    });

    it('counts the processes that share', async () => {
      await redis.command('DEL', '{hallpass}:nodes');
      const all = [await open(), await open(), await open()];
      await Promise.all(all.map((limiter) => until(limiter, 'shared')));
      const last = all[2] as RateLimiter;
      expect(storeOf(last).nodes).toBe(3);
    });
  });

  describe('a store that fails', () => {
    /** What passes where the store is lost while N processes share: their bound, and one more burst in shares. */
    const share = (sharers: number) => Math.max(1, Math.floor(100 / sharers)) * sharers;

    it('that was killed leaves each process its share, from where it knew the counter', async () => {
      await redis.command('DEL', '{hallpass}:nodes');
      const clients = [await open(), await open()];
      const sharers = clients.map((client) => storeOf(client).nodes);
      expect(passed(await many(clients[0] as RateLimiter, 60))).toBe(60);
      await redis.kill();
      await Promise.all(clients.map((client) => until(client, 'away')));
      const after = await Promise.all(clients.map((client) => many(client, 500)));
      // The first knew that 60 were spent; the second knew nothing, and has its share of the burst.
      expect(after.map(passed)).toEqual([40 / (sharers[0] ?? 1), 50].map(Math.floor));
      expect(alerts).toHaveBeenCalledTimes(2);
      expect(String(alerts.mock.calls[0]?.[0])).toContain('the store of limits is away');
      await redis.start();
      await Promise.all(clients.map((client) => until(client, 'shared')));
      // It has forgotten everything, and is told again by whoever knows.
      const later = await Promise.all(clients.map((client) => many(client, 500)));
      expect(passed(later.flat())).toBe(0);
    });

    it('says truly what holds meanwhile', async () => {
      const limiter = await open();
      const { nodes } = storeOf(limiter);
      await redis.kill();
      await until(limiter, 'away');
      const headers = rateLimitHeaders(await ask(limiter), new Date());
      const held = Math.floor(100 / nodes);
      expect(headers['ratelimit-policy']).toBe(`"token";q=${held};w=86400`);
      expect(headers['ratelimit']).toMatch(new RegExp(`^"token";r=${held - 1};t=`));
      await redis.start();
    });

    it('that was never there leaves a cautious share, and the process starts', async () => {
      const nobody = await open('redis://127.0.0.1:1');
      expect(storeOf(nobody)).toMatchObject({ mode: 'away', nodes: 4 });
      expect(passed(await many(nobody, 500))).toBe(25);
      expect(alerts).toHaveBeenCalledTimes(1);
    });

    it('that is frozen keeps nobody waiting, and is used again once it answers', async () => {
      const limiter = await openShared(redis.url, HASTY);
      const policy = policyOf(10_000, 60);
      await many(limiter, 10, policy);
      redis.freeze();
      const first = await many(limiter, 50, policy);
      expect(first).toHaveLength(50);
      // A few bad answers are enough; from then on every decision is taken at once.
      for (let i = 0; i < 10 && storeOf(limiter).mode === 'shared'; i += 1) await ask(limiter, policy);
      expect(storeOf(limiter)).toMatchObject({ mode: 'away', opened: 1 });
      for (let i = 0; i < 100; i += 1)
        expect(limiter.spend([wish(policy)], new Date())).not.toBeInstanceOf(Promise);
      redis.thaw();
      await until(limiter, 'shared');
      expect((await ask(limiter, policy)).allowed).toBe(true);
      expect(alerts).toHaveBeenCalledTimes(1);
    });

    it('that is frozen lets through no more than before it was and a share', async () => {
      const clients = await Promise.all([1, 2].map(() => openShared(redis.url, HASTY)));
      await Promise.all(clients.map((client) => many(client, 30)));
      redis.freeze();
      const after = await Promise.all(clients.map((client) => many(client, 500)));
      expect(passed(after.flat())).toBeLessThanOrEqual(share(2));
      redis.thaw();
      await Promise.all(clients.map((client) => until(client, 'shared')));
      const later = await Promise.all(clients.map((client) => many(client, 500)));
      expect(60 + passed(after.flat()) + passed(later.flat())).toBeLessThanOrEqual(100 + share(2));
    });

    it('that pauses once is asked on, however many calls it makes late', async () => {
      const limiter = await openShared(redis.url, { slowMs: 200, timeoutMs: 60_000 });
      redis.freeze();
      const late = many(limiter, 1000);
      while (storeOf(limiter).slow < 10) await pause(10);
      redis.thaw();
      expect(passed(await late)).toBe(100);
      expect(storeOf(limiter)).toMatchObject({ mode: 'shared', slow: 10, timeouts: 0 });
    });

    it('is waited for 50 ms at the most, and is slow after 10', () => {
      expect(STORE_PATIENCE).toEqual({ slowMs: 10, timeoutMs: 50 });
    });

    it.each([
      ['late', { slowMs: 100, timeoutMs: 60_000 }, 300, false],
      ['too late to be waited for', { slowMs: 100, timeoutMs: 400 }, 1500, true],
    ])(
      'whose answers come %s, is left alone until it is quicker',
      async (_name, patience, delayMs, isLost) => {
        const limiter = await openShared(way.url, patience);
        const policy = policyOf(10_000, 60);
        await ask(limiter, policy);
        way.delayMs = delayMs;
        let waits = 0;
        while (storeOf(limiter).mode === 'shared') {
          const verdict = limiter.spend([wish(policy)], new Date());
          if (verdict instanceof Promise) waits += 1;
          await verdict;
        }
        expect(waits).toBeLessThanOrEqual(6);
        const { slow, timeouts } = storeOf(limiter);
        expect(slow).toBeGreaterThanOrEqual(1);
        expect(timeouts > 0).toBe(isLost);
        expect(limiter.spend([wish(policy)], new Date())).toMatchObject({ allowed: true });
        await pause(1500);
        expect(storeOf(limiter).mode).toBe('away');
        way.delayMs = 0;
        await until(limiter, 'shared');
        expect(alerts).toHaveBeenCalledTimes(1);
      },
    );

    it('that was flushed is told again what was spent', async () => {
      const clients = await Promise.all([open(), open()]);
      await many(clients[0], 30);
      await many(clients[1], 30);
      await redis.command('FLUSHALL');
      const later = await Promise.all(clients.map((client) => many(client, 500)));
      // The second knew of all 60, the first of the 30 before them.
      expect(passed(later.flat())).toBeLessThanOrEqual(100 - 30);
      expect(passed(later.flat())).toBeGreaterThanOrEqual(100 - 60);
    });

    it('that has forgotten the script is sent it again', async () => {
      const limiter = await open();
      await many(limiter, 60);
      await redis.command('SCRIPT', 'FLUSH');
      expect(passed(await many(limiter, 100))).toBe(40);
      expect(storeOf(limiter)).toMatchObject({ mode: 'shared', errors: 0 });
    });

    it('its errors are no verdicts: the process decides by its share', async () => {
      const limiter = await open();
      await redis.command('LPUSH', `{hallpass}:token:${subjectId}`, 'not a number');
      expect((await ask(limiter)).allowed).toBe(true);
      expect(storeOf(limiter)).toMatchObject({ mode: 'shared', errors: 1 });
      expect(passed(await many(limiter, 500))).toBeLessThanOrEqual(100);
      await redis.command('DEL', `{hallpass}:token:${subjectId}`);
    });

    it('out of memory refuses writes, and nobody is refused for it', async () => {
      const limiter = await open();
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      const verdicts = [];
      for (let i = 0; i < 10; i += 1) verdicts.push(await ask(limiter));
      expect(passed(verdicts)).toBe(10);
      expect(storeOf(limiter)).toMatchObject({ mode: 'away' });
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      await until(limiter, 'shared');
    });
  });
});
