import { USER_ROLES, parseId, type RecordId, type UserRole } from '@hallpass/domain';
import { Problem } from '@hallpass/service-kit';

export const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 10_000;

/** Above every id: what `ending_before=last` stands for. */
export const AFTER_ALL_IDS = 'g';

/** What a list may understand besides its paging; each route names those that it does. */
export const LIST_PARAMETERS = [
  'count',
  'role',
  'primary',
  'where',
  'sort',
  'page',
  'show_links',
  'fields',
] as const;
export type ListParameter = (typeof LIST_PARAMETERS)[number];

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
  /** Whether items that some versions give bare come with their links all the same. */
  showsLinks: boolean;
  /** The text of a Mongo-like condition. */
  where: string | undefined;
  /** The field whose order is asked for. */
  sort: string | undefined;
  /** The fields that are asked for, by path, with commas between. */
  fields: string | undefined;
  /** The number of a page, from 1. A cursor wins over it. */
  page: number | undefined;
  /** Whether the request named a place to go on from. */
  hasCursor: boolean;
}

export type RawQuery = Readonly<Record<string, string | string[] | undefined>>;

/** Reads what Clever's lists understand, and of the rest what this one does; what it does not is left alone, as they do. */
export function parsePageQuery(query: RawQuery, known: readonly ListParameter[]): PageQuery {
  const after = single(query, 'starting_after');
  const before = single(query, 'ending_before');
  if (after !== undefined && before !== undefined)
    throw invalid('starting_after', 'Send `starting_after` or `ending_before`, not both.');
  const optional = (name: ListParameter) => (known.includes(name) ? single(query, name) : undefined);
  const hasCursor = after !== undefined || before !== undefined;
  const page = parsePage(optional('page'));
  return {
    limit: parseLimit(single(query, 'limit')),
    after: after === undefined ? '' : cursor('starting_after', after),
    before:
      before === undefined ? undefined : before === 'last' ? AFTER_ALL_IDS : cursor('ending_before', before),
    at: parseAt(single(query, 'at')),
    isCount: parseFlag('count', optional('count')),
    role: parseRole(optional('role')),
    isPrimary: parseFlag('primary', optional('primary')),
    showsLinks: parseFlag('show_links', optional('show_links')),
    where: optional('where'),
    sort: optional('sort'),
    fields: optional('fields'),
    page: hasCursor ? undefined : page,
    hasCursor,
  };
}

/** An id of a path; what is no id names nothing, as an id that does not exist does. */
export function parseRecordId(text: string): RecordId {
  const id = parseId<RecordId>(text);
  if (!id) throw notThere();
  return id;
}

/** The one answer to an id that does not exist, is not shared or is no id. */
export function notThere(): Problem {
  return new Problem('not-found', { detail: 'No record that this credential may see has this id.' });
}

/** A parameter that is not as it has to be, with what it has to be. */
export function invalid(field: string, message: string): Problem {
  return new Problem('request-invalid', { detail: message, faults: [{ field, message }] });
}

/** The parameter's text; empty is as good as not sent. */
export function single(query: RawQuery, name: string): string | undefined {
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

function parsePage(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const page = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (page < 1) throw invalid('page', '`page` is a whole number from 1.');
  return page;
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

/** The answer to what would have to look at more records than one request may. */
export function tooBroad(budget: number, advice = 'Narrow `where`, by `id` best of all.'): Problem {
  return new Problem('query-too-broad', {
    detail: `One request looks at no more than ${budget} records, and this one would have to. ${advice}`,
  });
}
