import type { Link } from '../reading/page-links.js';
import { textOf, type Shown } from '../versions/renderer.js';
import { uriOf, type View } from '../versions/view.js';
import type { Paging } from './paging.js';

/** `{"data":…,"links":[…]}` around text that is JSON already. */
export function dataBody(data: string, links: readonly Link[]): string {
  return `{"data":${data},"links":${JSON.stringify(links)}}`;
}

/** The same about a record at its address, with what its view leads to. */
export function recordBody(view: View, data: string, uri: string): string {
  let links = `{"rel":"self","uri":"${uri}"}`;
  for (const rel of view.links) links += `,{"rel":"${rel}","uri":"${uri}/${rel}"}`;
  return `{"data":${data},"links":[${links}]}`;
}

export function countBody(count: number, self: Link): string {
  return `{"count":${count},"links":${JSON.stringify([self])}}`;
}

/** A page of records, each beside its address, or bare where the version gives them so. */
export function pageBody(
  view: View,
  shown: readonly Shown[],
  links: readonly Link[],
  paging: Paging | undefined,
  isBare: boolean,
): string {
  const prefix = `,"uri":"${uriOf(view, '')}`;
  const items = shown.map((each) => {
    const text = textOf(each);
    return isBare ? text : `{"data":${text}${prefix}${each.id}"}`;
  });
  const counted = paging ? `"paging":${JSON.stringify(paging)},` : '';
  return `{${counted}"data":[${items.join(',')}],"links":${JSON.stringify(links)}}`;
}
