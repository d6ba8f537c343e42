import { describe, expect, it } from '@jest/globals';
import { FairTurns, TURNS_AT_ONCE } from '../src/limits/fair-turns.js';

describe('turns', () => {
  const fill = (turns: FairTurns, appId: string, count: number = TURNS_AT_ONCE.alone) => {
    for (let i = 0; i < count; i += 1) expect(turns.take(appId)).toBeUndefined();
  };

  it('are taken at once while the app has few, however many another has', () => {
    const turns = new FairTurns();
    fill(turns, 'a');
    for (let i = 0; i < 100; i += 1) expect(turns.take('a')).toBeInstanceOf(Promise);
    fill(turns, 'b', TURNS_AT_ONCE.besideOthers);
    expect(turns.take('b')).toBeInstanceOf(Promise);
  });

  it('are fewer while another app has any, and as many as before afterwards', async () => {
    const turns = new FairTurns();
    fill(turns, 'a');
    fill(turns, 'b', 1);
    const waiting = [1, 2, 3, 4].map(() => turns.take('a'));
    let running = 0;
    for (const each of waiting) void each?.then(() => (running += 1));
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    turns.leave('a');
    turns.leave('a');
    await settled();
    expect(running).toBe(0);
    turns.leave('b');
    turns.leave('a');
    await settled();
    expect(running).toBe(3);
  });

  it('go to those who wait, in the order in which they came', async () => {
    const turns = new FairTurns();
    fill(turns, 'a');
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (i) => {
      await turns.take('a');
      order.push(i);
    });
    turns.leave('a');
    turns.leave('a');
    await Promise.all(waiting.slice(0, 2));
    expect(order).toEqual([1, 2]);
    expect(turns.take('a')).toBeInstanceOf(Promise);
  });

  it('leave nothing behind when all are over', async () => {
    const turns = new FairTurns();
    fill(turns, 'a');
    const waiting = turns.take('a');
    for (let i = 0; i <= TURNS_AT_ONCE.alone; i += 1) turns.leave('a');
    await waiting;
    expect(turns.size).toBe(0);
  });
});

describe('refusals', () => {
  const now = Date.now();

  it('are told at once to whoever asks now and then', () => {
    const turns = new FairTurns();
    expect([0, 10, 20, 30].map((ms) => turns.refuse('a', now + ms))).toEqual([0, 0, 0, 0]);
  });

  it('are told ever later to whoever goes on asking, and never later than a second', () => {
    const turns = new FairTurns();
    const waits = Array.from({ length: 300 }, () => turns.refuse('a', now));
    expect(waits.slice(0, 4)).toEqual([0, 5, 10, 15]);
    expect(Math.max(...waits)).toBe(1000);
    expect(turns.refuse('b', now)).toBe(0);
    expect(turns.refuse('a', now + 3000)).toBe(0);
  });
});
