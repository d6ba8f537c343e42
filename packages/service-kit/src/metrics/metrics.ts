import { createServer, type Server } from 'node:http';
import { poolOf, type ServiceName, type Sql } from '@hallpass/database';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { DataSource } from 'typeorm';
import { AuthorityWatch } from '../access/authority-watch.js';
import { ClientVerifier } from '../access/client-access.js';
import type { CredentialCache } from '../access/credential-cache.js';
import { CredentialVerifier } from '../access/credential-verifier.js';
import type { CounterStoreStats } from '../limits/counter-store.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import type { ServiceConfig } from '../config/service-config.js';
import type { ProblemCode } from '../problems/catalogue.js';
import { patternOf } from '../route-pattern.js';
import { SERVICE_CONFIG, SERVICE_NAME } from '../tokens.js';
import { UsageCounter } from '../usage/usage-counter.js';
import { Sampled } from './sampled.js';

/** From what a cached record takes to what a long export does. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const STATUS_CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'];

/**
 * What Prometheus is told of a service, on a port of its own and nowhere else. No label names a person, an app, a district or an
 * address: each has few values. Without METRICS_PORT nothing is measured.
 */
@Injectable()
export class Metrics implements OnApplicationBootstrap, OnApplicationShutdown {
  /** For those who have more to tell. */
  readonly registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #problems: Counter<'code'>;
  #server: Server | undefined;

