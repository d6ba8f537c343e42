import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KINDS, type Kind } from '../src/index.js';

export interface Doc {
  id: string;
  version: number;
}

/** A roster at one moment: documents by kind and id. */
export type Picture = Record<Kind, Map<string, Doc>>;

/** What happens to one request. */
export type Fate =
  | 'served'
  | 'limited'
  | 'away'
  | 'cut'
  | 'cut in the body'
  | 'ended early'
  | 'a change first'
  | 'a prune first';

interface Told {
  id: string;
  type: string;
  object: { id: string };
}

/** A real HTTP server that holds one district as the data API does: pictures by seq, pages pinned to one, events after it. */
export class RosterServer {
  /** What becomes of the requests to come; those after the last are served. */
  fates: Fate[] = [];
  /** What each change is made of; taken from the front, in a circle. */
  changes: number[] = [];
  requests: string[] = [];
  /** How much of a body comes before it is cut, of 1. */
  cutAt = 0.5;
  #pictures: Picture[] = [];
  #floor = 0;
  #events: Told[] = [];
  readonly #server = createServer((request, response) => this.#serve(request.url ?? '/', response));

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Begins anew with a roster of so many records of each kind. */
  reset(sizes: readonly number[]): void {
    const first = Object.fromEntries(
      KINDS.map((kind, i) => [
        kind,
        new Map(Array.from({ length: sizes[i] ?? 0 }, (_, n) => [idOf(n), { id: idOf(n), version: 0 }])),
      ]),
    ) as Picture;
    [this.#pictures, this.#floor, this.#events] = [[first], 0, []];
    [this.fates, this.requests] = [[], []];
  }

  get picture(): Picture {
    return this.#pictures.at(-1) as Picture;
  }

  /** Publishes: what it creates, updates and deletes follows from `changes`. */
  change(): void {
    const seq = this.#pictures.length;
    const next = Object.fromEntries(KINDS.map((kind) => [kind, new Map(this.picture[kind])])) as Picture;
    for (let i = 0; i < 3; i += 1) {
      const number = this.changes.shift() ?? 0;
      this.changes.push(number);
      const kind = KINDS[number % KINDS.length] as Kind;
      const id = idOf((number >> 3) % 12);
      const had = next[kind].get(id);
      const eventId = `${hex(seq, 8)}${hex(this.#events.length, 16)}`;
      if (had && number % 5 === 0) {
        next[kind].delete(id);
        this.#events.push({ id: eventId, type: `${kind}.deleted`, object: { id } });
      } else {
        const object = { id, version: (had?.version ?? 0) + 1 + number };
        next[kind].set(id, object);
        this.#events.push({ id: eventId, type: `${kind}.${had ? 'updated' : 'created'}`, object });
      }
    }
    this.#pictures.push(next);
  }

  #serve(url: string, response: ServerResponse): void {
    this.requests.push(url);
    const fate = this.fates.shift() ?? 'served';
    switch (fate) {
      case 'limited':
        return refuse(response, 429, 'rate-limited', { 'retry-after': '7' });
      case 'away':
        return refuse(response, 503, 'storage-unavailable', { 'retry-after': '1' });
      case 'cut':
        return void response.socket?.destroy();
      case 'ended early':
      case 'cut in the body': {
        const text = this.#answer(url, response);
        if (text === undefined) return undefined;
        const some = text.slice(0, (this.cutAt * (text.length - 1)) | 0);
        // As a proxy may have it that lost its server: what came is well-formed HTTP, and not whole.
        if (fate === 'ended early') return void response.writeHead(200).end(some);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length + 1 });
        return void response.write(some, () => response.socket?.destroy());
      }
      case 'a change first':
        this.change();
        break;
      case 'a prune first':
        this.change();
        this.#floor = this.#pictures.length - 1;
        break;
      case 'served':
        break;
    }
    const text = this.#answer(url, response);
    if (text !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  }

  /** The body of a page; undefined when the request was refused. */
  #answer(url: string, response: ServerResponse): string | undefined {
    const { pathname, searchParams } = new URL(url, 'http://server');
    const limit = Number(searchParams.get('limit') ?? 100);
    const after = searchParams.get('starting_after') ?? '';
    const collection = pathname.replace('/v3.1/', '');
    if (collection === 'events') return this.#eventsPage(searchParams, after, limit, response);
    const at = Number(searchParams.get('at') ?? this.#pictures.length - 1);
    if (at < this.#floor) return refuse(response, 410, 'cursor-expired');
    if (collection === 'export') return this.#export(searchParams, at, after);
    const docs = this.#docs(at, collection as Kind)
      .filter(({ id }) => id > after)
      .slice(0, limit);
    const link =
      docs.length === limit
        ? { rel: 'next', uri: `${pathname}?limit=${limit}&starting_after=${docs.at(-1)?.id}&at=${at}` }
        : { rel: 'events', uri: `/v3.1/events?starting_after=${hex(at, 8)}${'f'.repeat(16)}` };
    const data = docs.map((each) => ({ data: each, uri: `${pathname}/${each.id}` }));
    return JSON.stringify({ data, links: [{ rel: 'self', uri: url }, link] });
  }

  #docs(at: number, kind: Kind): Doc[] {
    return [...(this.#pictures[at] as Picture)[kind].values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** As lines: what it is of, the records, and how many they were. */
  #export(query: URLSearchParams, at: number, after: string): string {
    const asked = query.get('kinds')?.split(',') ?? KINDS;
    const all = KINDS.filter((kind) => asked.includes(kind));
    const first = (query.get('kind') ?? all[0]) as Kind;
    const kinds = all.slice(all.indexOf(first));
    const lines = kinds.flatMap((kind) =>
      this.#docs(at, kind)
        .filter(({ id }) => kind !== first || id > after)
        .map((data) => ({ kind, data })),
    );
    const events = `/v3.1/events?starting_after=${hex(at, 8)}${'f'.repeat(16)}`;
    const begun = { export: { version: 'v3.1', at: String(at), kinds, events } };
    return [begun, ...lines, { end: { records: lines.length, events } }]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('');
  }

  #eventsPage(query: URLSearchParams, after: string, limit: number, response: ServerResponse) {
    if (after !== '' && parseInt(after.slice(0, 8), 16) < this.#floor)
      return refuse(response, 410, 'events-expired');
    const types = query.get('record_type')?.split(',');
    const told = this.#events
      .filter(({ id, type }) => id > after && (types?.includes(type.split('.')[0] as string) ?? true))
      .slice(0, limit);
    const links = [{ rel: 'self', uri: '/v3.1/events' }];
    const given = new URLSearchParams(query);
    given.set('starting_after', told.at(-1)?.id ?? after);
    if (told.length === limit) links.push({ rel: 'next', uri: `/v3.1/events?${given.toString()}` });
    const data = told.map(({ id, type, object }) => ({
      data: { id, type, created: '2026-11-25T10:00:00.000Z', data: { object }, previous_attributes: {} },
      uri: `/v3.1/events/${id}`,
    }));
    return JSON.stringify({ data, links });
  }
}

function refuse(response: ServerResponse, status: number, code: string, headers = {}): undefined {
  const body = { type: 'about:blank', title: code, status, code, requestId: 'req_of_the_test' };
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(JSON.stringify(body));
}

function idOf(number: number): string {
  return hex(number + 1, 24);
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
