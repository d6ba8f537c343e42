import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemBody, type Problem, type ProblemBody } from './problem.js';
import { toProblem } from './to-problem.js';

export interface WireBody {
  contentType: string;
  body: unknown;
}

/** How an error is written: RFC 9457, or what a wire contract fixes in its place. */
export type WriteError = (body: ProblemBody, problem: Problem, request: FastifyRequest) => WireBody;

export const writeProblem: WriteError = (body) => ({
  contentType: 'application/problem+json; charset=utf-8',
  body,
});

/** The only writer of error bodies. Public text goes to the caller, the cause to the log, both under the request's id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('problem');
  readonly #docsUrl: string;
  readonly #write: WriteError;

  constructor(
    docsUrl: string,
    write: WriteError = writeProblem,
    private readonly onProblem: (problem: Problem) => void = () => undefined,
  ) {
    this.#docsUrl = docsUrl;
    this.#write = write;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** The same for what was thrown where Nest does not see it: by the router, at an address that cannot be read. */
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(thrown);
    this.onProblem(problem);
    if (problem.status >= 500) this.#log(problem, request);
    for (const [name, value] of Object.entries(problem.options.headers ?? {})) reply.header(name, value);
    const { contentType, body } = this.#write(
      problemBody(problem, this.#docsUrl, request.id),
      problem,
      request,
    );
    void reply.status(problem.status).header('content-type', contentType).send(body);
  }

  #log(problem: Problem, request: FastifyRequest): void {
    const { cause } = problem;
    const stack = cause instanceof Error ? cause.stack : undefined;
    this.#logger.error({ code: problem.code, requestId: request.id, stack });
  }
}
