import { firstRow, rows } from '@hallpass/database';
import type { AppId, PlatformEventType } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PlatformEventRow } from './platform-event-body.js';

/** A place in the list: just behind the event of this transaction and number. */
export interface EventPlace {
  xid: string;
  number: string;
}

export interface EventsAsked {
  /** Where to go on, in the order that is asked for. */
  after: EventPlace | undefined;
  since: Date | undefined;
  types: readonly PlatformEventType[];
  limit: number;
}

export interface EventsFound {
  events: PlatformEventRow[];
  /** Where the list goes on: nothing that comes to stand before it is still to come. */
  next: EventPlace;
}

/** What a cursor's place is to what is kept: the place of another history is as lost as one that is pruned. */
type PlaceState = 'kept' | 'pruned';

@Injectable()
export class PlatformEventsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Brings back what another cluster wrote, when this database has been restored from a copy of one. */
  async readmit(): Promise<void> {
    await this.dataSource.query('select readmit_platform_events()');
  }

  /** Whether all that came after the place is still there. */
  async stateOf(appId: AppId, { xid, number }: EventPlace): Promise<PlaceState> {
    const row = await firstRow<{ isKept: boolean }>(
      this.dataSource,
      `select $2::xid8 <= pg_snapshot_xmax(pg_current_snapshot())
         and not exists (select from platform_event_floors f
                         where f.app_id = $1 and (f.xid, f.number) > ($2::xid8, $3::bigint)) "isKept"`,
      [appId, xid, number],
    );
    return row?.isKept ? 'kept' : 'pruned';
  }

  /**
   * The app's events from a place on. It ends below the oldest transaction that is not yet over: what that one writes will
   * stand there, and a cursor beyond it would never come by.
   */
  async read(appId: AppId, { after, since, types, limit }: EventsAsked): Promise<EventsFound> {
    const found = await rows<PlatformEventRow & { xid: string; number: string; end: string }>(
      this.dataSource,
      `with bound as (select pg_snapshot_xmin(pg_current_snapshot()) as xmin)
       select e.id, e.type, e.at, e.district_id "districtId", e.data, e.xid::text, e.number::text, b.xmin::text "end"
       from bound b left join lateral (
         select * from platform_events p
         where p.app_id = $1 and p.xid < b.xmin and (p.xid, p.number) > ($2::xid8, $3::bigint)
           and ($4::timestamptz is null or p.at >= $4) and ($5::text[] = '{}' or p.type = any ($5))
         order by p.xid, p.number limit $6) e on true
       order by e.xid, e.number`,
      [appId, after?.xid ?? '0', after?.number ?? '0', since ?? null, types, limit],
    );
    const [first] = found;
    if (!first) throw new Error('no snapshot');
    const events = found.filter(({ id }) => id !== null);
    const last = events.at(-1);
    const next = last && events.length === limit ? last : endOf(first.end, after);
    return { events, next: { xid: next.xid, number: next.number } };
  }

  /** The app's events before a place, or the latest of all: the latest first. */
  async latest(appId: AppId, { after, since, types, limit }: EventsAsked): Promise<EventsFound> {
    const events = await rows<PlatformEventRow & EventPlace>(
      this.dataSource,
      `select id, type, at, district_id "districtId", data, xid::text, number::text
       from platform_events
       where app_id = $1 and ($2::xid8 is null or (xid, number) < ($2::xid8, $3::bigint))
         and ($4::timestamptz is null or at >= $4) and ($5::text[] = '{}' or type = any ($5))
       order by platform_events.xid desc, platform_events.number desc limit $6`,
      [appId, after?.xid ?? null, after?.number ?? null, since ?? null, types, limit],
    );
    const { xid, number } = events.at(-1) ?? after ?? { xid: '0', number: '0' };
    return { events, next: { xid, number } };
  }

  /**
   * Forgets events from before then, with what became of their deliveries, in short transactions; how many. A cursor that
   * has not come by them is told so.
   */
  async prune(before: Date): Promise<number> {
    let total = 0;
    for (;;) {
      const gone = await firstRow<{ count: number }>(
        this.dataSource,
        `with gone as (
           delete from platform_events
           where id in (select id from platform_events where at < $1 order by at limit 5000)
           returning app_id, xid, number),
         floors as (
           insert into platform_event_floors (app_id, xid, number)
           select distinct on (app_id) app_id, xid, number from gone order by app_id, xid desc, number desc
           on conflict (app_id) do update set xid = excluded.xid, number = excluded.number
           where (platform_event_floors.xid, platform_event_floors.number) < (excluded.xid, excluded.number))
         select count(*)::int count from gone`,
        [before],
      );
      total += gone?.count ?? 0;
      if ((gone?.count ?? 0) < 5000) return total;
    }
  }
}

/** Everything below the oldest open transaction has been seen; a place further on, which is another's, stays. */
function endOf(xid: string, after: EventPlace | undefined): EventPlace {
  return after && BigInt(after.xid) >= BigInt(xid) ? after : { xid, number: '0' };
}
