import { DomainError, PLATFORM_EVENT_RETENTION_DAYS, type AppId } from '@hallpass/domain';
import { Problem } from '@hallpass/service-kit';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { readCursor, writeCursor } from './event-cursor.js';
import { platformEventBody } from './platform-event-body.js';
import { PlatformEventSignal } from './platform-event-signal.js';
import type { EventsQuery, PlatformEventsResponse } from './platform-events.dto.js';
import { PlatformEventsRepository, type EventPlace, type EventsFound } from './platform-events.repository.js';

/** While an older transaction is open, what was written after it is not listed: it is looked for again so often. */
const LOOK_AGAIN_MS = 1000;
/** Callers that a process lets wait; whoever comes beyond is answered at once. */
const WAITING_MAX = 500;

@Injectable()
export class PlatformEventsService implements OnModuleInit {
  #waiting = 0;

  constructor(
    private readonly events: PlatformEventsRepository,
    private readonly signal: PlatformEventSignal,
  ) {}

  onModuleInit(): Promise<void> {
    return this.events.readmit();
  }

  /** The app's events behind the cursor; when there are none, as soon as there are, for as long as it is asked to wait. */
  async list(appId: AppId, query: EventsQuery, until: AbortSignal): Promise<PlatformEventsResponse> {
    const after = query.after === undefined ? undefined : readCursor(query.after);
    if (query.order === 'latest') return this.#latest(appId, after, query);
    if (after && (await this.events.stateOf(appId, after)) === 'pruned')
      throw new DomainError(
        'platform-events-expired',
        `Events are kept for ${PLATFORM_EVENT_RETENTION_DAYS} days, and some behind this cursor are gone. Look at the app’s grants and tokens anew, and go on without \`after\`.`,
      );
    const { types, limit } = query;
    const since = query.since === undefined ? undefined : new Date(query.since);
    let found = await this.events.read(appId, { after, since, types, limit });
    if (found.events.length === 0 && query.wait > 0 && this.#waiting < WAITING_MAX)
      found = await this.#wait(found, query.wait, until, (place) =>
        this.events.read(appId, { after: place, since, types, limit }),
      );
    return { data: found.events.map(platformEventBody), next: writeCursor(found.next) };
  }

  /** Whoever looks back misses nothing by what is kept no longer: the list ends there. */
  async #latest(
    appId: AppId,
    after: EventPlace | undefined,
    { types, limit, since, wait }: EventsQuery,
  ): Promise<PlatformEventsResponse> {
    if (wait > 0)
      throw new Problem('request-invalid', {
        detail: '`wait` is for a list that goes on. Leave it out, or `order`.',
      });
    const found = await this.events.latest(appId, {
      after,
      since: since === undefined ? undefined : new Date(since),
      types,
      limit,
    });
    return { data: found.events.map(platformEventBody), next: writeCursor(found.next) };
  }

  async #wait(
    found: EventsFound,
    seconds: number,
    until: AbortSignal,
    read: (after: EventsFound['next']) => Promise<EventsFound>,
  ): Promise<EventsFound> {
    const ends = AbortSignal.any([until, this.signal.ended, AbortSignal.timeout(seconds * 1000)]);
    let latest = found;
    this.#waiting += 1;
    try {
      while (latest.events.length === 0 && !ends.aborted) {
        await this.signal.next(LOOK_AGAIN_MS, ends);
        latest = await read(latest.next);
      }
    } finally {
      this.#waiting -= 1;
    }
    return latest;
  }
}
