import { createServer } from 'node:http';

/** What a peer is told by its environment. */
export interface PeerEnvironment extends Record<string, string> {
  DATABASE_URL: string;
  DISTRICT_ID: string;
  /** The seq that links are pinned to. */
  PIN: string;
}

export const peer = process.env as unknown as PeerEnvironment;
export const OPEN_SEQ = '9223372036854775807';
export const PAGE_LENGTH = 100;
export const POOL_SIZE = 10;

export interface Link {
  rel: string;
  uri: string;
}

/** The links of a full page in the middle of a list. */
export function linksOf(self: string, first: string, last: string, pin = peer.PIN): Link[] {
  const list = `/v3.0/users?limit=${PAGE_LENGTH}`;
  return [
    { rel: 'self', uri: self },
    { rel: 'prev', uri: `${list}&ending_before=${first}&at=${pin}` },
    { rel: 'next', uri: `${list}&starting_after=${last}&at=${pin}` },
  ];
}

const SUB_LISTS = ['district', 'mycontacts', 'mystudents', 'myteachers', 'resources', 'schools', 'sections'];

/** The answer about one user at the address. */
export function recordBody(uri: string, doc: string): string {
  const links = [{ rel: 'self', uri }, ...SUB_LISTS.map((rel) => ({ rel, uri: `${uri}/${rel}` }))];
  return `{"data":${doc},"links":${JSON.stringify(links)}}`;
}

/** Serves pages by the function, with nothing around it, and tells the parent the port. */
export function servePages(page: (url: string, after: string) => Promise<string>): void {
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    page(url, url.slice(url.lastIndexOf('=') + 1)).then(
      (body) => {
        response.setHeader('content-type', 'application/json; charset=utf-8');
        response.end(body);
      },
      (error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      },
    );
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' ? address?.port : undefined);
  });
  process.once('disconnect', () => process.exit());
}
