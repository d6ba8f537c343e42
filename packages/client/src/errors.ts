/** What an error's body says, as far as a caller decides by it: a problem (RFC 9457). */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  requestId?: string;
  faults?: { field: string; message: string }[];
  'violated-policies'?: unknown[];
}

/** Every error of this package. What it says holds no secret and nothing about a person. */
export class HallpassError extends Error {
  override name = 'HallpassError';
}

/** A service answered, and refused. Decide by `code`: codes are stable, sentences are not. */
export class ApiError extends HallpassError {
  override name = 'ApiError';

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** The problem's code, as `grant-paused`; `http-<status>` where the body named none. */
    readonly code: string,
    /** Name it when you ask for help. */
    readonly requestId: string | undefined,
    message: string,
    /** For how long to leave the service alone, where it said so. */
    readonly retryAfterMs: number | undefined,
    /** The whole body. */
    readonly problem: Problem,
  ) {
    super(message);
  }
}

/** 401: the credential opens nothing now; `code` says why. Never a reason to delete what you have. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}

/** 403: known, and not permitted. */
export class PermissionError extends ApiError {
  override name = 'PermissionError';
}

/** 404: there is no such thing, or it is not shared with you. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/** 410: the picture or the events that the cursor continues are no longer kept. Pull everything again. */
export class ExpiredCursorError extends ApiError {
  override name = 'ExpiredCursorError';
}

/** 429, and waiting as long as it asks would go beyond the budget. */
export class RateLimitedError extends ApiError {
  override name = 'RateLimitedError';
}

/** 5xx: nothing is wrong with the request. */
export class UnavailableError extends ApiError {
  override name = 'UnavailableError';
}

/** There was no answer, or none that was whole. */
export class ConnectionError extends HallpassError {
  override name = 'ConnectionError';
}

/** An attempt took longer than `timeoutMs`. */
export class TimeoutError extends ConnectionError {
  override name = 'TimeoutError';
}

/** What came to a webhook is not signed as it has to be. */
export class WebhookVerificationError extends HallpassError {
  override name = 'WebhookVerificationError';
}

const BY_STATUS: Readonly<Record<number, typeof ApiError>> = {
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  410: ExpiredCursorError,
  429: RateLimitedError,
};

/** The error that an answer is. `asked` names the request without its query, which may hold a secret. */
export async function errorOf(response: Response, asked: string): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const problem = problemIn(text);
  const { status, headers } = response;
  const code = problem.code ?? `http-${status}`;
  const requestId = problem.requestId ?? headers.get('x-request-id') ?? undefined;
  const faults = problem.faults?.map(({ field, message }) => `${field}: ${message}`).join('; ');
  const said = [problem.detail ?? problem.title, faults].filter(Boolean).join(' ');
  const message = [
    `${asked} answered ${status} ${code}`,
    said ? `: ${said}` : '',
    requestId ? ` (request ${requestId})` : '',
  ].join('');
  const Kind = BY_STATUS[status] ?? (status >= 500 ? UnavailableError : ApiError);
  return new Kind(status, code, requestId, message, waitAsked(headers, Date.now()), problem);
}

/** A body that is no problem, as a 429 of old versions or a proxy's page, says nothing. */
function problemIn(text: string): Problem {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** `Retry-After` in milliseconds: it is in seconds or a date. */
function waitAsked(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
