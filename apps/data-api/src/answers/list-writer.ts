import type { RecordId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { pageLinks, selfLink } from '../reading/page-links.js';
import { PageBook, type NumberedPull } from '../reading/page-book.js';
import { tooBroad, type PageQuery } from '../reading/page-query.js';
import { SCAN_BUDGET, type Listing } from '../reading/scan.js';
import { Renderer, type Shown } from '../versions/renderer.js';
import { kindOf, shownId, storedId } from '../versions/view.js';
import { noteServed } from '../wire/served.js';
import { countBody, pageBody } from './bodies.js';
import { isSifted, scanOf, startOf, type ListJob } from './list-job.js';
import { pagingOf, type Paging } from './paging.js';

/** Makes the job, at the picture that is asked for. */
export type MakeJob = (at: string | undefined) => Promise<ListJob>;

/** How many records a numbered page may be counted past, from the last page that is remembered. */
const SKIP_BUDGET = 100_000;

/** Answers a list: a page from a cursor, a page by its number, or how many there are. */
@Injectable()
export class ListWriter {
  constructor(
    private readonly renderer: Renderer,
    private readonly pages: PageBook,
  ) {}

  /** `pullKey` tells one client's pull of one list from all others, for pages that are asked for by number. */
  async write(pullKey: string, query: PageQuery, makeJob: MakeJob): Promise<string> {
    if (query.isCount) {
      const job = await makeJob(query.at);
      return countBody(await this.#countOrRefuse(job), selfLink(job.address));
    }
    if (query.page !== undefined && query.page > 1) return this.#numbered(pullKey, query, makeJob);
    return this.#page(pullKey, await makeJob(query.at));
  }

  async #page(pullKey: string, job: ListJob): Promise<string> {
    const { query } = job;
    const scan = scanOf(job, this.renderer, startOf(job));
    const shown = await scan.take(query.limit);
    const resume = shown.length < query.limit ? scan.resume : undefined;
    if (query.before !== undefined) shown.reverse();
    if (!job.hasPaging || query.hasCursor) return written(job, shown, resume, undefined);
    const count = await this.#countAround(job, shown, scan);
    const paging = count === undefined ? undefined : pagingOf(count, 1, query.limit);
    if (count !== undefined) this.#note(pullKey, job, { count, page: 1, shown });
    return written(job, shown, resume, paging);
  }

  /** Page `n` of pages of `limit`, at the picture of the client's first page as far as that is remembered. */
  async #numbered(pullKey: string, query: PageQuery, makeJob: MakeJob): Promise<string> {
    const pull = query.at === undefined ? this.pages.find(pullKey, Date.now()) : undefined;
    try {
      return await this.#numberedPage(pullKey, await makeJob(query.at ?? pull?.pin), pull);
    } catch (error) {
      if (!pull || !isExpired(error)) throw error;
      this.pages.forget(pullKey);
      return this.#numberedPage(pullKey, await makeJob(undefined), undefined);
    }
  }

  async #numberedPage(pullKey: string, job: ListJob, pull: NumberedPull | undefined): Promise<string> {
    const { limit, page = 1 } = job.query;
    const [passed, after] = nearestEnd(pull, page);
    const toSkip = (page - 1 - passed) * limit;
    const count = pull?.count ?? (await this.#countOrRefuse(job));
    const paging = pagingOf(count, page, limit);
    if (page > Math.ceil(count / limit)) return written(job, [], undefined, paging);
    if (toSkip > SKIP_BUDGET) throw tooBroad(SKIP_BUDGET, 'Follow the `next` links instead of page numbers.');
    const scan = scanOf(job, this.renderer, { after, before: undefined });
    const shown = (await scan.skip(toSkip)) ? await scan.take(limit) : [];
    if (scan.resume !== undefined && shown.length < limit) throw tooBroad(SCAN_BUDGET);
    this.#note(pullKey, job, { count, page, shown });
    return written(job, shown, undefined, paging);
  }

  #note(
    pullKey: string,
    job: ListJob,
    { count, page, shown }: { count: number; page: number; shown: Shown[] },
  ) {
    const last = shown.at(-1);
    if (!last || shown.length < job.query.limit) return;
    const end = storedId(job.view, last.id);
    this.pages.note(pullKey, { pin: job.source.pin(), count }, page, end, Date.now());
  }

  /** How many there are, of which a first page has been read; undefined when that would take too long to find out. */
  async #countAround(
    job: ListJob,
    shown: readonly Shown[],
    scan: Listing<Shown>,
  ): Promise<number | undefined> {
    if (shown.length < job.query.limit && scan.resume === undefined) return shown.length;
    if (job.source.count && !isSifted(job)) return job.source.count();
    const rest = await scan.countRest();
    return rest === undefined ? undefined : shown.length + rest;
  }

  async #countOrRefuse(job: ListJob): Promise<number> {
    if (job.source.count && !isSifted(job)) return job.source.count();
    const count = await scanOf(job, this.renderer, { after: '', before: undefined }).countRest();
    if (count === undefined) throw tooBroad(SCAN_BUDGET);
    return count;
  }
}

async function written(
  job: ListJob,
  shown: readonly Shown[],
  resume: string | undefined,
  paging: Paging | undefined,
): Promise<string> {
  const { call, view, address, query, source, isBare } = job;
  noteServed(call, kindOf(view), shown);
  const links = pageLinks(address, query, {
    ids: shown.map(({ id }) => id),
    resume: resume === undefined ? undefined : shownId(view, resume as RecordId),
    pin: source.pin(),
  });
  const pin = source.pin();
  const isLast = query.before === undefined && shown.length < query.limit && resume === undefined;
  if (isLast && job.handOver && pin !== undefined)
    links.push({ rel: 'events', uri: await job.handOver(pin) });
  return pageBody(view, shown, links, paging, isBare);
}

/** How many pages are passed at the last remembered end before a page, and the stored id there. */
function nearestEnd(pull: NumberedPull | undefined, page: number): [number, string] {
  for (let each = page - 1; each > 0; each -= 1) {
    const end = pull?.ends.get(each);
    if (end !== undefined) return [each, end];
  }
  return [0, ''];
}

/** The remembered picture is no longer kept, or is from before what is shared now. */
function isExpired(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'HP410';
}
