import { Module, type LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TestDirectory, type TestApp } from '@hallpass/database/testing';
import { setTimeout as wait } from 'node:timers/promises';
import {
  ErrandDesk,
  Grants,
  PreviewDesk,
  approveGrant,
  beginImport,
  confirmImport,
  createDataSource,
  discardImport,
  errandFile,
  failImport,
  finishAwaiting,
  takeSandbox,
  type TakenErrand,
} from '@hallpass/database';
import { createService, readConfig } from '@hallpass/service-kit';
import type { DataSource } from 'typeorm';
import { AppModule } from '../src/app.module.js';
import { TokenServiceConfig } from '../src/config.js';
import { ERRAND_PATIENCE, type ErrandPatience } from '../src/errands/errands.service.js';
import { RESOLVE_HOST, SafeFetch, type ResolveHost } from '../src/outbound/safe-fetch.js';
import { PlatformEventSignal } from '../src/platform-events/platform-event-signal.js';
import { tokenService } from '../src/token-service.js';
import { DeliveriesRepository } from '../src/webhooks/deliveries.repository.js';
import { Deliverer } from '../src/webhooks/deliverer.service.js';
import { WebhookSecrets } from '../src/webhooks/webhook-secrets.js';
import { WebhooksRepository } from '../src/webhooks/webhooks.repository.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: any; // oxlint-disable-line typescript/no-explicit-any -- a test reads bodies of every shape
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function isJson(headers: Record<string, unknown>): boolean {
  return /json/.test(String(headers['content-type']));
}

/** What a test puts in the place of the service's own: what host names mean, and how long errands are waited for. */
@Module({})
class Given {}

/** The token service as it runs, on a test's directory, with the means to speak to it as an app. */
export class TestTokenService {
  /** All that it has logged. */
  readonly log: string[] = [];

  private constructor(
    readonly directory: TestDirectory,
    readonly nest: NestFastifyApplication,
  ) {}

  static async start(
    directory: TestDirectory,
    options: { env?: Record<string, string>; resolve?: ResolveHost; patience?: ErrandPatience } = {},
  ): Promise<TestTokenService> {
    const env = { ...directory.environment, WEBHOOKS_ALLOW_PRIVATE: 'true', ...options.env };
    const config = readConfig(TokenServiceConfig, env);
    const providers = [
      { provide: RESOLVE_HOST, useValue: options.resolve },
      { provide: ERRAND_PATIENCE, useValue: options.patience },
    ];
    const given = {
      module: Given,
      global: true,
      providers,
      exports: providers.map(({ provide }) => provide),
    };
    const service = AppModule.for(config);
    const imports = [...(service.imports ?? []), given];
    const nest = await createService({ ...tokenService(config, true), module: { ...service, imports } });
    const started = new TestTokenService(directory, nest);
    nest.useLogger(started.#logger());
    await nest.init();
    await nest.getHttpAdapter().getInstance().ready();
    return started;
  }

  /** Calls as an app, or with an Authorization header as it is; search parameters as a body are sent as a form. */
  async call(
    method: Method,
    url: string,
    app?: TestApp | string,
    body?: object,
    more: { headers?: Record<string, string>; from?: string } = {},
  ): Promise<Answer> {
    const authorization = typeof app === 'string' ? app : app && basic(app.clientId, app.clientSecret);
    const isForm = body instanceof URLSearchParams;
    const answer = await this.nest.inject({
      method,
      url,
      remoteAddress: more.from ?? '127.0.0.1',
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...more.headers,
      },
      ...(body === undefined ? {} : { payload: isForm ? body.toString() : body }),
    });
    const text = answer.body;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      body: text === '' || !isJson(answer.headers) ? undefined : JSON.parse(text),
    };
  }

  #logger(): LoggerService {
    const write = (...parts: unknown[]) => void this.log.push(JSON.stringify(parts));
    return { log: write, error: write, warn: write, fatal: write };
  }

  close(): Promise<void> {
    return this.nest.close();
  }
}

