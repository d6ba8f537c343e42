import { createHash } from 'node:crypto';
import { withClient } from '@hallpass/database';
import type { Server, Target } from '../pages/load.js';
import { PAGE_LENGTH } from '../pages/page-server.js';
import type { SetGrant } from '../set/manifest.js';
import { countUsers, idIn, pageBody, recordBody, usersAfter } from './plain-sql.js';

const PAGES = 200;
const LIST = `/v3.0/users?limit=${PAGE_LENGTH}`;

/** What of a grant's users is asked for. */
export interface GrantTargets {
  /** Full pages here and there. */
  pages: Target[];
  /** One record of each of them. */
  records: Target[];
  first: Target[];
  last: Target[];
}

export interface TargetsOf {
  /** Where the set is read plainly. */
  url: string;
  server: Server;
  grant: SetGrant;
  /** A seq to pin the pages to; of now where it is left out. */
  pin?: number;
}

/**
 * Pages of a grant's users, each compared byte by byte with a plain reading of the tables, and the number of users too.
 * The same pages for the same ids.
 */
export async function targetsOf({ url, server, grant, pin }: TargetsOf): Promise<GrantTargets> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ seq: string }>('select seq from districts where id = $1', [
      grant.districtId,
    ]);
    const seq = String(pin ?? rows[0]?.seq);
    const at = pin === undefined ? '' : `&at=${pin}`;
    const read = async (after: string): Promise<{ target: Target; docs: string[] } | undefined> => {
      const docs = await usersAfter(client, grant, after, seq);
      if (docs.length < PAGE_LENGTH) return undefined;
      const path = `${LIST}${after === '' ? '' : `&starting_after=${after}`}${at}`;
      return { target: await checked(server, path, pageBody(path, docs, seq)), docs };
    };
    if (pin === undefined) await checkCount(server, await countUsers(client, grant));
    const targets: GrantTargets = { pages: [], records: [], first: [], last: [] };
    for (let number = 0; targets.pages.length < PAGES; number += 1) {
      const page = await read(placeOf(number));
      if (!page) continue;
      targets.pages.push(page.target);
      const doc = page.docs[number % PAGE_LENGTH] ?? '';
      const path = `/v3.0/users/${idIn(doc)}`;
      if (pin === undefined) targets.records.push(await checked(server, path, recordBody(path, doc)));
    }
    const first = await read('');
    const last = await read(await placeBeforeLast(client, grant));
    if (!first || !last) throw new Error('the district is too small for a page');
    targets.first.push(first.target);
    targets.last.push(last.target);
    return targets;
  });
}

/** Ids are hashes, so every number of 24 hex digits is as good a place as any. */
export function placeOf(number: number): string {
  return createHash('sha256').update(`place ${number}`).digest('hex').slice(0, 24);
}

async function placeBeforeLast(
  client: Parameters<typeof usersAfter>[0],
  { districtId, fingerprint }: SetGrant,
): Promise<string> {
  const table = fingerprint === '' ? 'record_versions' : 'visible_versions';
  const { rows } = await client.query<{ id: string }>(
    `select record_id id from ${table} where district_id = $1 and kind = 'user' and to_seq = 9223372036854775807
     ${fingerprint === '' ? '' : 'and fingerprint = $2'} order by record_id desc offset ${PAGE_LENGTH} limit 1`,
    fingerprint === '' ? [districtId] : [districtId, fingerprint],
  );
  return rows[0]?.id ?? '';
}

async function checked(server: Server, path: string, wanted: string): Promise<Target> {
  const body = await bodyOf(server, path);
  if (body !== wanted) throw new Error(`${path} is answered with another body than plain SQL reads`);
  return { path, length: Buffer.byteLength(wanted) };
}

async function checkCount(server: Server, wanted: number): Promise<void> {
  const { count } = JSON.parse(await bodyOf(server, '/v3.0/users?count=true')) as { count: number };
  if (count !== wanted) throw new Error(`the data API counts ${count} users, plain SQL ${wanted}`);
}

/** The whole answer, as text. */
export async function bodyOf(server: Server, path: string): Promise<string> {
  const answer = await ask(server, path);
  return answer.text();
}

export function ask({ port, authorization }: Server, path: string): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return fetch(`http://127.0.0.1:${port}${path}`, { headers });
}
