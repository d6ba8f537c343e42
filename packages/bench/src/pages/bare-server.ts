import pg from 'pg';
import { linksOf, OPEN_SEQ, PAGE_LENGTH, peer, POOL_SIZE, recordBody, servePages } from './page-server.js';

/** The floor: node:http and a pg pool serve the same stored text, without token, limits, wall or log. */
const pool = new pg.Pool({ connectionString: peer.DATABASE_URL, max: POOL_SIZE });
const SQL = `select doc from record_versions where district_id = $1 and kind = $2 and record_id > $3
  and to_seq = ${OPEN_SEQ} order by record_id limit ${PAGE_LENGTH}`;
const idIn = (doc: string) => doc.slice(7, 31);

const ONE = `select doc from record_versions where district_id = $1 and kind = $2 and record_id = $3
  and to_seq = ${OPEN_SEQ}`;

servePages((url, after) => (url.includes('?') ? page(url, after) : record(url)));

async function page(url: string, after: string): Promise<string> {
  const { rows } = await pool.query<[string]>({
    name: 'page',
    text: SQL,
    values: [peer.DISTRICT_ID, 'user', after],
    rowMode: 'array',
  });
  const data = rows.map(([doc]) => `{"data":${doc},"uri":"/v3.0/users/${idIn(doc)}"}`);
  const links = linksOf(url, idIn(rows[0]?.[0] ?? ''), idIn(rows.at(-1)?.[0] ?? ''));
  return `{"data":[${data.join(',')}],"links":${JSON.stringify(links)}}`;
}

async function record(url: string): Promise<string> {
  const { rows } = await pool.query<[string]>({
    name: 'record',
    text: ONE,
    values: [peer.DISTRICT_ID, 'user', url.slice(-24)],
    rowMode: 'array',
  });
  return recordBody(url, rows[0]?.[0] ?? '');
}
