import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import {
  ApiError,
  AuthenticationError,
  ConnectionError,
  ExpiredCursorError,
  Hallpass,
  HallpassApp,
  type HallpassOptions,
  NotFoundError,
  PermissionError,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
} from '../src/index.js';
import { AnsweringServer, cut, cutShort, json, problem, silence } from './answering-server.js';
import { VirtualClock } from './virtual-clock.js';

const server = new AnsweringServer();
const PAGE = json({ data: [{ data: { id: 'a' }, uri: '/v3.1/schools/a' }], links: [] });
let clock: VirtualClock;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  clock = new VirtualClock();
  server.received = [];
});

function client(options: Partial<HallpassOptions> = {}): Hallpass {
  return new Hallpass({ token: 'hptok_1', url: server.url, clock, ...options });
}

describe('trying again', () => {
  it.each([
    ['429, by its Retry-After and a little more', problem(429, 'rate-limited', { 'retry-after': '8' }), 9000],
    [
      '503, by its Retry-After and a little more',
      problem(503, 'grant-narrowing', { 'retry-after': '4' }),
      4500,
    ],
    [
      'a date as Retry-After that is over',
      problem(429, 'rate-limited', { 'retry-after': 'Wed, 01 Jan 2020 00:00:00 GMT' }),
      125,
    ],
    ['429 without Retry-After', problem(429, 'rate-limited'), 188],
    ['a proxy’s 502', problem(502, 'bad'), 188],
    ['a cut connection', cut, 188],
    ['an answer that is cut short', cutShort, 188],
    ['an answer that is no JSON', (_: unknown, response: ServerResponse) => void response.end('<p>'), 188],
  ])('waits after %s', async (_name, answer, waitMs) => {
    server.answers = [answer, PAGE];
    expect(await client().schools.list().all()).toEqual([{ id: 'a' }]);
    expect([clock.waits, server.received.length]).toEqual([[waitMs], 2]);
  });

  it('waits ever longer, and not beyond the budget', async () => {
    server.answers = [cut];
    await expect(client({ retryBudgetMs: 30_000 }).me()).rejects.toThrow(ConnectionError);
    expect(clock.waits).toEqual([188, 375, 750, 1500, 3000, 6000, 7500, 7500]);
  });

  it('throws at once what it would have to wait for too long', async () => {
    server.answers = [problem(429, 'rate-limited', { 'retry-after': '3600' })];
    const error = await client()
      .me()
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ retryAfterMs: 3_600_000, code: 'rate-limited', requestId: 'req_1' });
    expect(clock.waits).toEqual([]);
  });

  it.each([
    [400, 'request-invalid', ApiError],
    [401, 'grant-paused', AuthenticationError],
    [403, 'address-not-allowed', PermissionError],
    [404, 'not-found', NotFoundError],
    [410, 'cursor-expired', ExpiredCursorError],
    [500, 'unexpected', UnavailableError],
    [501, 'not-implemented', UnavailableError],
  ])('does not ask again after %i %s', async (status, code, Kind) => {
    server.answers = [problem(status, code)];
    const error = await client()
      .users.get('x')
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(Kind);
    expect(error).toMatchObject({ status, code, requestId: 'req_1', name: Kind.name });
    expect((error as Error).message).toBe(
      `GET /v3.1/users/x answered ${status} ${code}: A detail. (request req_1)`,
    );
    expect(server.received).toHaveLength(1);
  });

  it('says the status of an empty refusal', async () => {
    server.answers = [(_, response) => void response.writeHead(418, { 'x-request-id': 'req_2' }).end()];
    await expect(client().me()).rejects.toMatchObject({ code: 'http-418', requestId: 'req_2' });
  });

  it('never repeats what may have been done', async () => {
    const app = new HallpassApp({ clientId: 'a', clientSecret: 'b', url: server.url, clock });
    server.answers = [problem(503, 'storage-unavailable', { 'retry-after': '1' }), json({})];
    await expect(app.rotateToken('t')).rejects.toThrow(UnavailableError);
    server.answers = [cut, json({})];
    await expect(app.rotateToken('t')).rejects.toThrow(ConnectionError);
    expect(clock.waits).toEqual([]);
    // A refusal by a limit has done nothing.
    server.answers = [problem(429, 'rate-limited', { 'retry-after': '1' }), json({ id: 'new' })];
    expect(await app.rotateToken('t')).toEqual({ id: 'new' });
  });
});

