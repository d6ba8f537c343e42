import {
  DEFAULT_CONCURRENCY_POLICY,
  spendAll,
  type LimitPolicy,
  type RatePolicy,
  type RateVerdict,
} from '@hallpass/domain';
import { afterAll, describe, expect, it } from '@jest/globals';
import { rateLimitHeaders, violatedPolicies } from '../src/limits/rate-limit-headers.js';
import { RateLimiter, type RateWish } from '../src/limits/rate-limiter.js';
import { sunsetHeaders } from '../src/limits/sunset-headers.js';
import { pick, randomFrom } from './random.js';

const now = new Date('2026-11-05T12:00:00.250Z');
const policy = (
  name: string,
  requestsMax: number,
  windowSeconds = 60,
  mode: RatePolicy['mode'] = 'enforce',
): RatePolicy => ({
  name,
  subject: 'token',
  requestsMax,
  windowSeconds,
  mode,
});
const limiters: RateLimiter[] = [];
const newLimiter = () => {
  const limiter = new RateLimiter();
  limiters.push(limiter);
  return limiter;
};
/** Where no store is asked, every decision is there at once. */
const spendAt = (limiter: RateLimiter, wishes: readonly RateWish[], at = now): RateVerdict => {
  const verdict = limiter.spend(wishes, at);
  if (verdict instanceof Promise) throw new Error('a promise');
  return verdict;
};
afterAll(() => limiters.forEach((limiter) => limiter.onApplicationShutdown()));

