import { setTimeout as wait } from 'node:timers/promises';
import type { Problem } from '@hallpass/service-kit';

const LOOK_MS = 40;

/** What admin answers, which is looked for until it is there; whoever waits longer is told what becomes of it. */
export async function answered<T>(
  take: () => Promise<T | undefined>,
  { patience, tooLate }: { patience: AbortSignal; tooLate: () => Problem },
): Promise<T> {
  for (;;) {
    const answer = await take();
    if (answer) return answer;
    if (patience.aborted) throw tooLate();
    await wait(LOOK_MS);
  }
}
