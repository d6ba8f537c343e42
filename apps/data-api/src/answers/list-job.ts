import { SORT_BUDGET, SortedScan } from '../reading/sorted-scan.js';
import { SCAN_BUDGET, Scan, type Listing, type ScanStart } from '../reading/scan.js';
import type { Address } from '../reading/page-links.js';
import { AFTER_ALL_IDS, type PageQuery } from '../reading/page-query.js';
import type { Found, Source } from '../reading/sources.js';
import { documentOf, type RenderOptions, type Renderer, type Shown } from '../versions/renderer.js';
import type { Selector } from '../versions/fields.js';
import { storedId, type View } from '../versions/view.js';
import type { RosterCall } from './roster-call.js';
import type { RecordId } from '@hallpass/domain';
import type { Order } from '../where/sort.js';
import type { Where } from '../where/where.js';

/** A list about to be answered: where it is read, how it is shown, and what was asked of it. */
export interface ListJob {
  call: RosterCall;
  view: View;
  address: Address;
  query: PageQuery;
  source: Source;
  render: RenderOptions;
  where: Where | undefined;
  sort: Order | undefined;
  fields: Selector | undefined;
  /** Items come without their address. */
  isBare: boolean;
  /** Where the events after the picture are told, for the last page of a whole list. */
  handOver: ((pin: string) => Promise<string>) | undefined;
  hasPaging: boolean;
}

/** Whether only some of what is read belongs in the list. */
export function isSifted({ where, render }: ListJob): boolean {
  return where !== undefined || render.keeps !== undefined;
}

/** The place that the query names, by stored ids. */
export function startOf({ view, query }: ListJob): ScanStart {
  const stored = (id: string) => (id === '' || id === AFTER_ALL_IDS ? id : storedId(view, id as RecordId));
  return {
    after: stored(query.after),
    before: query.before === undefined ? undefined : stored(query.before),
  };
}

/** Reads the list from there, showing what belongs in it. */
export function scanOf(job: ListJob, renderer: Renderer, start: ScanStart): Listing<Shown> {
  const { view, render, where, sort, fields, source } = job;
  const isIn =
    where && ((each: Shown | undefined) => (each && where.matches(documentOf(each)) ? each : undefined));
  const pick = async (found: readonly Found[]) => {
    const shown = await renderer.render(view, found, render);
    const wanted = isIn ? shown.map(isIn) : shown;
    return fields ? wanted.map((each) => each && { ...each, body: fields(documentOf(each)) }) : wanted;
  };
  if (!sort) return new Scan(source, pick, isSifted(job) ? { budget: SCAN_BUDGET } : undefined, start);
  const whole = new Scan(source, pick, { budget: SORT_BUDGET }, { after: '', before: undefined });
  const order = (a: Shown, b: Shown) => sort(documentOf(a), documentOf(b));
  return new SortedScan(whole, { order, idOf: ({ id }) => storedId(view, id) }, start);
}
