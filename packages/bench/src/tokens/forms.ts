import { connect } from 'node:net';
import { readAnswers } from '../pages/load.js';

/** A form to post, and to whom. */
export interface FormTarget {
  port: number;
  path: string;
  authorization: string;
  /** One of them at random each time. */
  bodies: readonly string[];
}

/**
 * Posts forms over keep-alive connections, one request at a time on each, for the given time; answers how many were answered
 * with 200. Any other answer throws.
 */
export async function postForms(
  target: FormTarget,
  connections: number,
  milliseconds: number,
): Promise<number> {
  const until = performance.now() + milliseconds;
  const requests = target.bodies.map((body) => requestOf(target, body));
  const counts = await Promise.all(
    Array.from({ length: connections }, () => post(target.port, requests, until)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function requestOf({ path, authorization }: FormTarget, body: string): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: ${authorization}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

function post(port: number, requests: readonly string[], until: number): Promise<number> {
  return new Promise((done, failed) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let count = 0;
    const next = () => {
      if (performance.now() >= until) {
        socket.destroy();
        done(count);
        return;
      }
      socket.write(requests[Math.floor(Math.random() * requests.length)] ?? '');
    };
    const fail = (why: unknown) => {
      socket.destroy();
      failed(why instanceof Error ? why : new Error(String(why)));
    };
    readAnswers(socket, (status) => {
      if (status !== 200) fail(`a form was answered ${status}`);
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
