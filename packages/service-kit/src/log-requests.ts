import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { patternOf } from './route-pattern.js';

/**
 * One JSON line a request: which route, how it ended, how long it took. The route's pattern stands for the address, so that
 * no id, cursor or filter is written down; nothing of headers or bodies ever is.
 */
export function logRequests(fastify: FastifyInstance, write: (line: string) => void): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    write(requestLine(request, reply));
    done();
  });
}

export function requestLine(request: FastifyRequest, reply: FastifyReply): string {
  const route = quoted(patternOf(request) ?? 'unknown');
  const ms = Math.round(reply.elapsedTime * 10) / 10;
  return `{"level":"info","time":${Date.now()},"requestId":"${request.id}","method":"${request.method}","route":${route},"status":${reply.statusCode},"ms":${ms}}\n`;
}

/** Patterns of routes as JSON: there are as many as there are routes. */
const patterns = new Map<string, string>();

function quoted(pattern: string): string {
  let text = patterns.get(pattern);
  if (text === undefined) patterns.set(pattern, (text = JSON.stringify(pattern)));
  return text;
}

/** Collects lines and writes them a few times a second: a write for each would cost more than many an answer. */
export function lineBuffer(stream: NodeJS.WritableStream): (line: string) => void {
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    const text = lines;
    lines = '';
    stream.write(text);
  };
  process.once('exit', () => {
    if (lines !== '') stream.write(lines);
  });
  return (line) => {
    lines += line;
    timer ??= setTimeout(flush, 200).unref();
  };
}
