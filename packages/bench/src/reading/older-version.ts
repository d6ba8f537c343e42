import type { Figure } from '../figures.js';
import type { Target } from '../pages/load.js';
import { PAGE_LENGTH } from '../pages/page-server.js';
import type { SetGrant } from '../set/manifest.js';
import type { Comparison } from './comparison.js';
import { asked, type Running } from './servers.js';
import { ask, placeOf } from './targets.js';

const PAGES = 100;
const WHAT = 'v1.2 page of students';
const AGAINST = 'v3.1 page of students';
const WANTED = { max: 3 };

interface Page {
  data?: { data?: { id?: string } }[];
}

/** The row of the oldest version beside the newest: a comparison where both routes answer, else a row that says so. */
export async function olderVersion(
  running: Running,
  grant: SetGrant,
): Promise<{ comparison?: Comparison; absent: Figure[] }> {
  const [old, now]: [Target[], Target[]] = [[], []];
  for (let number = 0; number < PAGES; number += 1) {
    const place = `limit=${PAGE_LENGTH}&starting_after=${placeOf(number)}`;
    const one = await pageAt(running, grant, `/v1.2/students?${place}`);
    const other = await pageAt(running, grant, `/v3.1/users?role=student&${place}`);
    if (!one || !other)
      return {
        absent: [{ what: WHAT, against: AGAINST, ratio: NaN, wanted: WANTED, absent: 'not there' }],
      };
    if (one.ids.join() !== other.ids.join())
      throw new Error('v1.2 and v3.1 show other students on the same page');
    if (one.ids.length < PAGE_LENGTH) continue;
    old.push(one.target);
    now.push(other.target);
  }
  const side = (name: string, targets: Target[]) => ({
    name,
    server: asked(running, grant),
    pid: running.pid,
    targets,
  });
  return {
    comparison: {
      what: `${WHAT}, time`,
      against: AGAINST,
      by: 'latency',
      wanted: WANTED,
      ours: side(WHAT, old),
      theirs: side(AGAINST, now),
    },
    absent: [],
  };
}

/** Undefined where the route does not answer 200. */
async function pageAt(running: Running, grant: SetGrant, path: string) {
  const answer = await ask(asked(running, grant), path);
  if (answer.status !== 200) {
    await answer.body?.cancel();
    return undefined;
  }
  const text = await answer.text();
  const ids = ((JSON.parse(text) as Page).data ?? []).map((each) => each.data?.id);
  return { ids, target: { path, length: Buffer.byteLength(text) } };
}
