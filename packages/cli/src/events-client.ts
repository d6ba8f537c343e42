import { AdminError } from './admin-error.js';
import type { ClientConnection } from './connection.js';
import type { Problem } from './wire.js';

/** What happened, as the token service tells it by webhook and in its list alike. */
export interface PlatformEvent {
  id: string;
  type: string;
  at: string;
  districtId: string | null;
  data: Record<string, string | number | null>;
}

export interface EventsPage {
  data: PlatformEvent[];
  next: string;
}

export interface EventsQuery {
  after?: string | undefined;
  since?: string | undefined;
  types?: string | undefined;
  wait: number;
}

/** The token service is away, or asks to be left alone for a while: what is asked now is worth asking again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  constructor(
    message: string,
    /** For how long, where it says so. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The list of platform events, as an app reads it. */
export class EventsClient {
  readonly #url: string;
  readonly #authorization: string;

  constructor({ url, clientId, clientSecret }: ClientConnection) {
    this.#url = url.replace(/\/+$/, '');
    this.#authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  }

  async list(query: EventsQuery, signal: AbortSignal): Promise<EventsPage> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) given.set(name, String(value));
    const response = await this.#fetch(`${this.#url}/v1/events?${given.toString()}`, signal);
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && body) return body as EventsPage;
    const problem = (body ?? {}) as Partial<Problem>;
    const title = problem.title ?? `The token service answered ${response.status}`;
    if (response.status === 429 || response.status >= 500 || response.ok) {
      const seconds = Number(response.headers.get('retry-after') ?? '');
      throw new UnavailableError(title, seconds > 0 ? seconds * 1000 : undefined);
    }
    throw new AdminError({ ...problem, title, status: response.status }, nextStepFor(response.status));
  }

  async #fetch(url: string, signal: AbortSignal): Promise<Response> {
    try {
      const headers = { authorization: this.#authorization, accept: 'application/json' };
      return await fetch(url, { headers, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const { cause } = error as { cause?: { code?: string } };
      const why = cause?.code ?? 'no answer';
      throw new UnavailableError(`${this.#url} does not answer (${why})`, undefined, { cause: error });
    }
  }
}

function nextStepFor(status: number): string | undefined {
  if (status === 401)
    return 'Set HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET to those of an app of this Hallpass.';
  return undefined;
}
