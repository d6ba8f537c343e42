import type pg from 'pg';
import { PAGE_LENGTH, recordBody, type Link } from '../pages/page-server.js';
import type { SetGrant } from '../set/manifest.js';

/** How many users a grant shows at a seq, by a plain reading of the tables. */
export async function countUsers(client: pg.Client, { districtId, fingerprint }: SetGrant): Promise<number> {
  const table = fingerprint === '' ? 'record_versions' : 'visible_versions';
  const named = fingerprint === '' ? '' : 'and fingerprint = $2';
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int count from ${table} where district_id = $1 ${named} and kind = 'user'
     and to_seq = 9223372036854775807`,
    fingerprint === '' ? [districtId] : [districtId, fingerprint],
  );
  return rows[0]?.count ?? 0;
}

/** The users behind an id as a grant shows them at a seq, by a plain reading of the tables. */
export async function usersAfter(
  client: pg.Client,
  { districtId, fingerprint }: SetGrant,
  after: string,
  seq: string,
): Promise<string[]> {
  const place = [districtId, after, seq, PAGE_LENGTH];
  if (fingerprint === '') {
    const { rows } = await client.query<{ doc: string }>(
      `select doc from record_versions where district_id = $1 and kind = 'user' and record_id > $2
       and from_seq <= $3 and to_seq > $3 order by record_id limit $4`,
      place,
    );
    return rows.map(({ doc }) => doc);
  }
  const { rows } = await client.query<{ doc: string }>(
    `select coalesce(v.doc, (
       select r.doc from record_versions r where r.district_id = $1 and r.kind = 'user' and r.record_id = v.record_id
         and r.from_seq <= $3 and r.to_seq > $3)) doc
     from visible_versions v
     where v.district_id = $1 and v.fingerprint = $5 and v.kind = 'user' and v.record_id > $2
       and v.from_seq <= $3 and v.to_seq > $3
     order by v.record_id limit $4`,
    [...place, fingerprint],
  );
  return rows.map(({ doc }) => doc);
}

const idIn = (doc: string) => doc.slice(7, 31);
const withoutPlace = (path: string) => path.replace(/[?&](starting_after|at)=[^&]*/g, '');

/** The answer that a full page of these bodies has. */
export function pageBody(path: string, docs: readonly string[], seq: string): string {
  const data = docs.map((doc) => `{"data":${doc},"uri":"/v3.0/users/${idIn(doc)}"}`);
  const at = (cursor: string, id: string) => `${withoutPlace(path)}&${cursor}=${id}&at=${seq}`;
  const links: Link[] = [{ rel: 'self', uri: path }];
  if (path.includes('starting_after'))
    links.push({ rel: 'prev', uri: at('ending_before', idIn(docs[0] ?? '')) });
  links.push({ rel: 'next', uri: at('starting_after', idIn(docs.at(-1) ?? '')) });
  return `{"data":[${data.join(',')}],"links":${JSON.stringify(links)}}`;
}

export { idIn, recordBody };
