import { setTimeout as wait } from 'node:timers/promises';
import { Problem } from '@hallpass/service-kit';

const LOOK_MS = 40;

/** What admin answers, which is looked for until it is there; whoever waits longer is told to come back. */
export async function answered<T>(
  take: () => Promise<T | undefined>,
  { patienceMs, detail }: { patienceMs: number; detail: string },
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await take();
    if (answer) return answer;
    if (performance.now() > deadline)
      throw new Problem('storage-unavailable', { detail, headers: { 'retry-after': '5' } });
    await wait(LOOK_MS);
  }
}
