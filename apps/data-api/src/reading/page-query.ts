import { USER_ROLES, parseId, type RecordId, type UserRole } from '@hallpass/domain';
import { Problem } from '@hallpass/service-kit';

export const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 10_000;

/** Above every id: what `ending_before=last` stands for. */
export const AFTER_ALL_IDS = 'g';

/** A list's query, read and checked. */
export interface PageQuery {
  limit: number;
  /** '' from the beginning. */
  after: string;
  /** Set when the page is read backwards. */
  before: string | undefined;
  /** The pinned picture: a seq, or `e` and an edition for a key. */
  at: string | undefined;
  isCount: boolean;
  role: UserRole | undefined;
  isPrimary: boolean;
  /** Whether the request named a place to go on from. */
  hasCursor: boolean;
}

type RawQuery = Readonly<Record<string, string | string[] | undefined>>;

/** Reads what Clever's lists understand; what they do not is left alone, as they do. */
export function parsePageQuery(query: RawQuery): PageQuery {
  const after = single(query, 'starting_after');
  const before = single(query, 'ending_before');
  if (after !== undefined && before !== undefined)
    throw invalid('starting_after', 'Send `starting_after` or `ending_before`, not both.');
  return {
    limit: parseLimit(single(query, 'limit')),
    after: after === undefined ? '' : cursor('starting_after', after),
    before:
      before === undefined ? undefined : before === 'last' ? AFTER_ALL_IDS : cursor('ending_before', before),
    at: parseAt(single(query, 'at')),
    isCount: parseFlag('count', single(query, 'count')),
    role: parseRole(single(query, 'role')),
    isPrimary: parseFlag('primary', single(query, 'primary')),
    hasCursor: after !== undefined || before !== undefined,
  };
}

/** An id of a path; what is no id names nothing, as an id that does not exist does. */
export function parseRecordId(text: string): RecordId {
  const id = parseId<RecordId>(text);
  if (!id) throw new Problem('not-found', { detail: 'No record that this credential may see has this id.' });
  return id;
}

function single(query: RawQuery, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw invalid(name, `Send \`${name}\` once.`);
  return value === '' ? undefined : value;
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw invalid('limit', `\`limit\` is a whole number from 1 to ${LIMIT_MAX}.`);
  if (limit > LIMIT_MAX)
    throw new Problem('limit-too-large', {
      detail: `\`limit\` is at most ${LIMIT_MAX}; follow the \`next\` links for more.`,
    });
  return limit;
}

function cursor(name: string, text: string): RecordId {
  const id = parseId<RecordId>(text);
  if (!id) throw invalid(name, `Could not parse ${name}: it is a record’s id, 24 hex characters.`);
  return id;
}

function parseAt(text: string | undefined): string | undefined {
  if (text === undefined || /^e?\d{1,15}$/.test(text)) return text;
  throw new Problem('cursor-invalid', { detail: '`at` is taken from a link as it is, or left out.' });
}

function parseFlag(name: string, text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw invalid(name, `\`${name}\` is true or false.`);
}

function parseRole(text: string | undefined): UserRole | undefined {
  if (text === undefined) return undefined;
  const role = USER_ROLES.find((each) => each === text);
  if (!role) throw invalid('role', `\`role\` is one of ${USER_ROLES.join(', ')}.`);
  return role;
}

function invalid(field: string, message: string): Problem {
  return new Problem('request-invalid', { detail: message, faults: [{ field, message }] });
}
