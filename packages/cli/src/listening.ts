import { setTimeout as pause } from 'node:timers/promises';
import { AdminError } from './admin-error.js';
import { type EventsClient, type PlatformEvent, UnavailableError } from './events-client.js';

const WAIT_SECONDS = 25;
const PAUSE_FIRST_MS = 500;
const PAUSE_LAST_MS = 10_000;

export interface ListeningOptions {
  /** From when on; what came before is left out. */
  since: string;
  types?: string | undefined;
  /** Ends it. */
  signal: AbortSignal;
  /** Says what a person should know of the listening itself. */
  say: (line: string) => void;
}

/**
 * Every event from an instant on, as it happens, until it is ended. While the token service is away it is asked again, and
 * goes on from where it was.
 */
export async function* listening(
  client: EventsClient,
  { since, types, signal, say }: ListeningOptions,
): AsyncGenerator<PlatformEvent> {
  let after: string | undefined;
  let pauseMs = 0;
  while (!signal.aborted) {
    try {
      const page = await client.list({ after, since, types, wait: WAIT_SECONDS }, signal);
      if (pauseMs > 0) say('The token service answers again.');
      pauseMs = 0;
      yield* page.data;
      after = page.next;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof AdminError && error.problem.code === 'platform-events-expired' && after) {
        say('Some events are no longer kept, and are missing here. Going on with the oldest that is.');
        after = undefined;
      } else if (error instanceof UnavailableError) {
        if (pauseMs === 0) say(`${error.message}: trying again until it answers.`);
        pauseMs = Math.min(Math.max(pauseMs * 2, PAUSE_FIRST_MS), PAUSE_LAST_MS);
        await pause(error.retryAfterMs ?? pauseMs, undefined, { signal }).catch(() => undefined);
      } else throw error;
    }
  }
}
