import { describe, expect, it } from '@jest/globals';
import { Scan } from './scan.js';
import type { Source } from './sources.js';

const key = (n: number) => n.toString(16).padStart(24, '0');

/** A list of so many records, which counts how much of it was read. */
function listOf(length: number): Source & { read: Source['read']; reads: number[] } {
  const all = Array.from({ length }, (_, i) => key(i + 1));
  const reads: number[] = [];
  return {
    reads,
    pin: () => '1',
    read: ({ after, before, limit }) => {
      const rest =
        before === undefined ? all.filter((id) => id > after) : all.filter((id) => id < before).toReversed();
      const part = rest.slice(0, limit);
      reads.push(part.length);
      return Promise.resolve(part.map((id) => ({ scope: {} as never, text: `{"id":"${id}"}` })));
    },
  };
}

const FROM_START = { after: '', before: undefined };
const numberOf = ({ text }: { text: string }) => Number.parseInt(text.slice(7, 31), 16);
const all = (found: readonly { text: string }[]) => found.map(numberOf);
const every = (n: number) => (found: readonly { text: string }[]) =>
  found.map((each) => (numberOf(each) % n === 0 ? numberOf(each) : undefined));

describe('a scan of a whole list', () => {
  it('reads exactly what is asked of it', async () => {
    const source = listOf(50);
    const scan = new Scan(source, all, undefined, FROM_START);
    expect(await scan.take(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(source.reads).toEqual([10]);
    expect(await scan.countRest()).toBe(40);
  });

  it('passes over items, and says when there are not as many', async () => {
    const scan = new Scan(listOf(50), all, undefined, FROM_START);
    expect(await scan.skip(48)).toBe(true);
    expect(await scan.take(10)).toEqual([49, 50]);
    expect(await new Scan(listOf(50), all, undefined, FROM_START).skip(51)).toBe(false);
  });

  it('goes backwards from a place', async () => {
    const scan = new Scan(listOf(50), all, undefined, { after: '', before: key(5) });
    expect(await scan.take(3)).toEqual([4, 3, 2]);
  });
});

describe('a scan that sifts', () => {
  it('reads on until it has found enough, and goes on where it stopped', async () => {
    const scan = new Scan(listOf(1000), every(100), { budget: 5000 }, FROM_START);
    expect(await scan.take(3)).toEqual([100, 200, 300]);
    expect(await scan.take(2)).toEqual([400, 500]);
    expect(await scan.countRest()).toBe(5);
    expect(scan.resume).toBeUndefined();
  });

  it('stops when its budget is spent, and says where', async () => {
    const source = listOf(1000);
    const scan = new Scan(source, every(400), { budget: 600 }, FROM_START);
    expect(await scan.take(2)).toEqual([400]);
    expect(scan.resume).toBe(key(600));
    expect(source.reads.reduce((sum, each) => sum + each, 0)).toBe(600);
    const rest = new Scan(source, every(400), { budget: 600 }, { after: key(600), before: undefined });
    expect(await rest.take(2)).toEqual([800]);
    expect(rest.resume).toBeUndefined();
  });

  it('does not count what it cannot look at', async () => {
    expect(await new Scan(listOf(1000), every(2), { budget: 600 }, FROM_START).countRest()).toBeUndefined();
    expect(await new Scan(listOf(600), every(2), { budget: 1000 }, FROM_START).countRest()).toBe(300);
  });

  it('takes a budget that reaches just to the end for one that is spent: the next page is empty', async () => {
    const scan = new Scan(listOf(600), every(1000), { budget: 600 }, FROM_START);
    expect(await scan.take(1)).toEqual([]);
    expect(scan.resume).toBe(key(600));
  });
});
