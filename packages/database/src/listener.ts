import pg from 'pg';
import { roleOf, type ServiceName } from './service-roles.js';

const RETRY_MS = 1000;

/**
 * Hears a NOTIFY channel on a connection of its own beside the pool, which it opens again when it is lost. What was said
 * meanwhile is lost too: whoever must miss nothing polls as well, and is told to look once the connection stands again.
 */
export class ChannelListener {
  readonly #options: pg.ClientConfig;
  readonly #hear: () => void;
  readonly #channel: string;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(place: { url: string; service: ServiceName; channel: string }, hear: () => void) {
    this.#options = {
      connectionString: place.url,
      options: `-c role=${roleOf(place.service)}`,
      application_name: `hallpass ${place.service} listening`,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
    };
    this.#channel = place.channel;
    this.#hear = hear;
  }

  /** Resolves once it hears, or has failed to and will try again. */
  async open(): Promise<void> {
    const client = new pg.Client(this.#options);
    this.#client = client;
    client.on('notification', this.#hear);
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(this.#channel)}`);
      this.#hear();
    } catch {
      this.#lose(client);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.open(), RETRY_MS).unref();
  }
}
