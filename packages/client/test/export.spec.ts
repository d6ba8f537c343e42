import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import {
  ConnectionError,
  ExpiredCursorError,
  Hallpass,
  HallpassError,
  KINDS,
  type Kind,
  RateLimitedError,
  type RosterRecord,
  TimeoutError,
} from '../src/index.js';
import { AnsweringServer, problem, silence } from './answering-server.js';
import { type Fate, type Picture, RosterServer } from './roster-server.js';
import { VirtualClock } from './virtual-clock.js';

const server = new RosterServer();
const answering = new AnsweringServer();
let url: string;

beforeAll(async () => {
  [url] = await Promise.all([server.start(), answering.start()]);
});
afterAll(() => Promise.all([server.stop(), answering.stop()]));
beforeEach(() => {
  server.reset([2, 1, 0, 5, 3, 0]);
  server.cutAt = 0.5;
  answering.received = [];
});

function client(options = {}): Hallpass {
  return new Hallpass({ token: 'hptok_test', url, clock: new VirtualClock(), ...options });
}

function flat(picture: Picture, kinds: readonly Kind[] = KINDS): string[] {
  return kinds.flatMap((kind) =>
    [...picture[kind]]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, doc]) => `${kind} ${id} ${doc.version}`),
  );
}

function named({ kind, id, data }: RosterRecord): string {
  return `${kind} ${id} ${(data as unknown as { version: number }).version}`;
}

async function all(records: AsyncIterable<RosterRecord>): Promise<string[]> {
  const found: string[] = [];
  for await (const record of records) found.push(named(record));
  return found;
}

const fate = fc.constantFrom<Fate>(
  'served',
  'limited',
  'away',
  'cut',
  'cut in the body',
  'ended early',
  'a change first',
);

