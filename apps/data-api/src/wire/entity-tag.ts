import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { SharingRule } from '@hallpass/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RosterCall } from '../answers/roster-call.js';
import { compileRule } from '../reading/compiled-rule.js';

/** Bodies up to so many characters are tagged by what they say. */
const SHORT = 8192;

interface TaggedRequest extends FastifyRequest {
  /** Names all that the answer follows from, beside the address. */
  picture?: string;
}

/** The last picture that was shown by a rule, and its name: the next request is mostly of the same. */
const named = new WeakMap<SharingRule, { pin: string; picture: string }>();

/** Says which picture an answer shows, and by which rules; undefined when that does not decide what it says. */
export function notePicture({ access, request }: RosterCall, pin: string | undefined): void {
  if (pin === undefined) return;
  const { scopes } = access.decision;
  const [only] = scopes;
  const known = scopes.length === 1 && only ? named.get(only.rule) : undefined;
  let picture = known?.pin === pin ? known.picture : undefined;
  if (picture === undefined) {
    const shown = scopes.map(({ districtId, rule }) => districtId + compileRule(rule).fingerprint);
    picture = hash('md5', [pin, ...shown].join(','), 'base64url');
    if (scopes.length === 1 && only) named.set(only.rule, { pin, picture });
  }
  (request as TaggedRequest).picture = picture;
}

/**
 * Tags a body strongly: by the picture it shows, which costs nothing, or else by its text. Answers 304 where the client has
 * it, and only to who asked by a condition: clients of Clever's age take a 304 for an error.
 */
export function tagEntity(request: FastifyRequest, reply: FastifyReply, body: unknown): unknown {
  if (reply.statusCode !== 200 || request.method !== 'GET' || typeof body !== 'string') return body;
  const condition = request.headers['if-none-match'];
  const { picture } = request as TaggedRequest;
  if (picture === undefined && condition === undefined && body.length > SHORT) return body;
  // An address has tags of its own, so that a checksum is enough to tell it from others.
  const tag =
    picture === undefined
      ? `"${hash('md5', body, 'base64url')}"`
      : `"${picture}-${crc32(request.url).toString(36)}"`;
  reply.headers({ etag: tag, 'cache-control': 'private, no-cache' });
  if (condition === undefined || !isMet(condition, tag)) return body;
  reply.code(304).removeHeader('content-type');
  return '';
}

function isMet(condition: string, tag: string): boolean {
  return condition.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag);
}
