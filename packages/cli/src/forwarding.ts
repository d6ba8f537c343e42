import { randomBytes } from 'node:crypto';
import type { PlatformEvent } from '@hallpass/client';
import { Webhook } from 'standardwebhooks';

const CALL_MS = 15_000;

/** Hands events on to an address of one's own machine, signed just as the token service signs them. */
export class Forwarding {
  /** Verifies them; made anew each time. */
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  readonly #webhook = new Webhook(this.secret);

  constructor(readonly url: string) {}

  /** What the receiver answered, in words. */
  async send(event: PlatformEvent, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify(event);
    const at = new Date();
    const began = performance.now();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': this.#webhook.sign(event.id, at, body),
    };
    try {
      const ends = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
      const { status } = await fetch(this.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: ends,
      });
      return `${status} (${Math.round(performance.now() - began)} ms)`;
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      return `no answer (${cause?.code ?? (error as Error).name})`;
    }
  }
}
