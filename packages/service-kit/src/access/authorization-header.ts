/** What an Authorization header holds, by its scheme. */
export type ParsedAuthorization =
  | { scheme: 'none' }
  | { scheme: 'bearer'; token: string }
  /** RFC 7617's pair; legacy keys come as a user name without a password, in one of three spellings. */
  | { scheme: 'basic'; user: string; password: string }
  /** `isRequest`: a Bearer header that RFC 6750 calls an invalid request, rather than a credential that is none. */
  | { scheme: 'malformed'; reason: string; isRequest: boolean };

/** Longer than any credential of ours, base64 and all; what is longer is not looked at. */
const HEADER_LENGTH_MAX = 1024;
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const malformed = (reason: string, isRequest = false): ParsedAuthorization => ({
  scheme: 'malformed',
  reason,
  isRequest,
});

/** Reads the header as RFC 9110, 6750 and 7617 say, scheme in any case; never throws. */
export function parseAuthorization(header: string | undefined): ParsedAuthorization {
  if (header === undefined || header === '') return { scheme: 'none' };
  const isBearer = /^bearer(\s|$)/i.test(header.slice(0, 7));
  if (header.length > HEADER_LENGTH_MAX) return malformed('The Authorization header is too long.', isBearer);
  const space = header.indexOf(' ');
  if (space < 0) return malformed('The Authorization header has a scheme and nothing after it.', isBearer);
  const scheme = header.slice(0, space).toLowerCase();
  const rest = header.slice(space + 1).trim();
  if (scheme === 'bearer')
    return B64TOKEN.test(rest)
      ? { scheme: 'bearer', token: rest }
      : malformed('The bearer token has characters that no token has.', true);
  if (scheme === 'basic') return parseBasic(rest);
  return malformed('The Authorization scheme is neither Bearer nor Basic.');
}

/**
 * Three spellings of a key are on the road: base64 of `key`, the same with a literal colon behind it, and base64 of `key:`.
 * The colon behind is dropped; without one inside, all is the user name.
 */
function parseBasic(rest: string): ParsedAuthorization {
  const encoded = rest.endsWith(':') ? rest.slice(0, -1) : rest;
  if (!BASE64.test(encoded)) return malformed('The Basic credentials are not base64.');
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return { scheme: 'basic', user: text, password: '' };
  return { scheme: 'basic', user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** True when a request carries the header more than once: which of them counts would be anybody's guess. */
export function hasTwoAuthorizations(rawHeaders: readonly string[]): boolean {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') seen += 1;
  }
  return seen > 1;
}
