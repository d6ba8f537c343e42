import { ApiError, ConnectionError, HallpassError, TimeoutError, errorOf } from './errors.js';
import { VERSION } from './version.js';

/** Time, as far as the client waits and judges by it. Another one is for tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so long; rejects with the signal's reason when that comes first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1: how waits of many clients are spread. */
  random(): number;
}

/** What every client takes. */
export interface ClientOptions {
  /** How long one attempt may take, in milliseconds; 30,000 when left out. */
  timeoutMs?: number | undefined;
  /** How long a call may go on trying, waits included, in milliseconds; 120,000 when left out, 0 for one attempt. */
  retryBudgetMs?: number | undefined;
  /** Ends everything that the client does. */
  signal?: AbortSignal | undefined;
  /** Is told once of what will stop working; otherwise the process or the console is warned. */
  onWarning?: ((warning: string) => void) | undefined;
  /** In the place of the global fetch. */
  fetch?: typeof fetch | undefined;
  /** For tests. */
  clock?: Clock | undefined;
}

/** What a single call takes. */
export interface CallOptions {
  /** Ends this call. */
  signal?: AbortSignal | undefined;
}

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

export interface Call extends CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Root-relative, and perhaps with a query of its own. */
  path: string;
  query?: Query | undefined;
  /** Is sent as JSON. */
  body?: unknown;
  /** How long this one may take, where that is known to be longer. */
  timeoutMs?: number;
}

/** How the client signs in: the value of `Authorization`, and another one when that was refused, if there is one. */
export interface SignIn {
  authorization(refused?: string): string | Promise<string>;
}

const TIMEOUT_MS = 30_000;
const BUDGET_MS = 120_000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_LAST_MS = 10_000;
/** Refusals that another token of the same grant may mend. */
const REPLACED = new Set(['token-revoked', 'token-rotated', 'token-expired', 'credentials-unknown']);

const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

/** Calls one service: signs in, waits and tries again, and makes errors of refusals. */
export class Transport {
  readonly clock: Clock;
  readonly #origin: string;
  readonly #signIn: SignIn;
  readonly #options: ClientOptions;
  readonly #warned = new Set<string>();

  constructor(url: string, signIn: SignIn, options: ClientOptions) {
    if (!/^https?:\/\//.test(url)) throw new TypeError('url has to begin with https:// or http://');
    this.#origin = url.replace(/\/+$/, '');
    this.#signIn = signIn;
    this.#options = options;
    this.clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** The JSON of an answer; undefined where there is none. */
  async json<T>(call: Call): Promise<T> {
    const signals = [this.#options.signal, call.signal].filter((each) => each !== undefined);
    const { method = 'GET' } = call;
    const isIdempotent = method !== 'POST';
    const { retryBudgetMs = BUDGET_MS } = this.#options;
    const began = this.clock.now();
    let authorization = await this.#signIn.authorization();
    let isRefreshed = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt<T>(call, method, authorization, signals);
      } catch (error) {
        if (isReplaced(error) && !isRefreshed) {
          isRefreshed = true;
          const other = await this.#signIn.authorization(authorization);
          if (other === authorization) throw error;
          authorization = other;
          continue;
        }
        const pauseMs = this.#pauseAfter(error, isIdempotent, attempt);
        if (pauseMs === undefined || this.clock.now() - began + pauseMs > retryBudgetMs) throw error;
        await this.#sleep(pauseMs, signals);
      }
    }
  }

  /** Says once what will stop working. */
  warn(warning: string): void {
    if (this.#warned.has(warning)) return;
    this.#warned.add(warning);
    const { onWarning } = this.#options;
    if (onWarning) return onWarning(warning);
    const { process } = globalThis as { process?: { emitWarning?: (text: string, type: string) => void } };
    if (process?.emitWarning) process.emitWarning(warning, 'DeprecationWarning');
    // oxlint-disable-next-line no-console -- a browser has no other place for it
    else console.warn(warning);
  }

  async #attempt<T>(call: Call, method: string, authorization: string, signals: AbortSignal[]): Promise<T> {
    const asked = `${method} ${call.path.split('?', 1)[0]}`;
    const url = this.#origin + pathOf(call);
    const ending = new Ending(call.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS, signals);
    try {
      const response = await (this.#options.fetch ?? fetch)(url, {
        method,
        headers: headersOf(call, authorization),
        signal: ending.signal,
        // A credential goes to this address and to no other.
        redirect: 'error',
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      this.#notice(response.headers);
      if (!response.ok) throw await errorOf(response, asked);
      return (response.status === 204 ? undefined : await response.json()) as T;
    } catch (error) {
      if (error instanceof HallpassError) throw error;
      const ended = signals.find(({ aborted }) => aborted);
      if (ended) throw ended.reason;
      if (ending.isTooLate) throw new TimeoutError(`${asked} took too long`, { cause: error });
      throw new ConnectionError(`${asked} got no whole answer (${why(error)})`, { cause: error });
    } finally {
      ending.clear();
    }
  }

  /** For how long to wait before the same is asked again; undefined where that does not help. */
  #pauseAfter(error: unknown, isIdempotent: boolean, attempt: number): number | undefined {
    const isAway =
      error instanceof ConnectionError ||
      (error instanceof ApiError && [502, 503, 504].includes(error.status));
    const isLimited = error instanceof ApiError && error.status === 429;
    if (!isLimited && !(isAway && isIdempotent)) return undefined;
    const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
    const random = this.clock.random();
    // Those who were told the same do not come back at the same moment.
    if (asked !== undefined) return Math.round(asked + random * Math.max(BACKOFF_FIRST_MS, asked / 4));
    const backoff = Math.min(BACKOFF_FIRST_MS * 2 ** attempt, BACKOFF_LAST_MS);
    return Math.round(backoff * (0.5 + random / 2));
  }

  async #sleep(ms: number, signals: AbortSignal[]): Promise<void> {
    if (signals.length < 2) {
      signals[0]?.throwIfAborted();
      return this.clock.sleep(ms, signals[0]);
    }
    const ending = new Ending(undefined, signals);
    try {
      ending.signal.throwIfAborted();
      await this.clock.sleep(ms, ending.signal);
    } finally {
      ending.clear();
    }
  }

