import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  RETRY_DELAYS_MS,
  RETRY_JITTER,
  afterAttempt,
  attemptResultOf,
  newWebhookSecret,
  unknownTypes,
  webhookUrlFaults,
  type AttemptResult,
} from './webhook.js';

const NOW = new Date('2026-11-25T10:00:00Z');
const DAY_MS = 86_400_000;
const failed: AttemptResult = { httpStatus: 503, error: 'status' };

describe('a delivery', () => {
  it.each([
    [200, null],
    [204, null],
    [299, null],
    [199, 'status'],
    [301, 'redirect'],
    [307, 'redirect'],
    [400, 'status'],
    [410, 'status'],
    [500, 'status'],
  ])('whose receiver answers %d has the error %s', (httpStatus, error) => {
    expect(attemptResultOf(httpStatus)).toEqual({ httpStatus, error });
  });

  it.each([
    ['is taken by an answer of 2xx', 1, attemptResultOf(204), { status: 'delivered' }],
    ['is dead, and its receiver gone, by a 410', 1, attemptResultOf(410), { status: 'dead', isGone: true }],
    ['is dead after its last try', 10, failed, { status: 'dead', isGone: false }],
    [
      'waits 5 seconds after the first',
      1,
      failed,
      { status: 'pending', dueAt: new Date('2026-11-25T10:00:05Z') },
    ],
    [
      'waits a day before the last',
      9,
      failed,
      { status: 'pending', dueAt: new Date('2026-11-26T10:00:00Z') },
    ],
  ])('%s', (_name, attempt, result, outcome) => {
    expect(afterAttempt(attempt, result, NOW, 0)).toEqual(outcome);
  });

  it('is tried for three days at the least and four at the most, each wait no shorter than the one before', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20 }), (chances) => {
        let now = NOW;
        let last = 0;
        for (const [i, chance] of chances.entries()) {
          const outcome = afterAttempt(i + 1, failed, now, chance);
          if (outcome.status !== 'pending') {
            expect([i, outcome]).toEqual([RETRY_DELAYS_MS.length, { status: 'dead', isGone: false }]);
            break;
          }
          const wait = outcome.dueAt.getTime() - now.getTime();
          const delay = RETRY_DELAYS_MS[i] ?? 0;
          expect(wait).toBeGreaterThanOrEqual(delay);
          expect(wait).toBeLessThanOrEqual(delay * (1 + RETRY_JITTER) + 1);
          expect(wait).toBeGreaterThanOrEqual(last);
          last = delay;
          now = outcome.dueAt;
        }
        const days = (now.getTime() - NOW.getTime()) / DAY_MS;
        expect(days).toBeGreaterThanOrEqual(3);
        expect(days).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe('the address of a webhook', () => {
  it.each([
    ['https://example.com', false],
    ['https://example.com:8443/hooks?x=1', false],
    ['http://localhost:3000/hooks', true],
  ])('may be %s', (text, mayBePlain) => {
    expect(webhookUrlFaults(text, mayBePlain)).toEqual([]);
  });

  it.each([
    ['', true],
    ['example.com', true],
    ['/hooks', true],
    ['http://example.com', false],
    ['ftp://example.com', true],
    ['file:///etc/passwd', true],
    ['javascript:alert(1)', true],
    ['https://user@example.com', true],
    ['https://user:secret@example.com', true],
    ['https://example.com/#part', true],
    [`https://example.com/${'x'.repeat(2048)}`, true],
  ])('may not be %s', (text, mayBePlain) => {
    expect(webhookUrlFaults(text, mayBePlain)).toEqual([{ field: 'url', message: expect.any(String) }]);
  });
});

describe('the secret of a webhook', () => {
  it('is 32 random bytes in the form of the standard', () => {
    const [one, other] = [newWebhookSecret(), newWebhookSecret()];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});

describe('the types of a webhook', () => {
  it('are those of platform events, without the test that each is told of', () => {
    expect(unknownTypes(['grant.approved', 'grant.lost', 'webhook.test', ''])).toEqual([
      'grant.lost',
      'webhook.test',
      '',
    ]);
  });
});
