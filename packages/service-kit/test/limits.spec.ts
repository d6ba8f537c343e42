import { spendAll, type RatePolicy } from '@hallpass/domain';
import { afterAll, describe, expect, it } from '@jest/globals';
import { rateLimitHeaders } from '../src/limits/rate-limit-headers.js';
import { RateLimiter } from '../src/limits/rate-limiter.js';
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
afterAll(() => limiters.forEach((limiter) => limiter.onApplicationShutdown()));

describe('the rate limiter', () => {
  it('counts each subject and each policy for itself', () => {
    const limiter = newLimiter();
    const spend = (name: string, subjectId: string) =>
      limiter.spend([{ policy: policy(name, 1), subjectId, cost: 1 }], now).allowed;
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
    expect([limiter.spend(both, now).allowed, limiter.spend(both, now).allowed]).toEqual([true, false]);
    expect(limiter.peek([{ policy: wide, subjectId: 's', cost: 1 }], now).decisions[0]?.remaining).toBe(3);
  });

  it('spends nothing when it is only asked', () => {
    const limiter = newLimiter();
    const wish = [{ policy: policy('p', 1), subjectId: 's', cost: 1 }];
    expect([
      limiter.peek(wish, now).allowed,
      limiter.peek(wish, now).allowed,
      limiter.spend(wish, now).allowed,
    ]).toEqual([true, true, true]);
  });

  it('lets the same call pass once Retry-After is over', () => {
    const limiter = newLimiter();
    const wish = [{ policy: policy('p', 3), subjectId: 's', cost: 1 }];
    for (let i = 0; i < 3; i += 1) limiter.spend(wish, now);
    const seconds = Number(rateLimitHeaders(limiter.spend(wish, now), now)['retry-after']);
    expect(limiter.peek(wish, new Date(now.getTime() + (seconds - 1) * 1000)).allowed).toBe(false);
    expect(limiter.peek(wish, new Date(now.getTime() + seconds * 1000)).allowed).toBe(true);
  });
});

describe('the headers of a limit', () => {
  it('are one line each where one policy counts', () => {
    const verdict = newLimiter().spend([{ policy: policy('token', 1200), subjectId: 's', cost: 1 }], now);
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
    expect(rateLimitHeaders(newLimiter().spend(wishes, now), now)).toEqual({
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
    for (let i = 0; i < 3; i += 1) limiter.spend(wish, now);
    expect(rateLimitHeaders(limiter.spend(wish, now), now)).toMatchObject({
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
    const first = limiter.spend(wishes, now);
    expect([first.allowed, 'retry-after' in rateLimitHeaders(first, now)]).toEqual([true, false]);
    const second = limiter.spend(wishes, now);
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
