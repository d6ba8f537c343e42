import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TokenServiceConfig } from '../src/config.js';
import { SafeFetch, type OutboundError, type ResolveHost } from '../src/outbound/safe-fetch.js';
import { Receiver } from './receiver.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answerWith(Receiver.status(200, {}, 'hello'));
});

const open: SafeFetch[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.onApplicationShutdown();
});

const PUBLIC = { address: '93.184.216.34', family: 4 };
const LOOPBACK = { address: '127.0.0.1', family: 4 };
const METADATA = { address: '169.254.169.254', family: 4 };

function safeFetch(allowsPrivate: boolean, resolve?: ResolveHost): SafeFetch {
  const config = new TokenServiceConfig();
  config.WEBHOOKS_ALLOW_PRIVATE = allowsPrivate;
  const fetch = new SafeFetch(config, resolve);
  open.push(fetch);
  return fetch;
}
const reason = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: OutboundError) => error.reason,
  );
/** Each look-up is answered by the next, the last for good. */
function answers(...lookUps: { address: string; family: number }[][]): ResolveHost & { asked: string[] } {
  const asked: string[] = [];
  const resolve = (host: string) => {
    asked.push(host);
    return Promise.resolve(lookUps[Math.min(asked.length, lookUps.length) - 1] ?? []);
  };
  return Object.assign(resolve, { asked });
}

describe('an address that a stranger named', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[fd00:ec2::254]/',
    'https://localhost/',
    'http://93.184.216.34/',
    'ftp://93.184.216.34/',
    'https://user:password@93.184.216.34/',
  ])('is refused, before anything is sent: %s', async (url) => {
    const fetch = safeFetch(false);
    expect([await reason(fetch.check(url)), await reason(fetch.fetch(url))]).toEqual([
      'address-refused',
      'address-refused',
    ]);
  });

  it('is refused when one of its addresses is not public', async () => {
    const fetch = safeFetch(false, answers([PUBLIC, METADATA]));
    expect(await reason(fetch.check('https://hooks.example/'))).toBe('address-refused');
    expect(await reason(fetch.fetch('https://hooks.example/'))).toBe('address-refused');
  });

  it('is refused when its name has been bound anew since it was looked at', async () => {
    const resolve = answers([PUBLIC], [LOOPBACK]);
    const fetch = safeFetch(false, resolve);
    const url = `https://rebinding.example:${receiver.port}/`;
    expect(await reason(fetch.check(url))).toBe('done');
    expect(await reason(fetch.fetch(url))).toBe('address-refused');
    expect(receiver.received).toEqual([]);
  });

  it('is called at what it was looked up as, and looked up once', async () => {
    const resolve = answers([LOOPBACK], [METADATA]);
    const { status, body } = await safeFetch(true, resolve).fetch(`http://pinned.example:${receiver.port}/x`);
    expect([status, body.toString()]).toEqual([200, 'hello']);
    expect(resolve.asked).toEqual(['pinned.example']);
    expect(receiver.received[0]?.headers.host).toBe(`pinned.example:${receiver.port}`);
  });

  it('has no name that leads anywhere', async () => {
    const missing: ResolveHost = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await reason(safeFetch(false, missing).fetch('https://missing.example/'))).toBe('dns');
    expect(await reason(safeFetch(false, answers([])).check('https://empty.example/'))).toBe('dns');
  });
});

describe('an answer', () => {
  it('that redirects is an answer, and is not followed', async () => {
    receiver.answerWith(Receiver.status(302, { location: `${receiver.url}/elsewhere` }));
    const { status, headers } = await safeFetch(true).fetch(receiver.url);
    expect([status, headers['location']]).toEqual([302, `${receiver.url}/elsewhere`]);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks']);
  });

  it('is read no further than 64 KiB, though it never ends', async () => {
    receiver.answerWith((response) => {
      const part = Buffer.alloc(16_384, 'x');
      const more = () => {
        while (!response.destroyed && response.write(part));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { status, body } = await safeFetch(true).fetch(receiver.url);
    expect([status, body.length]).toEqual([200, 65_536]);
  });

  it('that does not come in time, or not to its end, is not waited for', async () => {
    receiver.answerWith(() => undefined);
    expect(await reason(safeFetch(true).fetch(receiver.url, { timeoutMs: 100 }))).toBe('timeout');
    receiver.answerWith((response) => void response.writeHead(200).write('a beginning'));
    expect(await reason(safeFetch(true).fetch(receiver.url, { timeoutMs: 100 }))).toBe('timeout');
  });

  it('that is none has a class and no more', async () => {
    receiver.answerWith((response) => void response.destroy());
    expect(await reason(safeFetch(true).fetch(receiver.url))).toBe('connection');
    const plain = receiver.url.replace('http:', 'https:');
    expect(await reason(safeFetch(true).fetch(plain))).toBe('tls');
    const closed = await Receiver.start();
    await closed.close();
    expect(await reason(safeFetch(true).fetch(closed.url))).toBe('connection');
  });

  it('is asked of no proxy, whatever the environment says', async () => {
    const proxy = await Receiver.start();
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' });
    try {
      await safeFetch(true).fetch(receiver.url);
    } finally {
      process.env = before;
      await proxy.close();
    }
    expect([receiver.received.length, proxy.received.length]).toEqual([1, 0]);
  });
});
