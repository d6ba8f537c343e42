import { describe, expect, it } from '@jest/globals';
import type { ServedRecords, Usage, UsageCalls } from '@hallpass/database';
import { RECORD_KINDS } from '@hallpass/domain';
import fc from 'fast-check';
import { UsageBuffer } from '../src/index.js';

const id = fc.constantFrom(...['a', 'b', 'c'].map((letter) => letter.repeat(24)));
const counts = { calls: fc.integer({ min: 0, max: 9 }), records: fc.integer({ min: 0, max: 999 }) };
const type = fc.constantFrom('token', 'api-key');
const calls = fc.record({
  minute: fc.constantFrom(0, 1, 2).map((minute) => new Date(minute * 60_000)),
  app: id,
  district: fc.constant(''),
  type: fc.constant('api-key'),
  id,
  route: fc.constantFrom('GET /v3.0/users', 'GET /v3.0/users/:id'),
  status: fc.constantFrom(200, 304, 401, 429),
  ...counts,
}) as unknown as fc.Arbitrary<UsageCalls>;
const served = fc.record({
  day: fc.constantFrom('2026-09-30', '2026-10-01'),
  app: id,
  district: id,
  type,
  kind: fc.constantFrom(...RECORD_KINDS),
  ...counts,
}) as unknown as fc.Arbitrary<ServedRecords>;
const given = fc.array(fc.oneof(calls, served), { maxLength: 60 });

const isCalls = (each: UsageCalls | ServedRecords): each is UsageCalls => 'route' in each;
const add = (buffer: UsageBuffer, each: UsageCalls | ServedRecords) =>
  isCalls(each) ? buffer.addCalls({ ...each }) : buffer.addServed({ ...each });
/** What it comes to, however it is split into rows. */
const sums = (rows: Iterable<UsageCalls | ServedRecords>) => {
  const sum = new Map<string, [number, number]>();
  for (const { calls: some, records, ...key } of rows) {
    // A credential is of one app.
    const { app: _app, ...rest } = key as { app: string };
    const name = JSON.stringify('route' in key ? rest : key);
    const [a, b] = sum.get(name) ?? [0, 0];
    sum.set(name, [a + some, b + records]);
  }
  return new Map([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
};
const rowsOf = (usage: Usage) => [...usage.calls, ...usage.served];

describe('the usage buffer', () => {
  it('comes to the same in whatever order, however often it is drained, and when what was drained is taken back', () => {
    fc.assert(
      fc.property(given, fc.array(fc.constantFrom('drain', 'restore', 'go on')), (all, doings) => {
        const buffer = new UsageBuffer();
        const written: (UsageCalls | ServedRecords)[] = [];
        all.forEach((each, i) => {
          add(buffer, each);
          const doing = doings[i];
          if (doing === 'drain') written.push(...rowsOf(buffer.drain()));
          if (doing === 'restore') buffer.restore(buffer.drain());
        });
        const rows = rowsOf(buffer.drain());
        expect(sums([...written, ...rows])).toEqual(sums(all));
        expect(buffer.size).toBe(0);
        expect(buffer.lost).toBe(0);
      }),
    );
  });

  it('holds one row for equal calls, and says how many there are', () => {
    fc.assert(
      fc.property(given, (all) => {
        const buffer = new UsageBuffer();
        for (const each of all) add(buffer, each);
        const { size } = buffer;
        const rows = rowsOf(buffer.drain());
        expect(rows).toHaveLength(size);
        expect(sums(rows).size).toBe(size);
      }),
    );
  });

  it('keeps no more rows than it may, adds to those that it has, and counts what it loses', () => {
    const buffer = new UsageBuffer(2);
    const row = (status: number) =>
      ({
        minute: new Date(0),
        app: 'a',
        district: '',
        type: 'token',
        id: 'b',
        route: 'GET /',
        status,
        calls: 3,
        records: 1,
      }) as unknown as UsageCalls;
    for (const status of [200, 401, 404, 200, 404]) buffer.addCalls(row(status));
    expect([buffer.size, buffer.lost]).toEqual([2, 6]);
    expect(buffer.drain().calls.map(({ status, calls: each }) => [status, each])).toEqual([
      [200, 6],
      [401, 3],
    ]);
    buffer.addCalls(row(404));
    expect([buffer.size, buffer.lost]).toEqual([1, 6]);
  });
});