describe('an export', () => {
  it('has every record of the picture it began with once and in order, wherever it is cut, or it throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(13), { minLength: KINDS.length, maxLength: KINDS.length }),
        fc.array(fate, { maxLength: 40, size: 'max' }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        fc.option(fc.subarray([...KINDS], { minLength: 1 }), { nil: undefined }),
        fc.array(fc.nat(5000), { minLength: 1, maxLength: 20 }),
        async (sizes, fates, cutAt, pageSize, kinds, changes) => {
          server.reset(sizes);
          [server.fates, server.cutAt, server.changes] = [[...fates], cutAt, [...changes]];
          const found: string[] = [];
          let cursor: string | undefined;
          let eventsAfter: string | undefined;
          for (let deaths = 0; eventsAfter === undefined; deaths += 1) {
            expect(deaths).toBeLessThan(50);
            try {
              for await (const page of client().export({ kinds, pageSize, cursor }).pages()) {
                found.push(...page.records.map(named));
                ({ cursor, eventsAfter } = page);
              }
              expect(eventsAfter).toBeDefined();
            } catch (error) {
              if (!(error instanceof HallpassError)) throw error;
            }
          }
          server.fates = [];
          // What followed is in the events after it, and nothing before it: together they are the server's picture.
          const copy = new Map(found.map((text) => [text.slice(0, text.lastIndexOf(' ')), text]));
          expect(copy.size).toBe(found.length);
          for await (const { type, data } of client().events.list({ after: eventsAfter, kinds })) {
            const [kind, what] = type.split('.') as [Kind, string];
            const { object } = data as unknown as { object: { id: string; version: number } };
            if (what === 'deleted') copy.delete(`${kind} ${object.id}`);
            else copy.set(`${kind} ${object.id}`, `${kind} ${object.id} ${object.version}`);
          }
          expect([...copy.values()].sort()).toEqual(flat(server.picture, kinds).sort());
        },
      ),
      { numRuns: 250 },
    );
  });

  it('gives records of the kinds that are asked for, in the one order, in one request', async () => {
    server.requests = [];
    expect(await all(client().export({ kinds: ['users', 'schools'] }))).toEqual(
      flat(server.picture, ['schools', 'users']),
    );
    expect(server.requests).toEqual(['/v3.1/export?kinds=users,schools']);
  });

  it('gives some at a time, and goes on after them in another process, on the same picture', async () => {
    const before = flat(server.picture);
    const pages = client().export({ pageSize: 4 }).pages();
    const first = (await pages.next()).value as {
      records: RosterRecord[];
      cursor: string;
      eventsAfter: undefined;
    };
    await pages.return();
    expect([first.records.map(named), first.eventsAfter]).toEqual([before.slice(0, 4), undefined]);
    server.changes = [3, 11, 19];
    server.change();
    expect(await all(client().export({ cursor: first.cursor }))).toEqual(before.slice(4));
    expect(server.requests.at(-1)).toBe(
      `/v3.1/export?at=0&kind=users&starting_after=${'1'.padStart(24, '0')}`,
    );
  });

  it('goes on where it was cut, in the middle of a line, and tells of the events after its first picture', async () => {
    const before = flat(server.picture);
    server.fates = ['cut in the body', 'a change first'];
    server.changes = [3, 11, 19];
    const clock = new VirtualClock();
    const pages = [];
    for await (const page of client({ clock }).export().pages()) pages.push(page);
    expect(pages.flatMap(({ records }) => records.map(named))).toEqual(before);
    expect(pages.map(({ cursor, eventsAfter }) => [cursor, eventsAfter])).toEqual([
      [undefined, `00000000${'f'.repeat(16)}`],
    ]);
    expect(server.requests.length).toBe(2);
    expect(server.requests[1]).toContain('at=0&kind=users&starting_after=');
    expect(clock.waits).toEqual([188]);
  });

  it.each<[string, Fate]>([
    ['breaks off', 'cut in the body'],
    ['ends as if it were whole', 'ended early'],
  ])(
    'throws when it %s each time before there is more, and gives what came before that',
    async (_name, each) => {
      server.fates = Array.from({ length: 200 }, () => each);
      server.cutAt = 0.2;
      const pages = client().export({ pageSize: 1 }).pages();
      await expect(
        (async () => {
          for (;;) {
            const { done } = await pages.next();
            if (done) return 'it looked like the end';
          }
        })(),
      ).rejects.toThrow(ConnectionError);
    },
  );

  it('throws at once, and does not end, when it may not try again', async () => {
    for (const each of ['cut', 'cut in the body', 'ended early'] as const) {
      server.fates = [each];
      await expect(all(client({ retryBudgetMs: 0 }).export())).rejects.toThrow(ConnectionError);
    }
    server.fates = ['limited'];
    await expect(all(client({ retryBudgetMs: 0 }).export())).rejects.toThrow(RateLimitedError);
  });

  it('throws when a line is missing, or is none', async () => {
    const [head, record, end] = [
      '{"export":{"at":"0"}}\n',
      '{"kind":"schools","data":{"id":"a"}}\n',
      '{"end":{"records":2,"events":"/v3.1/events?starting_after=1"}}\n',
    ];
    for (const [text, said] of [
      [head + record + end, 'has left out records'],
      ['<p>A proxy.</p>\n', 'no JSON'],
    ] as const) {
      answering.answers = [(_, response) => void response.end(text)];
      await expect(all(client({ url: answering.url }).export())).rejects.toThrow(said);
      expect(answering.received.length).toBe(1);
      answering.received = [];
    }
  });

  it('goes on with another token where the first was replaced on the way', async () => {
    const head = '{"export":{"at":"3"}}\n';
    const line = (id: string) => `${JSON.stringify({ kind: 'users', data: { id } })}\n`;
    answering.answers = [
      (_, response) => void response.end(head + line('a')),
      problem(401, 'token-rotated'),
      (_, response) =>
        void response.end(
          `${head}${line('b')}{"end":{"records":1,"events":"/v3.1/events?starting_after=9"}}\n`,
        ),
    ];
    const token = (refused?: string) => (refused === undefined ? 'hptok_1' : 'hptok_2');
    const found = [];
    for await (const { id } of client({ url: answering.url, token }).export()) found.push(id);
    expect(found).toEqual(['a', 'b']);
    const going = '/v3.1/export?at=3&kind=users&starting_after=a';
    expect(answering.received.map((each) => [each.url, each.headers.authorization])).toEqual([
      ['/v3.1/export', 'Bearer hptok_1'],
      [going, 'Bearer hptok_1'],
      [going, 'Bearer hptok_2'],
    ]);
  });

  it('throws ExpiredCursorError where its picture is no longer kept', async () => {
    server.fates = ['cut in the body', 'a prune first'];
    await expect(all(client().export())).rejects.toThrow(ExpiredCursorError);
  });

  it('ends by a signal, also between two lines, and lets go of the connection when nobody reads on', async () => {
    const closed: Promise<void>[] = [];
    answering.answers = [
      (request, response) => {
        closed.push(new Promise((done) => request.once('close', done)));
        response.write('{"export":{"at":"0"}}\n{"kind":"schools","data":{"id":"a"}}\n');
      },
    ];
    const end = new AbortController();
    const pages = client({ url: answering.url }).export({ pageSize: 1, signal: end.signal }).pages();
    expect((await pages.next()).value).toMatchObject({ records: [{ kind: 'schools', id: 'a' }] });
    const reason = new Error('enough');
    end.abort(reason);
    await expect(pages.next()).rejects.toBe(reason);
    for await (const { records } of client({ url: answering.url }).export({ pageSize: 1 }).pages()) {
      expect(records).toHaveLength(1);
      break;
    }
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });

  it('takes too long only where nothing comes: its reader may take as long as it likes', async () => {
    let rest: ServerResponse | undefined;
    answering.answers = [
      (_, response) => {
        rest = response;
        response.write('{"export":{"at":"0"}}\n{"kind":"schools","data":{"id":"a"}}\n');
      },
      silence,
    ];
    const options = { url: answering.url, retryBudgetMs: 0 };
    const pages = client({ ...options, timeoutMs: 40 })
      .export({ pageSize: 1 })
      .pages();
    await pages.next();
    // What the reader does meanwhile takes longer than the next piece may.
    await expect(client({ ...options, timeoutMs: 80 }).me()).rejects.toThrow(TimeoutError);
    rest?.write('{"kind":"schools","data":{"id":"b"}}\n');
    expect((await pages.next()).value).toMatchObject({ records: [{ id: 'b' }] });
    await expect(pages.next()).rejects.toThrow(TimeoutError);
  });

  it.each([[[]], [['pets']]])('refuses the kinds %j', (kinds) => {
    expect(() => client().export({ kinds: kinds as Kind[] })).toThrow('kinds are of schools');
  });

  it('asks for lines that are not zipped', async () => {
    answering.answers = [
      (_, response) => void response.end('{"end":{"records":0,"events":"/v3.1/events"}}\n'),
    ];
    for await (const { eventsAfter } of client({ url: answering.url }).export().pages())
      expect(eventsAfter).toBe('');
    const headers = answering.received[0]?.headers;
    expect([headers?.accept, headers?.['accept-encoding']]).toEqual(['application/x-ndjson', 'identity']);
  });

  it('passes over a kind that was added after this client', async () => {
    const lines = [
      { export: { at: '0' } },
      { kind: 'pets', data: { id: 'a' } },
      { kind: 'users', data: { id: 'b' } },
      { end: { records: 2, events: '/v3.1/events?starting_after=1' } },
    ];
    answering.answers = [
      (_, response) => void response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    ];
    const found = [];
    for await (const { kind, id } of client({ url: answering.url }).export()) found.push([kind, id]);
    expect(found).toEqual([['users', 'b']]);
  });
});
