import { randomBytes } from 'node:crypto';
import { ConsoleLogger, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConfigError } from './config/read-config.js';
import type { ServiceConfig } from './config/service-config.js';
import { Metrics } from './metrics/metrics.js';
import { lineBuffer, logRequests, requestLine } from './log-requests.js';
import { notePatterns } from './route-pattern.js';
import { ProblemFilter, type WriteError } from './problems/problem.filter.js';
import { bodyValidation } from './validation.js';

export interface ServiceOptions {
  module: Type | DynamicModule;
  config: ServiceConfig;
  /** Errors in another body than RFC 9457, where a wire contract says so. */
  writeError?: WriteError;
  /** Further set-up, before the service listens. */
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Whether Nest writes to the console; tests do without. */
  isQuiet?: boolean;
}

/** A service with everything that all of them share, not yet listening. */
export async function createService(options: ServiceOptions): Promise<NestFastifyApplication> {
  const { module, config, isQuiet = false } = options;
  const filter = new ProblemFilter(config.DOCS_URL, options.writeError, ({ code }) =>
    metrics.countProblem(code),
  );
  const log = config.LOG_REQUESTS && !isQuiet ? lineBuffer(process.stdout) : undefined;
  const adapter = new FastifyAdapter({
    // No service has middleware in the manner of Express, and none pays for it.
    skipMiddie: true,
    // Old clients join a base that ends in a slash to links that begin with one.
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: 200 },
    trustProxy:
      config.TRUSTED_PROXIES === '' ? false : config.TRUSTED_PROXIES.split(',').map((each) => each.trim()),
    genReqId: requestIds(),
    forceCloseConnections: true,
    // The router refuses such an address before any hook; its own answer would repeat the address, query and all.
    frameworkErrors(error: Error, request: FastifyRequest, reply: FastifyReply) {
      reply.header('x-request-id', request.id);
      if (log) reply.raw.once('finish', () => log(requestLine(request, reply)));
      filter.answer(error, request, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: isQuiet ? false : new ConsoleLogger({ json: true, logLevels: ['fatal', 'error', 'warn', 'log'] }),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  notePatterns(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  const metrics = app.get(Metrics);
  if (metrics.isOn) metrics.observe(fastify);
  if (log) logRequests(fastify, log);
  app.useGlobalPipes(bodyValidation());
  app.useGlobalFilters(filter);
  await options.configure?.(app);
  return app;
}

/** Ids that no two processes share and that cost nothing to make: the process's own mark, and a count. */
function requestIds(): () => string {
  const mark = randomBytes(6).toString('hex');
  let count = 0;
  return () => `req_${mark}${(count += 1).toString(36)}`;
}

/** Runs a service until it is told to stop, or until the process that started it is gone. */
export async function runService(makeOptions: () => ServiceOptions): Promise<void> {
  try {
    const options = makeOptions();
    const app = await createService(options);
    app.enableShutdownHooks();
    process.once('disconnect', () => void app.close().then(() => process.exit(0)));
    await app.listen(options.config.PORT, options.config.HOST);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
    process.disconnect?.();
    setTimeout(() => process.exit(1), 100).unref();
  }
}
