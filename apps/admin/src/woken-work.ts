import { setTimeout as wait } from 'node:timers/promises';
import { ChannelListener } from '@hallpass/database';
import { Logger } from '@nestjs/common';

/** How often it is looked whether something was missed, in ms. */
const LOOK = 5000;
/** How long after a failure the work is tried again, in ms. */
const PAUSE = 1000;
/** How long a turn is waited for when the service stops; one that takes longer is taken up at the next start. */
const PATIENCE = 5000;

/**
 * Work that is done whenever a channel of the database says that there is some, until it is closed: one turn after another or, where
 * `isAtOnce`, each at once, beside those that are under way.
 */
export class WokenWork {
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #listener: ChannelListener;
  #wake: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();
  readonly #beside = new Set<Promise<void>>();

  constructor(
    place: { url: string; channel: string },
    private readonly turn: () => Promise<void>,
    private readonly options: { isAtOnce?: boolean } = {},
  ) {
    this.#logger = new Logger(place.channel);
    this.#listener = new ChannelListener({ ...place, service: 'admin' }, () => this.#wake());
  }

  async open(): Promise<void> {
    await this.#listener.open();
    this.#working = this.#work();
  }

  /** Resolves when the turn that is under way has ended, or takes long. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#listener.close();
    const all = Promise.all([this.#working, ...this.#beside]);
    await Promise.race([all, wait(PATIENCE, undefined, { ref: false })]);
  }

  /** Says what went wrong, unless it is that the service stops. */
  log(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#logger.error({ stack: stackOf(error) });
  }

  #begin(): void {
    const turn = this.turn()
      .catch((error: unknown) => this.log(error))
      .finally(() => this.#beside.delete(turn));
    this.#beside.add(turn);
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // Asked for before it is looked: what comes in between is not missed.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        if (this.options.isAtOnce) this.#begin();
        else await this.turn();
      } catch (error) {
        this.log(error);
        await pause(PAUSE, signal);
        continue;
      }
      await Promise.race([woken, pause(LOOK, signal)]);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** Of several failures that of the first. */
function stackOf(error: unknown): string | undefined {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.stack : undefined;
}