/** The admin service's part in what is asked here, by itself: it makes grants stand, answers previews and runs errands, on no roster. */
export class Publishing {
  #isStopped = false;
  readonly #running: Promise<void>;

  /** `beforeErrand` is waited for before an errand is run. */
  constructor(
    private readonly directory: TestDirectory,
    private readonly beforeErrand: () => Promise<unknown> = () => Promise.resolve(),
  ) {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { dataSource, keys } = this.directory;
    const desk = new PreviewDesk(dataSource, (error) => {
      throw error;
    });
    const errands = new ErrandDesk(
      dataSource,
      (taken) => this.#runErrand(taken),
      (error) => {
        throw error;
      },
    );
    while (!this.#isStopped) {
      await finishAwaiting(dataSource, keys);
      await desk.answerAll();
      await errands.runAll();
      await wait(20);
    }
  }

  /** What archives came, by import. */
  readonly archives = new Map<string, Buffer>();

  async #runErrand({ id, errand, actor }: TakenErrand): Promise<void> {
    const { dataSource, keys } = this.directory;
    await this.beforeErrand();
    switch (errand.kind) {
      case 'start-import': {
        const { districtId, importId } = errand;
        await beginImport(dataSource, districtId, importId, actor);
        const pieces: Buffer[] = [];
        for await (const piece of errandFile(dataSource, id)) pieces.push(piece);
        this.archives.set(importId, Buffer.concat(pieces));
        await failImport(dataSource, districtId, importId);
        return;
      }
      case 'confirm-import': {
        await confirmImport(dataSource, errand.districtId, errand.importId, actor);
        await failImport(dataSource, errand.districtId, errand.importId);
        return;
      }
      case 'discard-import':
        await discardImport(dataSource, errand.districtId, errand.importId, actor);
        return;
      case 'create-sandbox': {
        const { id: districtId } = await takeSandbox(dataSource, errand.appId, actor);
        const choice = { selection: { type: 'everything' as const }, hiddenFields: [] };
        if (!(await dataSource.manager.existsBy(Grants, { districtId, appId: errand.appId })))
          await approveGrant(dataSource, keys, { appId: errand.appId, districtId, ...choice }, actor);
      }
    }
  }
}

/**
 * Waits until all that has been written can be listed: transactions of other suites on the same server hold the list back, as
 * any open one does.
 */
export async function untilListed({ dataSource }: TestDirectory): Promise<void> {
  const isListed = async () => {
    const [row] = await dataSource.query<{ is: boolean }[]>(
      'select coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true) "is" from platform_events',
    );
    return row?.is;
  };
  while (!(await isListed()));
}

/** The part of another process that sends webhooks, by itself: passport knows one service in a process. */
export class AnotherDeliverer {
  private constructor(
    readonly deliverer: Deliverer,
    private readonly dataSource: DataSource,
    private readonly outbound: SafeFetch,
  ) {}

  static async start({ url, environment, keys }: TestDirectory): Promise<AnotherDeliverer> {
    const config = readConfig(TokenServiceConfig, { ...environment, WEBHOOKS_ALLOW_PRIVATE: 'true' });
    const dataSource = await createDataSource({ url, service: 'token-service' }).initialize();
    const webhooks = new WebhooksRepository();
    const outbound = new SafeFetch(config);
    const deliverer = new Deliverer(
      dataSource,
      webhooks,
      new DeliveriesRepository(),
      new WebhookSecrets(webhooks, keys),
      outbound,
      new PlatformEventSignal(config),
    );
    return new AnotherDeliverer(deliverer, dataSource, outbound);
  }

  async close(): Promise<void> {
    await this.deliverer.onModuleDestroy();
    await this.outbound.onApplicationShutdown();
    await this.dataSource.destroy();
  }
}