  constructor(
    @Inject(SERVICE_NAME) service: ServiceName,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    private readonly dataSource: DataSource,
    watch: AuthorityWatch,
    credentials: CredentialVerifier,
    clients: ClientVerifier,
    usage: UsageCounter,
    limiter: RateLimiter,
  ) {
    const registers = [this.registry];
    this.registry.setDefaultLabels({ service });
    this.#requests = new Histogram({
      name: 'hallpass_http_request_duration_seconds',
      help: 'Requests that were answered, by route pattern and class of status, and how long they took',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.#problems = new Counter({
      name: 'hallpass_problems_total',
      help: 'Answers that were errors, by problem code: refusals, and faults of the service',
      labelNames: ['code'],
      registers,
    });
    this.gauge(
      'hallpass_authority_current',
      'Whether changes of authority are seen: 0 means that nothing cached is used',
      () => Number(watch.isCurrent),
    );
    this.gauge(
      'hallpass_authority_age_seconds',
      'Since the last look for changes of authority that succeeded',
      () => watch.ageSeconds,
    );
    this.#cache('credentials', credentials.cache);
    this.#cache('clients', clients.cache);
    const pool = () => poolOf(this.dataSource);
    this.gauge(
      'hallpass_database_connections',
      'Connections to Postgres that are open',
      () => pool().totalCount,
    );
    this.gauge('hallpass_database_connections_idle', 'Those of them that do nothing', () => pool().idleCount);
    this.gauge('hallpass_database_connections_max', 'How many there may be', () => pool().options.max);
    this.gauge('hallpass_database_waiting', 'Requests that wait for a connection', () => pool().waitingCount);
    this.gauge(
      'hallpass_usage_rows_waiting',
      'Rows of usage that are not written yet',
      () => usage.state.size,
    );
    this.counter(
      'hallpass_usage_calls_lost_total',
      'Calls that were not counted, because too many rows waited',
      () => usage.state.lost,
    );
    this.#limits(limiter);
  }

  get isOn(): boolean {
    return this.config.METRICS_PORT !== 0;
  }

  /** Times every answer of the service. */
  observe(fastify: FastifyInstance): void {
    const known = new Map<string, Map<string, { observe(seconds: number): void }[]>>();
    fastify.addHook('onResponse', (request, { statusCode, elapsedTime }, done) => {
      const { method } = request;
      const url = patternOf(request) ?? 'unknown';
      // Binding the labels costs more than counting does: once for each combination.
      let ofRoute = known.get(url);
      if (!ofRoute) known.set(url, (ofRoute = new Map()));
      let ofMethod = ofRoute.get(method);
      if (!ofMethod) ofRoute.set(method, (ofMethod = []));
      const status = Math.floor(statusCode / 100);
      (ofMethod[status] ??= this.#requests.labels(method, url, STATUS_CLASSES[status] ?? 'unknown')).observe(
        elapsedTime / 1000,
      );
      done();
    });
  }

  countProblem(code: ProblemCode): void {
    if (this.isOn) this.#problems.inc({ code });
  }

  /** Something that is at hand when it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(read()) });
    this.registry.registerMetric(gauge);
  }

  /** The same of what only grows. */
  counter(name: string, help: string, read: () => number): void {
    const collect = () => {
      counter.reset();
      counter.inc(read());
    };
    const counter: Counter = new Counter({ name, help, registers: [], collect });
    this.registry.registerMetric(counter);
  }

  /**
   * What the database has to be asked for: by name what each is, and how all of them are read. They are asked for only when they are
   * scraped, seldom, and with little patience; what could not be read, or is null, is not told.
   */
  sampled<Name extends string>(
    helps: Readonly<Record<Name, string>>,
    read: (sql: Sql) => Promise<Readonly<Record<Name, number | null>> | undefined>,
  ): void {
    const sampled = new Sampled(this.dataSource, read);
    for (const [name, help] of Object.entries<string>(helps)) {
      const collect = async () => {
        const value = (await sampled.get())?.[name as Name] ?? null;
        if (value === null) gauge.remove();
        else gauge.set(value);
      };
      const gauge: Gauge = new Gauge({ name, help, registers: [], collect });
      this.registry.registerMetric(gauge);
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.isOn) return;
    collectDefaultMetrics({ register: this.registry });
    const server = createServer((request, response) => {
      const isAsked = request.url === '/metrics' && (request.method === 'GET' || request.method === 'HEAD');
      if (!isAsked) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end();
        return;
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    this.#server = server;
    await new Promise<void>((done, failed) => {
      server.once('error', failed);
      server.listen(this.config.METRICS_PORT, this.config.METRICS_HOST, done);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }

  #limits(limiter: RateLimiter): void {
    const decisions: Counter<'policy' | 'outcome'> = new Counter({
      name: 'hallpass_limit_decisions_total',
      help: 'Requests that met a limit, by policy: allowed, refused, and what a policy in shadow would have refused',
      labelNames: ['policy', 'outcome'],
      registers: [],
      collect: () => {
        decisions.reset();
        for (const [policy, { allowed, refused, shadowRefused }] of Object.entries(limiter.stats().policies))
          for (const [outcome, count] of Object.entries({
            allowed,
            refused,
            'shadow-refused': shadowRefused,
          }))
            decisions.inc({ policy, outcome }, count);
      },
    });
    this.registry.registerMetric(decisions);
    this.gauge('hallpass_limit_counters', 'Counters of limits that this process holds', () =>
      Object.values(limiter.stats().policies).reduce((sum, { counters }) => sum + counters, 0),
    );
    if (!limiter.stats().store) return;
    const store = () => limiter.stats().store as CounterStoreStats;
    this.gauge(
      'hallpass_limit_store_shared',
      'Whether limits are shared: 0 means that their store is away',
      () => Number(store().mode === 'shared'),
    );
    this.gauge('hallpass_limit_nodes', 'Processes that share limits, as last seen', () => store().nodes);
    this.counter('hallpass_limit_store_calls_total', 'Calls to the store of limits', () => store().calls);
    this.counter('hallpass_limit_store_errors_total', 'Those that failed', () => store().errors);
    this.counter('hallpass_limit_store_timeouts_total', 'Those that were given up', () => store().timeouts);
    this.counter(
      'hallpass_limit_store_opened_total',
      'How often the store was left alone',
      () => store().opened,
    );
  }

  #cache(name: string, { state }: { state: () => ReturnType<CredentialCache<object>['state']> }): void {
    this.gauge(`hallpass_${name}_cached`, `Records of ${name} in the cache`, () => state().size);
    this.counter(
      `hallpass_${name}_cache_hits_total`,
      `Records of ${name} that were in the cache`,
      () => state().hits,
    );
    this.counter(
      `hallpass_${name}_cache_misses_total`,
      `Records of ${name} that the database was asked for`,
      () => state().misses,
    );
  }
}
