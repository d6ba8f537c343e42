import { recordUsage, type UsageCalls, type UsageCredentialType } from '@hallpass/database';
import type { AppId, DistrictId, RecordKind } from '@hallpass/domain';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import type { JudgedAccess } from '../access/credential-verifier.js';
import type { RosterRequest } from '../access/roster-access.guard.js';
import { Clock } from '../clock.js';
import { patternOf } from '../route-pattern.js';
import { UsageBuffer } from './usage-buffer.js';

const FLUSH_MS = 20_000;
const MINUTE_MS = 60_000;

/** Records of one kind and district in an answer. */
export interface Served {
  district: DistrictId;
  kind: RecordKind;
  records: number;
}

/** Who is counted: an app by one of its credentials. */
interface Subject {
  app: AppId;
  district: DistrictId | '';
  type: UsageCredentialType;
  id: UsageCalls['id'];
}

/**
 * Counts calls of known credentials and the records that they were answered with, in memory, and writes them three times a minute
 * in one statement: no request waits for it. What the database does not take is kept for the next time. What a process that is
 * killed had not yet written is lost, which is the price.
 */
@Injectable()
export class UsageCounter implements OnApplicationShutdown {
  readonly #logger = new Logger('usage');
  readonly #buffer = new UsageBuffer();
  /** By pattern: there are as many as there are routes. */
  readonly #gets = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #minute = { at: new Date(0), day: '' };

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Rows that wait, and calls that were not kept because too many did. */
  get state(): { size: number; lost: number } {
    const { size, lost } = this.#buffer;
    return { size, lost };
  }

  /** Counts an answer as it is sent, when its status is known: one that its caller does not wait for was served all the same. */
  count(
    request: RosterRequest,
    { statusCode }: Pick<FastifyReply, 'statusCode'>,
    served?: readonly Served[],
  ): void {
    if (!request.judged) return;
    const isServed = statusCode === 200 && request.method !== 'HEAD';
    this.#add(request, request.judged, statusCode, 1, isServed ? served : undefined, 1);
  }

  /** Counts a piece of an answer that is sent bit by bit; `calls` is 1 for the first piece of its kind and district. */
  countPiece(request: RosterRequest, served: Served, calls: 0 | 1): void {
    if (request.judged && request.method !== 'HEAD')
      this.#add(request, request.judged, 200, 0, [served], calls);
  }

  /** Writes what was counted. When the database does not take it, it is kept for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#flushing = this.#flushing.then(() => this.#flush()));
  }

  /** After the last answer, and before the database is let go. */
  async onApplicationShutdown(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  async #flush(): Promise<void> {
    if (this.#buffer.size === 0) return;
    const usage = this.#buffer.drain();
    try {
      await recordUsage(this.dataSource, usage);
    } catch (error) {
      this.#logger.warn(`usage was not written: ${error instanceof Error ? error.message : ''}`);
      this.#buffer.restore(usage);
      this.#plan();
    }
  }

  #add(
    request: RosterRequest,
    judged: JudgedAccess,
    status: number,
    calls: number,
    served: readonly Served[] | undefined,
    servedCalls: number,
  ): void {
    const { at: minute, day } = this.#now();
    const { app, district, type, id } = subjectOf(judged);
    let records = 0;
    for (const { district: of, kind, records: some } of served ?? []) {
      records += some;
      this.#buffer.addServed({ day, app, district: of, type, kind, calls: servedCalls, records: some });
    }
    this.#buffer.addCalls({
      minute,
      app,
      district,
      type,
      id,
      route: this.#routeOf(request),
      status,
      calls,
      records,
    });
    this.#plan();
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  #routeOf(request: RosterRequest): string {
    const { method } = request;
    const url = patternOf(request) ?? '';
    if (method !== 'GET') return `${method} ${url}`;
    let route = this.#gets.get(url);
    if (route === undefined) this.#gets.set(url, (route = `GET ${url}`));
    return route;
  }

  #now() {
    const now = this.clock.now().getTime();
    const begun = now - (now % MINUTE_MS);
    if (this.#minute.at.getTime() !== begun) {
      const at = new Date(begun);
      this.#minute = { at, day: at.toISOString().slice(0, 10) };
    }
    return this.#minute;
  }
}

/** Access tokens are many and soon gone: they count under the id of their grant. */
function subjectOf({ credential, app, districtId }: JudgedAccess): Subject {
  const id = credential.type === 'access-token' ? credential.grantId : credential.id;
  const type = credential.type === 'api-key' ? 'api-key' : 'token';
  return { app: app.id, district: districtId, type, id };
}

/** Counts every call of a service by its credential, but no records: for services that serve none, as their `configure`. */
export function countUsage(app: NestFastifyApplication): void {
  const usage = app.get(UsageCounter);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onResponse', (request, reply, done) => {
    usage.count(request, reply);
    done();
  });
}