describe('ending', () => {
  it('gives an attempt only so long', async () => {
    server.answers = [silence];
    const error = await client({ timeoutMs: 20, retryBudgetMs: 0 })
      .me()
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(TimeoutError);
  });

  it('ends with the reason of the signal: while it asks, while it waits, and before either', async () => {
    const asking = new AbortController();
    server.answers = [() => asking.abort(new Error('enough'))];
    await expect(client().me({ signal: asking.signal })).rejects.toThrow('enough');

    const waiting = new AbortController();
    server.answers = [
      (request, response) => {
        waiting.abort(new Error('enough'));
        problem(429, 'rate-limited', { 'retry-after': '1' })(request, response);
      },
    ];
    await expect(client({ signal: waiting.signal }).me()).rejects.toThrow('enough');

    server.received = [];
    await expect(client().me({ signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never');
    expect(server.received).toEqual([]);
  });

  it('leaves nothing behind at a signal that lives long', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...given: Parameters<typeof add>) => ((listeners += 1), add(...given));
    signal.removeEventListener = (...given: Parameters<typeof remove>) => (
      (listeners -= 1),
      remove(...given)
    );
    server.answers = [PAGE];
    for (let i = 0; i < 5; i += 1) await client({ signal }).schools.list({ signal }).all();
    expect(listeners).toBe(0);
  });
});

describe('signing in', () => {
  it('sends the token, and follows neither a redirect nor a cursor to another place', async () => {
    server.answers = [
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    ];
    await expect(client({ retryBudgetMs: 0 }).me()).rejects.toThrow(ConnectionError);
    expect(server.received[0]?.headers.authorization).toBe('Bearer hptok_1');
    for (const cursor of ['http://127.0.0.1:9/v3.1/users', '//127.0.0.1:9/v3.1/users', 'users'])
      await expect(client().users.list({ cursor }).all()).rejects.toThrow(TypeError);
    expect(server.received).toHaveLength(1);
  });

  it('keeps secrets out of what is printed of it and of its errors', async () => {
    server.answers = [problem(401, 'token-revoked')];
    const app = new HallpassApp({ clientId: 'id', clientSecret: 'hpsec_1', url: server.url });
    const error = await client()
      .me()
      .catch((each: unknown) => each);
    const printed = [client(), app, error]
      .map((each) => inspect(each, { depth: 9, showHidden: false }))
      .join();
    expect(printed).not.toMatch(/hptok_1|hpsec_1|aWQ6/);
  });

  it('fetches the token of a district when it is first used, and again when it was replaced', async () => {
    const token = (secret: string) =>
      json({ data: [{ owner: { id: 'd' }, access_token: secret }], links: [] });
    const app = new HallpassApp({
      clientId: 'id',
      clientSecret: 's',
      url: server.url,
      dataApiUrl: server.url,
      clock,
    });
    const own = app.client('d');
    server.answers = [token('one'), PAGE, problem(401, 'token-rotated'), token('two'), PAGE];
    await own.schools.list().all();
    await own.schools.list().all();
    expect(server.received.map(({ url, headers }) => [url?.split('?')[0], headers.authorization])).toEqual([
      ['/oauth/tokens', 'Basic aWQ6cw=='],
      ['/v3.1/schools', 'Bearer one'],
      ['/v3.1/schools', 'Bearer one'],
      ['/oauth/tokens', 'Basic aWQ6cw=='],
      ['/v3.1/schools', 'Bearer two'],
    ]);
    // A pause is no reason to look for another token; and the same token again is none to go on.
    server.answers = [problem(401, 'grant-paused')];
    await expect(own.schools.list().all()).rejects.toMatchObject({ code: 'grant-paused' });
    server.answers = [problem(401, 'token-revoked'), token('two')];
    await expect(own.schools.list().all()).rejects.toMatchObject({ code: 'token-revoked' });
    server.answers = [json({ data: [], links: [] })];
    await expect(app.client('gone').me()).rejects.toThrow('shares nothing');
  });

  it('takes one credential, and an address', () => {
    expect(() => new Hallpass({})).toThrow(TypeError);
    expect(() => new Hallpass({ token: 'a', apiKey: 'b' })).toThrow(TypeError);
    expect(() => client({ url: 'example.com' })).toThrow(TypeError);
  });
});

describe('warning', () => {
  const warnings: string[] = [];
  const onWarning = (warning: string) => void warnings.push(warning);
  afterEach(() => void warnings.splice(0));

  it('warns of a deprecated credential once, and once more when its day moves', async () => {
    const until = (day: string) =>
      json(
        { data: [], links: [] },
        {
          deprecation: '@1788220800',
          sunset: `${day} 00:00:00 GMT`,
          link: '<https://docs.example/keys>; rel="deprecation"; type="text/html"',
        },
      );
    server.answers = [until('Mon, 01 Feb 2027'), until('Mon, 01 Feb 2027'), until('Mon, 01 Mar 2027')];
    const own = client({ onWarning });
    for (let i = 0; i < 4; i += 1) await own.schools.list().all();
    expect(warnings).toEqual(
      ['01 Feb', '01 Mar'].map(
        (day) =>
          `Hallpass: the credential in use is deprecated and stops working on Mon, ${day} 2027 00:00:00 GMT. See https://docs.example/keys`,
      ),
    );
  });

  it('takes an API key still, and says that it should not', async () => {
    server.answers = [PAGE];
    // oxlint-disable-next-line typescript/no-deprecated -- it is what is tested
    const own = new Hallpass({ apiKey: 'hpkey_1', url: server.url, onWarning });
    await own.schools.list().all();
    expect(server.received[0]?.headers.authorization).toBe(`Basic ${btoa('hpkey_1:')}`);
    expect(warnings).toHaveLength(1);
  });

  it('warns by the process where nobody else is told', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue();
    server.answers = [json({ data: [], links: [] }, { deprecation: '@1788220800' })];
    await client().schools.list().all();
    expect(emitWarning.mock.calls).toEqual([
      [expect.stringContaining('not named yet'), 'DeprecationWarning'],
    ]);
    emitWarning.mockRestore();
  });
});
