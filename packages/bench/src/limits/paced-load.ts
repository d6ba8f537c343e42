import { connect, type Socket } from 'node:net';
import { headersFor, readAnswers, type Target } from '../pages/load.js';

export interface PacedLoad {
  port: number;
  authorizations: readonly string[];
  targets: readonly Target[];
  connections: number;
  /** After each answer a connection waits for so long. */
  pauseMs: number;
  /** Whether refusals for asking too often are counted, and not taken for a failure. */
  mayBeRefused?: boolean;
}

export interface PacedResult {
  /** How long each answer took, in milliseconds. */
  times: number[];
  refused: number;
}

/** Asks over keep-alive connections with pauses between, each request with the next of the tokens, until it is told to stop. */
export async function pacedLoad(load: PacedLoad, signal: AbortSignal): Promise<PacedResult> {
  const result: PacedResult = { times: [], refused: 0 };
  let turn = 0;
  const next = () => load.authorizations[(turn += 1) % load.authorizations.length] ?? '';
  await Promise.all(Array.from({ length: load.connections }, () => converse(load, next, signal, result)));
  return result;
}

function converse(
  { port, targets, pauseMs, mayBeRefused }: PacedLoad,
  nextAuthorization: () => string,
  signal: AbortSignal,
  result: PacedResult,
): Promise<void> {
  return new Promise((done, failed) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let [target, sentAt] = [targets[0] as Target, 0];
    const next = () => {
      if (signal.aborted) {
        socket.destroy();
        done();
        return;
      }
      target = targets[Math.floor(Math.random() * targets.length)] as Target;
      sentAt = performance.now();
      const authorization = nextAuthorization();
      socket.write(`GET ${target.path} HTTP/1.1\r\n${headersFor({ port, authorization })}`);
    };
    readAnswers(socket, (status, length) => {
      const isRefused = mayBeRefused && status === 429;
      if (!isRefused && (status !== 200 || length !== target.length)) {
        socket.destroy();
        failed(new Error(`${target.path} answered ${status} with ${length} bytes`));
        return;
      }
      if (isRefused) result.refused += 1;
      else result.times.push(performance.now() - sentAt);
      if (pauseMs === 0) next();
      else setTimeout(next, pauseMs);
    });
    socket.once('error', failed);
    socket.once('connect', next);
  });
}
