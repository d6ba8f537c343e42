import { DomainError } from '@hallpass/domain';
import { HttpException } from '@nestjs/common';
import type { ProblemCode } from './catalogue.js';
import { Problem } from './problem.js';

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'request-invalid',
  401: 'credentials-missing',
  403: 'permission-missing',
  404: 'route-unknown',
  413: 'body-too-large',
  // A part of the path that is longer than any of ours.
  414: 'route-unknown',
  415: 'media-type-unsupported',
  501: 'not-implemented',
};

/** SQLSTATEs that the reading functions raise. */
const CODE_OF_SQLSTATE: Readonly<Record<string, ProblemCode>> = {
  '22021': 'request-invalid',
  HP400: 'cursor-invalid',
  HP410: 'cursor-expired',
  HP411: 'events-expired',
};

const SQLSTATE_DETAILS: Readonly<Record<string, string>> = {
  '22021': 'A text holds a character that no text may have (NUL).',
  HP400: 'The link’s `at` was not given out for this credential. Follow the links of an answer as they are.',
  HP410: 'The pull took longer than pictures are kept. Begin it again from the first page.',
  HP411:
    'Events are kept for 30 days. Pull everything again, and go on with the events that its last pages lead to.',
};

/** The database cannot be reached, is shutting down or starting, or has no connection left. */
const DATABASE_AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|57P0[123]|53300|55000)$/;

/** Whatever was thrown, as a problem. Only what is meant for the public becomes its detail. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof DomainError)
    return new Problem(thrown.code, { detail: thrown.message, faults: thrown.faults, cause: thrown });
  const sqlState = (thrown as { code?: unknown } | null)?.code;
  const databaseCode = typeof sqlState === 'string' ? CODE_OF_SQLSTATE[sqlState] : undefined;
  if (databaseCode && typeof sqlState === 'string')
    return new Problem(databaseCode, { detail: SQLSTATE_DETAILS[sqlState] ?? '', cause: thrown });
  if (typeof sqlState === 'string' && DATABASE_AWAY.test(sqlState))
    return new Problem('storage-unavailable', {
      detail: 'Try again in a few seconds.',
      headers: { 'retry-after': '5' },
      cause: thrown,
    });
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  const code = status === undefined ? undefined : CODE_OF_STATUS[status];
  if (!code) return new Problem('unexpected', { cause: thrown });
  return new Problem(code, { ...detailFor(code, thrown), cause: thrown });
}

/** Fastify's own errors (a body too large, JSON that does not parse) carry the status they mean. */
function statusOf(thrown: unknown): number | undefined {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

function detailFor(code: ProblemCode, thrown: unknown): { detail?: string } {
  if (code === 'route-unknown') return { detail: 'Check the path and the method against the API reference.' };
  if (code !== 'request-invalid' || !(thrown instanceof Error)) return {};
  if ((thrown as { code?: unknown }).code === 'FST_ERR_BAD_URL')
    return { detail: 'The path cannot be decoded: a % stands there that begins no UTF-8.' };
  const isJson = /json/i.test(thrown.message);
  return isJson ? { detail: 'The body is not JSON that can be read.' } : {};
}
