import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Hallpass, HallpassError, KINDS, type Kind, type SyncStep } from '../src/index.js';
import { type Fate, type Picture, RosterServer } from './roster-server.js';
import { VirtualClock } from './virtual-clock.js';

const server = new RosterServer();
let url: string;

beforeAll(async () => {
  url = await server.start();
});
afterAll(() => server.stop());

/** What a partner keeps: rows with the mark of the pull, and the checkpoint. */
class Copy {
  readonly rows = new Map<string, { kind: Kind; data: unknown; pull: string }>();
  checkpoint: string | undefined;

  apply({ upserts, deletes, isComplete, pull }: SyncStep): void {
    for (const { kind, id, data } of upserts) this.rows.set(`${kind} ${id}`, { kind, data, pull });
    for (const { kind, id } of deletes) this.rows.delete(`${kind} ${id}`);
    if (isComplete) for (const [key, row] of this.rows) if (row.pull !== pull) this.rows.delete(key);
  }

  get picture(): Record<string, unknown> {
    return Object.fromEntries([...this.rows].map(([key, { data }]) => [key, data]));
  }
}

function flat(picture: Picture, kinds: readonly Kind[] = KINDS): Record<string, unknown> {
  return Object.fromEntries(
    kinds.flatMap((kind) => [...picture[kind]].map(([id, doc]) => [`${kind} ${id}`, doc])),
  );
}

function client(): Hallpass {
  return new Hallpass({ token: 'hptok_test', url, clock: new VirtualClock() });
}

const fate = fc.constantFrom<Fate>(
  'served',
  'served',
  'served',
  'limited',
  'away',
  'cut',
  'cut in the body',
  'a change first',
  'a prune first',
);

describe('sync', () => {
  it('ends with the server’s picture, whatever happens on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(13), { minLength: KINDS.length, maxLength: KINDS.length }),
        fc.array(fate, { maxLength: 80, size: 'max' }),
        fc.array(fc.nat(5000), { minLength: 1, maxLength: 20 }),
        // When the process that syncs dies, and whether the last checkpoint was still kept.
        fc.array(fc.tuple(fc.nat(8), fc.boolean()), { maxLength: 6, size: 'max' }),
        fc.integer({ min: 1, max: 7 }),
        async (sizes, fates, changes, deaths, pageSize) => {
          server.reset(sizes);
          [server.fates, server.changes] = [[...fates], [...changes]];
          const copy = new Copy();
          for (const [steps, isKept] of [...deaths, [Infinity, true] as const]) {
            let left = steps;
            try {
              for await (const step of client().sync({ checkpoint: copy.checkpoint, pageSize })) {
                copy.apply(step);
                if (left > 0 || isKept) copy.checkpoint = step.checkpoint;
                if (left === 0) break;
                left -= 1;
              }
            } catch (error) {
              // Too much trouble for one budget, or pictures that go faster than they are read: it is run again later.
              if (!(error instanceof HallpassError)) throw error;
            }
          }
          // What was left of the fates must not change what this last look compares.
          server.fates = [];
          for await (const step of client().sync({ checkpoint: copy.checkpoint, pageSize })) {
            copy.apply(step);
            copy.checkpoint = step.checkpoint;
          }
          expect(copy.picture).toEqual(flat(server.picture));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('reads all kinds of one picture, although it changes between them', async () => {
    server.reset([3, 3, 3, 3, 3, 3]);
    server.changes = [8, 16, 24, 100, 200, 300, 1000];
    const before = flat(server.picture);
    server.fates = Array.from({ length: 40 }, (_, i) => (i === 0 ? 'served' : 'a change first'));
    const copy = new Copy();
    for await (const step of client().sync({ pageSize: 2 })) {
      if (step.phase === 'changes') break;
      copy.apply(step);
    }
    expect(copy.picture).toEqual(before);
    expect(flat(server.picture)).not.toEqual(before);
  });

  it('loses nothing of a roster that was empty when the pull began', async () => {
    server.reset([0, 0, 0, 0, 0, 0]);
    server.changes = Array.from({ length: 60 }, (_, i) => i * 7 + 1);
    server.fates = Array.from({ length: 15 }, (_, i) => (i < KINDS.length ? 'served' : 'a change first'));
    const copy = new Copy();
    for await (const step of client().sync({ pageSize: 50 })) copy.apply(step);
    expect(copy.picture).toEqual(flat(server.picture));
    expect(copy.rows.size).toBeGreaterThan(0);
  });

  it('asks for nothing twice after a full pull', async () => {
    server.reset([2, 0, 0, 5, 0, 0]);
    const copy = new Copy();
    for await (const { checkpoint } of client().sync({})) copy.checkpoint = checkpoint;
    server.requests = [];
    for await (const step of client().sync({ checkpoint: copy.checkpoint })) copy.apply(step);
    expect([copy.rows.size, server.requests]).toEqual([
      0,
      [`/v3.1/events?starting_after=00000000${'f'.repeat(16)}&limit=1000`],
    ]);
  });

  it('goes on in the middle of a pull, in another process', async () => {
    server.reset([0, 0, 0, 9, 0, 0]);
    const copy = new Copy();
    for await (const step of client().sync({ kinds: ['users'], pageSize: 4 })) {
      copy.apply(step);
      copy.checkpoint = step.checkpoint;
      break;
    }
    server.requests = [];
    for await (const step of client().sync({ checkpoint: copy.checkpoint, kinds: ['users'], pageSize: 4 }))
      copy.apply(step);
    expect(server.requests[0]).toContain(`starting_after=${'4'.padStart(24, '0')}&at=0`);
    expect(copy.picture).toEqual(flat(server.picture));
  });

  it('pulls everything anew when other kinds are wanted, and drops what is not', async () => {
    server.reset([2, 0, 0, 5, 0, 0]);
    const copy = new Copy();
    for await (const step of client().sync({})) {
      copy.apply(step);
      copy.checkpoint = step.checkpoint;
    }
    for await (const step of client().sync({ checkpoint: copy.checkpoint, kinds: ['users'] }))
      copy.apply(step);
    expect(copy.picture).toEqual(flat(server.picture, ['users']));
  });

  it.each(['', '{}', 'not a checkpoint', '{"v":2}'])('refuses the checkpoint %j', async (checkpoint) => {
    await expect(client().sync({ checkpoint }).next()).rejects.toThrow(TypeError);
  });

  it('does not put the token into a checkpoint', async () => {
    server.reset([1, 1, 1, 1, 1, 1]);
    for await (const { checkpoint } of client().sync({})) expect(checkpoint).not.toContain('hptok');
  });
});
