import { setTimeout as pause } from 'node:timers/promises';
import {
  ApiError,
  ConnectionError,
  type HallpassApp,
  type PlatformEvent,
  RateLimitedError,
  UnavailableError,
} from '@hallpass/client';

const WAIT_SECONDS = 25;
const PAUSE_FIRST_MS = 500;
const PAUSE_LAST_MS = 10_000;

export interface ListeningOptions {
  /** From when on; what came before is left out. */
  since: string;
  types?: readonly string[] | undefined;
  /** Ends it. */
  signal: AbortSignal;
  /** Says what a person should know of the listening itself. */
  say: (line: string) => void;
}

/**
 * Every event from an instant on, as it happens, until it is ended. While the token service is away it is asked again, and
 * goes on from where it was: without an end, so the app's own budget has to be none.
 */
export async function* listening(
  app: HallpassApp,
  { since, types, signal, say }: ListeningOptions,
): AsyncGenerator<PlatformEvent> {
  let after: string | undefined;
  let pauseMs = 0;
  while (!signal.aborted) {
    try {
      const page = await app.platformEvents({ after, since, types, wait: WAIT_SECONDS, signal });
      if (pauseMs > 0) say('The token service answers again.');
      pauseMs = 0;
      yield* page.data;
      after = page.next;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.code === 'platform-events-expired' && after) {
        say('Some events are no longer kept, and are missing here. Going on with the oldest that is.');
        after = undefined;
        continue;
      }
      const isAway =
        error instanceof ConnectionError ||
        error instanceof RateLimitedError ||
        error instanceof UnavailableError;
      if (!isAway) throw error;
      const why = error instanceof ApiError ? (error.problem.title ?? error.message) : error.message;
      if (pauseMs === 0) say(`${why}: trying again until it answers.`);
      pauseMs = Math.min(Math.max(pauseMs * 2, PAUSE_FIRST_MS), PAUSE_LAST_MS);
      const askedMs = error instanceof ApiError ? error.retryAfterMs : undefined;
      await pause(askedMs ?? pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
