import type { Fault } from '@hallpass/domain';
import { CATALOGUE, type ProblemCode } from './catalogue.js';

export interface ProblemOptions {
  /** What happened this time and how to mend it. Public: no personal data, no secret. */
  detail?: string;
  faults?: readonly Fault[];
  headers?: Readonly<Record<string, string | string[]>>;
  /** Further members of the body. */
  extensions?: Readonly<Record<string, unknown>>;
  /** For the log alone. */
  cause?: unknown;
}

/** An answer that is an error, by its code in the catalogue. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? CATALOGUE[code].title, { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = CATALOGUE[code].status;
    this.options = options;
  }
}

/** The members of an RFC 9457 body, in the order in which they are read. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
  requestId: string;
  faults?: readonly Fault[];
  [extension: string]: unknown;
}

export function problemBody(problem: Problem, docsUrl: string, requestId: string): ProblemBody {
  const { detail, faults, extensions } = problem.options;
  const { title } = CATALOGUE[problem.code];
  return {
    type: `${docsUrl}/errors#${problem.code}`,
    title,
    status: problem.status,
    detail: detail ?? title,
    code: problem.code,
    requestId,
    ...(faults && faults.length > 0 ? { faults } : {}),
    ...extensions,
  };
}
