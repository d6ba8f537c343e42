import type { components } from './api/data-api.js';
import { Listing, type ListOptions } from './listing.js';
import type { Kind } from './resources.js';
import type { CallOptions, Transport } from './transport.js';

/** A change of a record, as one grant is shown it: its `type` is `users.created`, `.updated` or `.deleted`. */
export type RosterEvent = components['schemas']['Event'];

export interface EventsOptions extends ListOptions {
  /** The id of the last event that was applied, or the `eventsAfter` of a full pull; the oldest that is kept, when left out. */
  after?: string | undefined;
  /** Of these kinds alone. */
  kinds?: readonly Kind[] | undefined;
  /** Of what belongs to this school alone. */
  school?: string | undefined;
}

export interface FollowOptions extends Omit<EventsOptions, 'cursor'> {
  /** How long to wait once there is nothing new, in milliseconds; a minute when left out. */
  pollMs?: number | undefined;
}

const POLL_MS = 60_000;

/** What changed in a roster. Kept for 30 days: an older place throws ExpiredCursorError, and everything is pulled anew. */
export class Events {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Those that there are, the oldest first. */
  list({ after, kinds, school, ...options }: EventsOptions = {}): Listing<RosterEvent> {
    const query = { starting_after: after || undefined, record_type: kinds, school };
    return new Listing<RosterEvent>(this.#transport, '/v3.1/events', query, options);
  }

  /** Those that there are and then each as it comes, until the signal ends it. */
  async *follow({ pollMs = POLL_MS, ...options }: FollowOptions = {}): AsyncGenerator<
    RosterEvent,
    void,
    void
  > {
    let { after } = options;
    for (;;) {
      for await (const event of this.list({ ...options, after })) {
        yield event;
        after = event.id;
      }
      await this.#transport.clock.sleep(pollMs, options.signal);
    }
  }

  /** One event. */
  async get(id: string, { signal }: CallOptions = {}): Promise<RosterEvent> {
    const path = `/v3.1/events/${encodeURIComponent(id)}`;
    const { data } = await this.#transport.json<{ data: RosterEvent }>({ path, signal });
    return data;
  }
}