describe('the rate limiter', () => {
  it('counts each subject and each policy for itself', () => {
    const limiter = newLimiter();
    const spend = (name: string, subjectId: string) =>
      spendAt(limiter, [{ policy: policy(name, 1), subjectId, cost: 1 }]).allowed;
    expect([spend('a', 'x'), spend('a', 'x'), spend('a', 'y'), spend('b', 'x')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('spends all of the policies or none', () => {
    const limiter = newLimiter();
    const [wide, narrow] = [policy('wide', 5), policy('narrow', 1)];
    const both = [wide, narrow].map((each) => ({ policy: each, subjectId: 's', cost: 1 }));
    expect([spendAt(limiter, both).allowed, spendAt(limiter, both).allowed]).toEqual([true, false]);
    expect(limiter.peek([{ policy: wide, subjectId: 's', cost: 1 }], now).decisions[0]?.remaining).toBe(3);
  });

  it('spends nothing when it is only asked', () => {
    const limiter = newLimiter();
    const wish = [{ policy: policy('p', 1), subjectId: 's', cost: 1 }];
    expect([
      limiter.peek(wish, now).allowed,
      limiter.peek(wish, now).allowed,
      spendAt(limiter, wish).allowed,
    ]).toEqual([true, true, true]);
  });

  it('lets the same call pass once Retry-After is over', () => {
    const limiter = newLimiter();
    const wish = [{ policy: policy('p', 3), subjectId: 's', cost: 1 }];
    for (let i = 0; i < 3; i += 1) spendAt(limiter, wish);
    const seconds = Number(rateLimitHeaders(spendAt(limiter, wish), now)['retry-after']);
    expect(limiter.peek(wish, new Date(now.getTime() + (seconds - 1) * 1000)).allowed).toBe(false);
    expect(limiter.peek(wish, new Date(now.getTime() + seconds * 1000)).allowed).toBe(true);
  });
});

describe('requests in flight', () => {
  const inFlight = { ...DEFAULT_CONCURRENCY_POLICY, requestsMax: 2 };
  const wish = (each: LimitPolicy = inFlight): RateWish => ({ policy: each, subjectId: 's', cost: 1 });

  it('are let in again as others leave', () => {
    const limiter = newLimiter();
    const enter = () => spendAt(limiter, [wish()]).allowed;
    expect([enter(), enter(), enter()]).toEqual([true, true, false]);
    limiter.leave(wish());
    expect([enter(), enter()]).toEqual([true, false]);
  });

  it('are forgotten when the last has left, and one that leaves twice lets nobody in', () => {
    const limiter = newLimiter();
    spendAt(limiter, [wish()]);
    limiter.leave(wish());
    limiter.leave(wish());
    expect(limiter.stats().policies['concurrency']?.counters).toBe(0);
    expect([1, 2, 3].map(() => spendAt(limiter, [wish()]).allowed)).toEqual([true, true, false]);
  });

  it('spend no rate when there are too many, and do not enter when a rate refuses', () => {
    const limiter = newLimiter();
    const [wide, narrow] = [policy('wide', 9), policy('narrow', 1)];
    spendAt(limiter, [wish(), wish(narrow)]);
    expect(spendAt(limiter, [wish(), wish(narrow)]).allowed).toBe(false);
    spendAt(limiter, [wish(), wish(wide)]);
    expect(spendAt(limiter, [wish(), wish(wide)]).allowed).toBe(false);
    expect(limiter.peek([wish(wide)], now).decisions[0]?.remaining).toBe(7);
  });

  it('are told in RateLimit by their unit, and not to older clients', () => {
    const limiter = newLimiter();
    const both = [wish(policy('token', 60)), wish()];
    expect(rateLimitHeaders(spendAt(limiter, both), now)).toEqual({
      'ratelimit-policy': '"token";q=60;w=60, "concurrency";q=2;qu="concurrent-requests"',
      ratelimit: '"token";r=59;t=1, "concurrency";r=1',
      'x-ratelimit-bucket': 'token',
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '59',
      'x-ratelimit-reset': String(Date.parse('2026-11-05T12:00:02Z') / 1000),
    });
    spendAt(limiter, both);
    const refused = spendAt(limiter, both);
    expect(rateLimitHeaders(refused, now)).toMatchObject({
      ratelimit: '"token";r=58;t=2, "concurrency";r=0',
      'retry-after': '1',
    });
    expect(violatedPolicies(refused)).toEqual(['concurrency']);
  });
});

describe('what a limiter tells of itself', () => {
  it('is what was let in, refused and would have been, and how many counters there are', () => {
    const limiter = newLimiter();
    const wishes = [policy('token', 2), policy('shadow', 1, 60, 'shadow')].map((each) => ({
      policy: each,
      subjectId: 's',
      cost: 1,
    }));
    for (let i = 0; i < 3; i += 1) spendAt(limiter, wishes);
    limiter.peek(wishes, now);
    expect(limiter.stats()).toEqual({
      store: null,
      policies: {
        token: { allowed: 2, refused: 1, shadowRefused: 0, counters: 1 },
        shadow: { allowed: 1, refused: 0, shadowRefused: 2, counters: 1 },
      },
    });
  });
});

describe('the headers of a limit', () => {
  it('are one line each where one policy counts', () => {
    const verdict = spendAt(newLimiter(), [{ policy: policy('token', 1200), subjectId: 's', cost: 1 }]);
    expect(rateLimitHeaders(verdict, now)).toEqual({
      'ratelimit-policy': '"token";q=1200;w=60',
      ratelimit: '"token";r=1199;t=1',
      'x-ratelimit-bucket': 'token',
      'x-ratelimit-limit': '1200',
      'x-ratelimit-remaining': '1199',
      'x-ratelimit-reset': String(Date.parse('2026-11-05T12:00:01Z') / 1000),
    });
  });

  it('are one line a bucket where several count, all in the same order', () => {
    const wishes = [policy('token', 60), policy('district', 10, 3600)].map((each) => ({
      policy: each,
      subjectId: 's',
      cost: 1,
    }));
    expect(rateLimitHeaders(spendAt(newLimiter(), wishes), now)).toEqual({
      'ratelimit-policy': '"token";q=60;w=60, "district";q=10;w=3600',
      ratelimit: '"token";r=59;t=1, "district";r=9;t=360',
      'x-ratelimit-bucket': ['token', 'district'],
      'x-ratelimit-limit': ['60', '10'],
      'x-ratelimit-remaining': ['59', '9'],
      'x-ratelimit-reset': [2, 361].map((seconds) =>
        String(Date.parse('2026-11-05T12:00:00Z') / 1000 + seconds),
      ),
    });
  });

  it('say when to come again where a policy refused', () => {
    const limiter = newLimiter();
    const wish = [{ policy: policy('token', 3), subjectId: 's', cost: 1 }];
    for (let i = 0; i < 3; i += 1) spendAt(limiter, wish);
    expect(rateLimitHeaders(spendAt(limiter, wish), now)).toMatchObject({
      ratelimit: '"token";r=0;t=20',
      'retry-after': '20',
    });
  });

  it('keep nobody waiting for a shadow policy', () => {
    const limiter = newLimiter();
    const wishes = [policy('token', 60, 60), policy('shadow', 1, 3600, 'shadow')].map((each) => ({
      policy: each,
      subjectId: 's',
      cost: 60,
    }));
    const first = spendAt(limiter, wishes);
    expect([first.allowed, 'retry-after' in rateLimitHeaders(first, now)]).toEqual([true, false]);
    const second = spendAt(limiter, wishes);
    expect([second.allowed, rateLimitHeaders(second, now)['retry-after']]).toEqual([false, '60']);
  });

  it('are none where nothing counts', () => {
    expect(rateLimitHeaders({ allowed: true, decisions: [] }, now)).toEqual({});
  });

  it('never send a refused caller back before the policy that refused lets it pass, nor in less than a second', () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const random = randomFrom(seed);
      const wanted = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => {
        const each = policy(`p${i}`, 1 + Math.floor(random() * 2000), 1 + Math.floor(random() * 4000));
        return {
          policy: each,
          state: now.getTime() + random() * each.windowSeconds * 1000,
          cost: pick(random, [1, 1, 2]),
        };
      });
      const verdict = spendAll(wanted, now);
      const headers = rateLimitHeaders(verdict, now);
      if (verdict.allowed) {
        expect([seed, 'retry-after' in headers]).toEqual([seed, false]);
        continue;
      }
      const wait = headers['retry-after'] as string;
      expect([seed, wait]).toEqual([seed, expect.stringMatching(/^[1-9]\d*$/)]);
      const waits = String(headers['ratelimit'])
        .split(', ')
        .map((each) => Number(/;t=(\d+)$/.exec(each)?.[1]));
      verdict.decisions.forEach(({ allowed }, i) => {
        if (!allowed) expect([seed, waits[i]! <= Number(wait)]).toEqual([seed, true]);
      });
    }
  });
});

describe('the headers of a sunset', () => {
  const notice = {
    deprecatedAt: new Date('2026-11-01T08:30:00.900Z'),
    sunsetAt: new Date('2027-02-03T00:00:00Z'),
  };

  it('are a structured date, an HTTP date and where to read on', () => {
    expect(sunsetHeaders(notice, 'https://docs.example')).toEqual({
      deprecation: '@1793521800',
      sunset: 'Wed, 03 Feb 2027 00:00:00 GMT',
      link:
        '<https://docs.example/retiring-api-keys>; rel="deprecation"; type="text/html", ' +
        '<https://docs.example/retiring-api-keys#tokens>; rel="successor-version", ' +
        '<https://docs.example/retiring-api-keys#dates>; rel="sunset"; type="text/html"',
    });
  });

  it('name no end that the plan does not name', () => {
    const headers = sunsetHeaders({ ...notice, sunsetAt: null }, 'https://docs.example');
    expect(Object.keys(headers)).toEqual(['deprecation', 'link']);
    expect(headers['link']).not.toContain('rel="sunset"');
  });

  it('are none before the announcement', () => {
    expect(sunsetHeaders(null, 'https://docs.example')).toEqual({});
  });
});
