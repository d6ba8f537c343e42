import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@hallpass/domain';
import { ForbiddenException, NotFoundException } from '@nestjs/common';
import { CATALOGUE, Problem, problemBody, toProblem } from '../src/index.js';

const DOCS = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

describe('the catalogue', () => {
  it('has a heading in docs/errors.md for each code, and the page has no other', () => {
    const headings = [...DOCS.matchAll(/^## ([a-z-]+)$/gm)].map(([, heading]) => heading ?? '');
    expect(headings.toSorted()).toEqual(Object.keys(CATALOGUE).toSorted());
  });
});

describe('toProblem', () => {
  it.each<[string, unknown, string, number]>([
    ['a problem', new Problem('grant-paused'), 'grant-paused', 401],
    ['a refused command', new DomainError('name-taken', 'taken'), 'name-taken', 409],
    ['Nest’s 404', new NotFoundException(), 'route-unknown', 404],
    ['Nest’s 403', new ForbiddenException(), 'permission-missing', 403],
    ['a body too large', { statusCode: 413 }, 'body-too-large', 413],
    ['a body that is not JSON', { statusCode: 400 }, 'request-invalid', 400],
    ['a part of the path too long', { statusCode: 414 }, 'route-unknown', 404],
    ['a body of another type', { statusCode: 415 }, 'media-type-unsupported', 415],
    ['a pin of the future', { code: 'HP400' }, 'cursor-invalid', 400],
    ['a pruned picture', { code: 'HP410' }, 'cursor-expired', 410],
    ['a database that is shutting down', { code: '57P01' }, 'storage-unavailable', 503],
    ['a database that is not there', { code: 'ECONNREFUSED' }, 'storage-unavailable', 503],
    ['an unknown SQL error', { code: '22P02' }, 'unexpected', 500],
    ['a bug', new TypeError('x of undefined'), 'unexpected', 500],
    ['nothing', undefined, 'unexpected', 500],
    ['null', null, 'unexpected', 500],
    ['a string', 'thrown', 'unexpected', 500],
  ])('takes %s for what it is', (_name, thrown, code, status) => {
    const problem = toProblem(thrown);
    expect([problem.code, problem.status]).toEqual([code, status]);
  });

  it.each([
    ['Unexpected token in JSON', undefined, 'The body is not JSON that can be read.'],
    ['Request body size did not match Content-Length', undefined, undefined],
    [
      `'/%zz.json?q=hush' is no url`,
      'FST_ERR_BAD_URL',
      expect.stringContaining('The path cannot be decoded'),
    ],
  ])('says of the error 400 "%s" no more than is public', (message, code, detail) => {
    const problem = toProblem(Object.assign(new Error(message), { statusCode: 400, code }));
    expect(problem.code).toBe('request-invalid');
    expect(problem.options.detail).toEqual(detail);
  });

  it('keeps what was thrown for the log, and out of the body', () => {
    const problem = toProblem(new Error('select secret from somewhere'));
    const body = problemBody(problem, 'https://docs.example', 'req_1');
    expect(JSON.stringify(body)).not.toMatch(/secret|somewhere|at /);
    expect(body).toMatchObject({
      type: 'https://docs.example/errors#unexpected',
      status: 500,
      requestId: 'req_1',
    });
    expect((problem.cause as Error).message).toContain('secret');
  });
});
