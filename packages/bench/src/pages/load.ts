import { connect, type Socket } from 'node:net';

/** A page to ask for, and how long its body has to be. */
export interface Target {
  path: string;
  length: number;
}

export interface Server {
  port: number;
  authorization: string | undefined;
  /** Those that are used in turn in the place of the one. */
  authorizations?: readonly string[];
}

const CONNECTIONS = 16;
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Asks for random pages over keep-alive connections, one request at a time on each, for the given time; answers how many
 * came. It looks at no more than status and length, since it shares its core with Postgres. Any other answer throws.
 */
export async function load(
  server: Server,
  targets: readonly Target[],
  milliseconds: number,
): Promise<number> {
  const until = performance.now() + milliseconds;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(server, targets, until)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What follows the request line. */
export function headersFor({ authorization }: Server): string {
  return `Host: 127.0.0.1\r\n${authorization ? `Authorization: ${authorization}\r\n` : ''}\r\n`;
}

function ask(server: Server, targets: readonly Target[], until: number): Promise<number> {
  const { port, authorizations = [] } = server;
  const own = headersFor(server);
  const others = authorizations.map((authorization) => headersFor({ port, authorization }));
  return new Promise((done, failed) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let count = 0;
    let target: Target;
    const next = () => {
      if (performance.now() >= until) {
        socket.destroy();
        done(count);
        return;
      }
      target = targets[Math.floor(Math.random() * targets.length)] as Target;
      const headers = others[Math.floor(Math.random() * others.length)] ?? own;
      socket.write(`GET ${target.path} HTTP/1.1\r\n${headers}`);
    };
    const fail = (why: unknown) => {
      socket.destroy();
      failed(why instanceof Error ? why : new Error(String(why)));
    };
    readAnswers(socket, (status, length) => {
      if (status !== 200 || length !== target.length)
        fail(`${target.path} answered ${status} with ${length} bytes`);
      else {
        count += 1;
        next();
      }
    });
    socket.once('error', fail);
    socket.once('close', () => fail('the server closed a connection'));
    socket.once('connect', next);
  });
}

/** Calls for each whole answer with its status and the length of its body. */
export function readAnswers(socket: Socket, onAnswer: (status: number, length: number) => void): void {
  let head: Buffer | undefined;
  let [status, length, missing] = [0, 0, 0];
  socket.on('data', (chunk: Buffer) => {
    if (missing > 0) missing -= chunk.length;
    else {
      head = head ? Buffer.concat([head, chunk]) : chunk;
      const end = head.indexOf(HEAD_END);
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      status = Number(text.slice(9, 12));
      length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? NaN);
      missing = length - (head.length - end - HEAD_END.length);
      head = undefined;
    }
    // A length that is not told ends the answer at once, as one that is not right.
    if (!(missing > 0)) {
      missing = 0;
      onAnswer(status, length);
    }
  });
}
