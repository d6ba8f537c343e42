import { ensureServiceLogins, migrate } from '@hallpass/database';
import {
  type EmbeddedPostgres,
  LockHeldError,
  type ProcessLock,
  holdLock,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from '@hallpass/database/embedded';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { banner } from './banner.js';
import { type Config, type Service, SERVICES, urlOf } from './config.js';
import { create, drop, exists } from './database.js';
import { DemoState } from './demo-state.js';
import { type InstallationKeys, openKeys, servicePasswords } from './installation-keys.js';
import { LaunchError } from './launch-error.js';
import { openOperatorToken } from './operator-token.js';
import { requireFreePorts } from './ports.js';
import { writePrivate } from './private-file.js';
import { type ServiceProcess, startService } from './service-process.js';

const LOCK = 'launcher.lock';
const LOCK_WITHIN_MS = 3000;
const DATABASE = 'hallpass';
/** The token that the documentation shows. */
const SANDBOX_TOKEN = 'sandbox-token';

/** The whole of Hallpass on this machine: a database, three services, and a demo, from start to stop. */
export class Hallpass {
  #lock: ProcessLock | undefined;
  #postgres: EmbeddedPostgres | undefined;
  readonly #services: ServiceProcess[] = [];
  readonly #stopRequest = new AbortController();

  constructor(private readonly say: (line: string) => void) {}

  /**
   * Starts everything, says so, and runs until a stop is asked for. Throws when it cannot start, or when a part ends
   * unasked. Either way nothing is left running.
   */
  async run(config: Config): Promise<void> {
    try {
      await this.#start(config);
      await this.#unlessEnded(new Promise<never>(() => undefined));
    } catch (error) {
      if (!this.#stopRequest.signal.aborted) throw error;
    } finally {
      await this.#stopAll();
    }
  }

  /** Asks for an orderly end, which run() reaches. */
  stop(): void {
    this.#stopRequest.abort(new LaunchError('Stopped.'));
  }

  /** Ends at once; the database recovers at the next start. */
  kill(): never {
    for (const service of this.#services) service.kill();
    // The database's own exit hook tells it to go.
    process.exit(1);
  }

  async #start(config: Config): Promise<void> {
    const began = Date.now();
    const { signal } = this.#stopRequest;
    await this.#claim(config);
    const keys = await openKeys(config.folder);
    const demo = new DemoState(config.folder);
    const database = await this.#openDatabase(config, demo);
    signal.throwIfAborted();
    const migrations = await migrate(database.url);
    // A database of one's own is somebody's to watch over; the embedded one is made and kept without a word.
    if (migrations > 0 && !config.isDemo) this.say(`Migrated the database: ${migrations} steps.`);
    const logins = await ensureServiceLogins(database.url, servicePasswords(keys));
    signal.throwIfAborted();
    await this.#startServices(config, keys, logins);
    const operatorToken = await openOperatorToken(config.folder, database.url, keys, database.isNew);
    if (database.isNew && config.isDemo) await this.#unlessEnded(this.#seed(config, demo, operatorToken));
    signal.throwIfAborted();
    this.say(banner(config, config.isDemo ? await demo.read() : undefined, Date.now() - began));
  }

  async #claim(config: Config): Promise<void> {
    await mkdir(config.folder, { recursive: true });
    this.#lock = await takeLock(join(config.folder, LOCK));
    await requireFreePorts(config);
    if (config.isFresh) await this.#deleteAll(config);
    await requireBuilt(config);
  }

  async #deleteAll({ folder }: Config): Promise<void> {
    await removeEmbeddedPostgres(folder);
    for (const name of await readdir(folder)) {
      if (name !== LOCK) await rm(join(folder, name), { recursive: true, force: true });
    }
    this.say('Deleted the data of earlier starts.');
  }

  /** The owner's address of the database. One that holds half a demo holds nothing else, and is made again. */
  async #openDatabase(config: Config, demo: DemoState): Promise<{ url: string; isNew: boolean }> {
    if (config.databaseUrl !== undefined) return { url: config.databaseUrl, isNew: false };
    this.#postgres = await startEmbeddedPostgres({ folder: config.folder });
    const server = this.#postgres.superuserUrl();
    const url = this.#postgres.superuserUrl(DATABASE);
    if (await demo.isHalfDone()) await drop(server, DATABASE);
    await demo.clear();
    if (await exists(server, DATABASE)) return { url, isNew: false };
    if (config.isDemo) await demo.begin();
    await create(server, DATABASE);
    return { url, isNew: true };
  }

  async #seed(config: Config, demo: DemoState, operatorToken: string): Promise<void> {
    this.say('Making three demo districts (once)…');
    const addresses = {
      tokenService: urlOf(config, 'token-service'),
      dataApi: urlOf(config, 'data-api'),
      admin: urlOf(config, 'admin'),
    };
    // Loaded here, because all later starts do without it.
    const { seedDemo } = await import('@hallpass/demo/seed');
    await demo.finish(await seedDemo({ ...addresses, operatorToken, now: new Date() }));
    const { sandbox } = (await demo.read()) ?? {};
    if (sandbox) await writePrivate(join(config.folder, SANDBOX_TOKEN), sandbox.token);
  }

  async #startServices(
    config: Config,
    keys: InstallationKeys,
    logins: Record<Service, string>,
  ): Promise<void> {
    for (const name of SERVICES) {
      const options = { name, main: mainOf(config, name), folder: config.folder, url: urlOf(config, name) };
      const env = environmentOf(config, name, keys, logins[name]);
      this.#services.push(await startService({ ...options, env }));
    }
    await this.#unlessEnded(Promise.all(this.#services.map((service) => service.ready())));
  }

  /** What the work gives; throws when a stop is asked for, or a service or the database ends, before it does. */
  async #unlessEnded<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#stopRequest;
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    signal.throwIfAborted();
    return Promise.race([work, stopped, this.#firstEnd()]);
  }

  /** Throws once a service or the database has ended. */
  async #firstEnd(): Promise<never> {
    const ends = this.#services.map(async (service) => {
      await service.exited;
      return () => service.obituary();
    });
    if (this.#postgres) {
      const { exited } = this.#postgres;
      ends.push(exited.then(() => () => Promise.resolve('Postgres ended unexpectedly: see postgres.log.')));
    }
    const reason = await Promise.race(ends);
    throw new LaunchError(await reason());
  }

  async #stopAll(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.#postgres?.stop();
    this.#lock?.release();
  }
}

