import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server that answers one request after the other as it is told; the last answer stays. */
export class AnsweringServer {
  url = '';
  answers: Answer[] = [];
  received: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers'] }[] =
    [];
  readonly #server = createServer((request, response) => {
    this.received.push({ method: request.method, url: request.url, headers: request.headers });
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    answer?.(request, response);
  });

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

export function json(body: unknown, headers: Record<string, string> = {}): Answer {
  return (_, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Answer {
  const body = {
    type: 'about:blank',
    title: 'A title.',
    detail: 'A detail.',
    status,
    code,
    requestId: 'req_1',
  };
  return (_, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/problem+json', ...headers })
      .end(JSON.stringify(body));
}

export const cut: Answer = (_, response) => void response.socket?.destroy();
export const silence: Answer = () => undefined;
/** Promises more than comes. */
export const cutShort: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' });
  response.write('{"data":', () => response.socket?.destroy());
};
