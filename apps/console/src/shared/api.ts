import type { paths as AdminPaths } from '../../dist/api/admin';
import type { paths as PortalPaths } from '../../dist/api/portal';

/** A fault of one field of what was sent. */
export interface Fault {
  field: string;
  message: string;
}

/** An answer that is an error: RFC 9457, or what a browser says when there was none. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | undefined,
    readonly faults: readonly Fault[],
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(detail || title);
    this.name = 'ApiProblem';
  }
}

/** Whose eyes the session looks through. */
export type Scope = { appId: string } | { partnerId: string } | { districtId: string };

type Filled<P> = P extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : P;
type Documented = Filled<keyof PortalPaths | keyof AdminPaths>;
/** A path that a service has: one that is not in its OpenAPI file does not compile. */
export type Path = Documented;

export interface RequestOptions {
  scope?: Scope | undefined;
  query?: Record<string, string | number | undefined | null>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

let csrfToken: string | undefined;
/** Every unsafe request carries what the session gave. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

let onSignedOut: () => void = () => undefined;
/** What happens when the service says that nobody is signed in any more. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request with the session's cookie; throws an ApiProblem. */
export async function request<T>(method: Method, path: Path, options: RequestOptions = {}): Promise<T> {
  const { scope, query = {}, body, signal } = options;
  const headers = headersOf(scope, method !== 'GET');
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(withQuery(path, query), init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw unreachable();
  }
  return answerOf(path, response);
}

function headersOf(scope: Scope | undefined, isUnsafe: boolean): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (isUnsafe && csrfToken) headers['hallpass-csrf'] = csrfToken;
  if (scope) {
    if ('appId' in scope) headers['hallpass-app'] = scope.appId;
    else if ('partnerId' in scope) headers['hallpass-partner'] = scope.partnerId;
    else headers['hallpass-district'] = scope.districtId;
  }
  return headers;
}

const unreachable = () => new ApiProblem(0, 'unreachable', '', '', undefined, [], undefined);

async function answerOf<T>(path: Path, response: Response): Promise<T> {
  if (response.ok) return (response.status === 204 ? undefined : await bodyOf(response)) as T;
  const problem = await problemOf(response);
  if (problem.code === 'credentials-missing' && path !== '/v1/session') onSignedOut();
  throw problem;
}

/** Sends a zip archive, and says how far it is: fetch does not. */
export function upload<T>(
  path: Path,
  archive: Blob,
  { scope, onProgress }: { scope?: Scope; onProgress?: (share: number) => void } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', path);
    for (const [name, value] of Object.entries(headersOf(scope, true))) call.setRequestHeader(name, value);
    call.setRequestHeader('content-type', 'application/zip');
    call.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress?.(total === 0 ? 1 : loaded / total),
    );
    call.addEventListener('error', () => reject(unreachable()));
    call.addEventListener('load', () => {
      const headers = new Headers();
      for (const name of ['content-type', 'retry-after', 'x-request-id']) {
        const value = call.getResponseHeader(name);
        if (value !== null) headers.set(name, value);
      }
      const response = new Response(call.responseText, { status: call.status, headers });
      answerOf<T>(path, response).then(resolve, reject);
    });
    call.send(archive);
  });
}

export const get = <T>(path: Path, options?: RequestOptions) => request<T>('GET', path, options);
export const post = <T>(path: Path, options?: RequestOptions) => request<T>('POST', path, options);

interface Page<T> {
  data: T[];
  next: string | null;
}

/** All pages of a list. */
export async function getAll<T>(path: Path, options: RequestOptions = {}): Promise<T[]> {
  const all: T[] = [];
  let startingAfter: string | undefined;
  do {
    const query = { ...options.query, limit: 1000, startingAfter };
    const page: Page<T> = await get<Page<T>>(path, { ...options, query });
    all.push(...page.data);
    startingAfter = page.next ?? undefined;
  } while (startingAfter);
  return all;
}

export function withQuery(path: string, query: NonNullable<RequestOptions['query']>): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const body = (await bodyOf(response).catch(() => undefined)) as Partial<ApiProblem> | undefined;
  const isProblem = typeof body === 'object' && typeof body.code === 'string';
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem(
    response.status,
    isProblem ? (body.code ?? '') : 'unexpected',
    isProblem ? (body.title ?? '') : '',
    isProblem ? (body.detail ?? '') : '',
    (isProblem ? body.requestId : undefined) ?? response.headers.get('x-request-id') ?? undefined,
    isProblem ? (body.faults ?? []) : [],
    Number.isFinite(wait) ? wait : undefined,
  );
}