  #notice(headers: Headers): void {
    const [deprecated, sunset] = [headers.get('deprecation'), headers.get('sunset')];
    if (deprecated === null && sunset === null) return;
    const when = sunset === null ? 'on a day that is not named yet' : `on ${sunset}`;
    const more = /<([^>]+)>;\s*rel="deprecation"/.exec(headers.get('link') ?? '')?.[1];
    this.warn(
      `Hallpass: the credential in use is deprecated and stops working ${when}.${more ? ` See ${more}` : ''}`,
    );
  }
}

/** Ends an attempt when its time is over or when one of the callers wants it; let go of afterwards. */
class Ending {
  isTooLate = false;
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #signals: readonly AbortSignal[];
  readonly #stop = (event: Event) => this.#controller.abort((event.target as AbortSignal).reason);

  constructor(timeoutMs: number | undefined, signals: readonly AbortSignal[]) {
    this.#signals = signals;
    for (const each of signals) {
      if (each.aborted) this.#controller.abort(each.reason);
      else each.addEventListener('abort', this.#stop, { once: true });
    }
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => {
        this.isTooLate = true;
        this.#controller.abort();
      }, timeoutMs);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    for (const each of this.#signals) each.removeEventListener('abort', this.#stop);
  }
}

function isReplaced(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && REPLACED.has(error.code);
}

/** A path and its query. Links of the service are followed as they are; nothing else is. */
function pathOf({ path, query = {} }: Call): string {
  if (!/^\/(?!\/)/.test(path)) throw new TypeError('a path or cursor begins with one slash');
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) given.set(name, String(value));
  const text = given.toString();
  if (text === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

function headersOf(call: Call, authorization: string): Record<string, string> {
  return {
    authorization,
    accept: 'application/json',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    // A browser names itself, and would ask first whether this header may be sent.
    ...('document' in globalThis ? {} : { 'user-agent': `hallpass-client-js/${VERSION}` }),
  };
}

function why(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string }; name?: string };
  return cause?.code ?? name ?? 'unknown';
}

/** HTTP Basic, of texts that may have any characters. */
export function basic(name: string, secret: string): string {
  const bytes = new TextEncoder().encode(`${name}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** An address from the environment where there is one; browsers have none. */
export function urlFrom(variable: string, otherwise: string): string {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[variable] || otherwise;
}
