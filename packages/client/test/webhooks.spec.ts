import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { WebhookVerificationError, verifyWebhook } from '../src/index.js';

const secretOf = () => `whsec_${randomBytes(32).toString('base64')}`;
const SECRET = secretOf();
const EVENT = {
  id: 'e1',
  type: 'grant.approved',
  at: '2026-11-25T10:00:00.000Z',
  districtId: null,
  data: {},
};
const BODY = JSON.stringify(EVENT);
const NOW = Date.parse('2026-11-25T10:00:00Z');

/** Signed by the library that receivers are told to use, not by ours. */
function headersOf(secrets: string[], at = NOW): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign('e1', new Date(at), BODY));
  return {
    'webhook-id': 'e1',
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}

describe('verifyWebhook', () => {
  const good = { secret: SECRET, headers: headersOf([SECRET]), body: BODY, now: NOW };

  it.each([
    ['plain headers', good],
    ['fetch’s headers', { ...good, headers: new Headers(good.headers) }],
    [
      'headers in capitals',
      {
        ...good,
        headers: Object.fromEntries(
          Object.entries(good.headers).map(([name, value]) => [name.toUpperCase(), value]),
        ),
      },
    ],
    ['bytes', { ...good, body: Buffer.from(BODY) }],
    ['one of two signatures', { ...good, headers: headersOf([secretOf(), SECRET]) }],
    ['one of two secrets', { ...good, secret: [secretOf(), SECRET] }],
    ['a secret without its prefix', { ...good, secret: SECRET.slice(6) }],
    ['one that is just not too old', { ...good, now: NOW + 300_000 }],
  ])('takes %s', async (_name, options) => {
    expect(await verifyWebhook(options)).toEqual(EVENT);
  });

  it.each([
    ['another secret', { ...good, secret: secretOf() }],
    ['a changed body', { ...good, body: BODY.replace('approved', 'revoked') }],
    ['another id', { ...good, headers: { ...good.headers, 'webhook-id': 'e2' } }],
    ['another time', { ...good, headers: { ...good.headers, 'webhook-timestamp': String(NOW / 1000 + 1) } }],
    ['no signature', { ...good, headers: { ...good.headers, 'webhook-signature': undefined } }],
    [
      'an unknown version',
      {
        ...good,
        headers: {
          ...good.headers,
          'webhook-signature': good.headers['webhook-signature']?.replace('v1,', 'v2,'),
        },
      },
    ],
    ['what is no base64', { ...good, headers: { ...good.headers, 'webhook-signature': 'v1,*' } }],
    [
      'a cut signature',
      {
        ...good,
        headers: { ...good.headers, 'webhook-signature': good.headers['webhook-signature']?.slice(0, -5) },
      },
    ],
    ['one that is too old', { ...good, now: NOW + 301_000 }],
    ['one from the future', { ...good, now: NOW - 301_000 }],
    ['a time that is no number', { ...good, headers: { ...good.headers, 'webhook-timestamp': 'NaN' } }],
  ])('refuses %s', async (_name, options) => {
    await expect(verifyWebhook(options)).rejects.toThrow(WebhookVerificationError);
  });

  it('says so when the secret is none', async () => {
    await expect(verifyWebhook({ ...good, secret: 'whsec_' })).rejects.toThrow(TypeError);
  });
});
