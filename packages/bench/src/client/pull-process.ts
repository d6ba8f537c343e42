import { Hallpass } from '@hallpass/client';

/** What a pull came to. */
export interface Pulled {
  records: number;
  cpuMs: number;
  /** What lives after a full collection, after a tenth of the records and at the end. */
  heapEarlyMiB: number;
  heapLateMiB: number;
  largestMiB: number;
}

/** Reads all students of one district: by a bare loop over fetch, or by the client. */
const [, , how, url = '', total = '0'] = process.argv;
const PAGE_SIZE = 1000;
const token = 'hptok_bench';
const collect = (globalThis as { gc?: () => void }).gc;

interface WirePage {
  data: { data: { id: string } }[];
  links: { rel: string; uri: string }[];
}

let records = 0;
let bytesOfIds = 0;
let [heapEarlyMiB, heapLateMiB] = [NaN, NaN];
const early = Math.floor(Number(total) / 10);

/** What any program does with a record, at the least. */
function take(id: string): void {
  bytesOfIds += id.length;
  records += 1;
  if (collect && records === early) heapEarlyMiB = living();
}

function living(): number {
  collect?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const before = process.cpuUsage();
if (how === 'client') {
  for await (const { id } of new Hallpass({ token, url }).users.list({ pageSize: PAGE_SIZE })) take(id);
} else {
  for (let path: string | undefined = `/v3.1/users?limit=${PAGE_SIZE}`; path;) {
    const response: Response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(String(response.status));
    const { data, links } = (await response.json()) as WirePage;
    for (const { data: record } of data) take(record.id);
    path = links.find(({ rel }) => rel === 'next')?.uri;
  }
}
const { user, system } = process.cpuUsage(before);
if (collect) heapLateMiB = living();
if (bytesOfIds !== 24 * records) throw new Error('a record without an id');
const largestMiB = process.resourceUsage().maxRSS / 1024;
const pulled: Pulled = { records, cpuMs: (user + system) / 1000, heapEarlyMiB, heapLateMiB, largestMiB };
process.send?.(pulled);
