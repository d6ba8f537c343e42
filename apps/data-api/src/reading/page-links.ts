import type { PageQuery } from './page-query.js';
import { AFTER_ALL_IDS } from './page-query.js';

export interface Link {
  rel: string;
  uri: string;
}

/** A request's address: root-relative, slashes single, no bare question mark. */
export interface Address {
  path: string;
  /** The query as it came, pair by pair. */
  pairs: readonly string[];
}

export function addressOf(url: string): Address {
  const [path = '', query = ''] = url.split('?', 2);
  return { path: path.replace(/\/{2,}/g, '/'), pairs: query.split('&').filter((pair) => pair !== '') };
}

const PLACES = new Set(['starting_after', 'ending_before', 'page', 'at']);

/** The request's own parameters, without those that say where in the list it stands. */
export function pairsButPlaces({ pairs }: Address): string[] {
  return pairs.filter((pair) => !PLACES.has(pair.split('=', 1)[0] ?? ''));
}

function uriOf({ path, pairs }: Address): string {
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** The same list at another place: the request's own parameters, the cursor, and the picture it is pinned to. */
function uriAt(address: Address, cursor: string, pin: string | undefined): string {
  const pinned = pin === undefined ? [] : [`at=${pin}`];
  return `${address.path}?${[...pairsButPlaces(address), cursor, ...pinned].join('&')}`;
}

export function selfLink(address: Address): Link {
  return { rel: 'self', uri: uriOf(address) };
}

/** What a page's links depend on. */
export interface PagePlace {
  /** The ids that are shown, ascending. */
  ids: readonly string[];
  /** Where to go on when the search for more was broken off before the page was full. */
  resume?: string | undefined;
  pin: string | undefined;
}

/**
 * The links of a page, as Clever gives them: `next` when the page is full, `prev` on every page that a cursor led to; on an
 * empty page `prev` goes back from the cursor itself.
 */
export function pageLinks(address: Address, query: PageQuery, { ids, resume, pin }: PagePlace): Link[] {
  const links = [selfLink(address)];
  const [first, last] = [ids[0], ids.at(-1)];
  const isFull = ids.length >= query.limit;
  const next = (id: string) => links.push({ rel: 'next', uri: uriAt(address, `starting_after=${id}`, pin) });
  const prev = (id: string) => links.push({ rel: 'prev', uri: uriAt(address, `ending_before=${id}`, pin) });
  if (query.before === undefined) {
    if (query.hasCursor) prev(first ?? query.after);
    if (isFull && last) next(last);
    else if (resume) next(resume);
  } else {
    if (isFull && first) prev(first);
    else if (resume) prev(resume);
    if (last && query.before !== AFTER_ALL_IDS) next(last);
  }
  return links;
}
