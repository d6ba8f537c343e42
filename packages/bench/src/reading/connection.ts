import { connect, type Socket } from 'node:net';
import { headersFor, readAnswers, type Server, type Target } from '../pages/load.js';

/** One keep-alive connection that asks for one thing after the other. */
export class Connection {
  readonly #socket: Socket;
  readonly #headers: string;
  #settle: { done: () => void; failed: (why: Error) => void; target: Target } | undefined;

  constructor(server: Server) {
    this.#headers = headersFor(server);
    this.#socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
    readAnswers(this.#socket, (status, length) => this.#answered(status, length));
    this.#socket.on('error', (error) => this.#settle?.failed(error));
    this.#socket.on('close', () => this.#settle?.failed(new Error('the server closed a connection')));
  }

  /** Milliseconds from the request to the whole answer. Throws at another answer than the one expected. */
  async time(target: Target): Promise<number> {
    const start = performance.now();
    await new Promise<void>((done, failed) => {
      this.#settle = { done, failed, target };
      this.#socket.write(`GET ${target.path} HTTP/1.1\r\n${this.#headers}`);
    });
    return performance.now() - start;
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #answered(status: number, length: number): void {
    const { done, failed, target } = this.#settle ?? {};
    if (status === 200 && length === target?.length) done?.();
    else failed?.(new Error(`${target?.path} answered ${status} with ${length} bytes`));
  }
}
