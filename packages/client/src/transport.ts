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
  /** Lines of JSON are wanted, as they are: zipped they cost both sides more than their way here does. */
  isOfLines?: boolean;
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
    const url = this.#origin + pathOf(call);
    const tries = await this.#tries(call);
    for (;;) {
      const ending = this.#ending(call);
      try {
        const response = await this.#ask(url, call, tries.authorization, ending);
        return (response.status === 204 ? undefined : await response.json()) as T;
      } catch (error) {
        ending.clear();
        await tries.after(ending.told(error, askedOf(call)));
      } finally {
        ending.clear();
      }
    }
  }

  /**
   * The lines of an answer that is as long as it likes, some at a time as they come; no more is held. Each piece has the time of an
   * attempt to come in, and its reader as long as it wants. When it breaks off, what `next` gives by then is asked, with the whole
   * budget once `hasMoved`; a line that was cut is not given. What ends without being whole has broken off, too.
   */
  async *lines(next: () => Call, hasMoved: () => boolean, isWhole: () => boolean): AsyncGenerator<string[]> {
    const tries = await this.#tries(next());
    for (;;) {
      const call = next();
      const url = this.#origin + pathOf(call);
      const ending = this.#ending(call);
      let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
      try {
        const { body } = await this.#ask(url, call, tries.authorization, ending);
        reader = body?.getReader();
        const decoder = new TextDecoder();
        let rest = '';
        for (;;) {
          const { done, value } = (await reader?.read()) ?? { done: true };
          if (done) break;
          ending.clear();
          const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
          rest = lines.pop() as string;
          if (lines.length > 0) yield lines;
          if (hasMoved()) tries.renew();
          ending.begin();
        }
        if (isWhole()) return;
        throw new Error('it ended early');
      } catch (error) {
        ending.clear();
        await tries.after(ending.told(error, askedOf(call)));
      } finally {
        ending.clear();
        // Whoever has enough of it says so; what is over takes no notice.
        reader?.cancel().catch(() => undefined);
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

  /** Asks once. */
  async #ask(url: string, call: Call, authorization: string, ending: Ending): Promise<Response> {
    const response = await (this.#options.fetch ?? fetch)(url, {
      method: methodOf(call),
      headers: headersOf(call, authorization),
      signal: ending.signal,
      // A credential goes to this address and to no other.
      redirect: 'error',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    this.#notice(response.headers);
    if (!response.ok) throw await errorOf(response, askedOf(call));
    return response;
  }

  #ending({ timeoutMs, signal }: Call): Ending {
    return new Ending(timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS, this.#signals(signal));
  }

  #signals(own: AbortSignal | undefined): AbortSignal[] {
    return [this.#options.signal, own].filter((each) => each !== undefined);
  }

  /** What a call needs to be asked again: which of its failures that helps, and when. */
  async #tries(call: Call) {
    const { retryBudgetMs = BUDGET_MS } = this.#options;
    const signals = this.#signals(call.signal);
    const isIdempotent = methodOf(call) !== 'POST';
    let [began, attempt, isRefreshed] = [this.clock.now(), 0, false];
    const tries = {
      authorization: await this.#signIn.authorization(),
      /** Returns when it is time to ask again; throws the error where that does not help. */
      after: async (error: unknown): Promise<void> => {
        if (isReplaced(error) && !isRefreshed) {
          isRefreshed = true;
          const other = await this.#signIn.authorization(tries.authorization);
          if (other === tries.authorization) throw error;
          tries.authorization = other;
          return;
        }
        const pauseMs = this.#pauseAfter(error, isIdempotent, attempt);
        if (pauseMs === undefined || this.clock.now() - began + pauseMs > retryBudgetMs) throw error;
        attempt += 1;
        await this.#sleep(pauseMs, signals);
      },
      /** The budget begins anew. */
      renew: (): void => {
        [began, attempt, isRefreshed] = [this.clock.now(), 0, false];
      },
    };
    return tries;
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
  #isTooLate = false;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #signals: readonly AbortSignal[];
  readonly #stop = (event: Event) => this.#controller.abort((event.target as AbortSignal).reason);

  constructor(timeoutMs: number | undefined, signals: readonly AbortSignal[]) {
    this.#timeoutMs = timeoutMs;
    this.#signals = signals;
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The time begins, or begins anew. */
  begin(): void {
    for (const each of this.#signals) {
      if (each.aborted) this.#controller.abort(each.reason);
      else each.addEventListener('abort', this.#stop, { once: true });
    }
    if (this.#timeoutMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.#isTooLate = true;
      this.#controller.abort();
    }, this.#timeoutMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    for (const each of this.#signals) each.removeEventListener('abort', this.#stop);
  }

  /** What a failure was: the caller's wish, too long a wait, or an answer that did not come whole. */
  told(error: unknown, asked: string): unknown {
    if (error instanceof HallpassError) return error;
    const ended = this.#signals.find(({ aborted }) => aborted);
    if (ended) return ended.reason;
    if (this.#isTooLate) return new TimeoutError(`${asked} took too long`, { cause: error });
    return new ConnectionError(`${asked} got no whole answer (${why(error)})`, { cause: error });
  }
}

function isReplaced(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && REPLACED.has(error.code);
}

function methodOf({ method = 'GET' }: Call): string {
  return method;
}

/** The request without its query, which may hold a secret. */
function askedOf(call: Call): string {
  return `${methodOf(call)} ${call.path.split('?', 1)[0]}`;
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
    accept: call.isOfLines ? 'application/x-ndjson' : 'application/json',
    ...(call.isOfLines ? { 'accept-encoding': 'identity' } : {}),
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