/** Waits a little for a launcher that is on its way out, as when npm was killed and started again at once. */
async function takeLock(file: string): Promise<ProcessLock> {
  for (const deadline = Date.now() + LOCK_WITHIN_MS; ; await pause(100)) {
    try {
      return await holdLock(file);
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      if (Date.now() < deadline) continue;
      throw new LaunchError(
        `Hallpass is already running here, as process ${error.pid}. Stop that one first.`,
        { cause: error },
      );
    }
  }
}

function mainOf({ root }: Config, service: Service): string {
  return join(root, 'apps', service, 'dist', 'main.js');
}

async function requireBuilt(config: Config): Promise<void> {
  for (const service of SERVICES) {
    await access(mainOf(config, service)).catch(() => {
      throw new LaunchError(`${mainOf(config, service)} is missing: run npm start, which builds it.`);
    });
  }
}

function environmentOf(
  config: Config,
  service: Service,
  keys: InstallationKeys,
  databaseUrl: string,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    HOST: config.host,
    PORT: String(config.ports[service]),
    METRICS_PORT: String(config.metricsPorts[service]),
    METRICS_HOST: '127.0.0.1',
    HALLPASS_TOKEN_PEPPER: keys.pepper,
    // The data API opens no seal: it is not given the key.
    ...(service === 'data-api' ? {} : { HALLPASS_MASTER_KEY: keys.masterKey }),
    HALLPASS_DATA_DIR: join(config.folder, 'uploads'),
    // Behind a proxy others reach the services at other addresses than these.
    TOKEN_SERVICE_URL: process.env['TOKEN_SERVICE_URL'] ?? urlOf(config, 'token-service'),
    PORTAL_URL: process.env['PORTAL_URL'] ?? urlOf(config, 'token-service'),
    DATA_API_URL: process.env['DATA_API_URL'] ?? urlOf(config, 'data-api'),
    ADMIN_URL: process.env['ADMIN_URL'] ?? urlOf(config, 'admin'),
    // With a demo, which is on loopback alone, webhooks are tried on this very machine.
    WEBHOOKS_ALLOW_PRIVATE: process.env['WEBHOOKS_ALLOW_PRIVATE'] ?? String(config.isDemo),
    MOVABLE_CLOCK: String(config.isDemo),
    DOCS_URL: process.env['DOCS_URL'] ?? `${urlOf(config, 'data-api')}/docs`,
    DOCS_TRY_TOKEN_SERVICE: process.env['DOCS_TRY_TOKEN_SERVICE'] ?? String(config.isDemo),
    ...(config.isDemo ? { DOCS_SANDBOX_TOKEN_FILE: join(config.folder, SANDBOX_TOKEN) } : {}),
  };
}
