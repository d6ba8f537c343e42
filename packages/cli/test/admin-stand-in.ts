import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Received {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: Buffer;
  json(): unknown;
}

export interface Answer {
  status: number;
  body?: unknown;
  /** Answers before the request's body has arrived. */
  early?: boolean;
}

export interface AdminStandIn {
  url: string;
  received: Received[];
  /** What `METHOD /path` answers, one after the other; the last stays. */
  answer(route: string, ...answers: Answer[]): void;
  close(): Promise<void>;
}

/** A real HTTP server that answers what a test tells it to, and remembers what it was asked. */
export async function startAdminStandIn(): Promise<AdminStandIn> {
  const received: Received[] = [];
  const answers = new Map<string, Answer[]>();
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const route = `${request.method} ${pathname}`;
    const queue = answers.get(route) ?? [];
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    const body = answer?.early ? Buffer.alloc(0) : await buffer(request);
    received.push({
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body,
      json: () => JSON.parse(body.toString('utf8')) as unknown,
    });
    const { status, body: given } = answer ?? {
      status: 404,
      body: { title: 'Not Found', status: 404, detail: route },
    };
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    });
    response.end(given === undefined ? '' : JSON.stringify(given));
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (route, ...given) => void answers.set(route, given),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
