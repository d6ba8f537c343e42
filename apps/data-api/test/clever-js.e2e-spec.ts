import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { legacyIdOf } from '@hallpass/domain';
import { student, type TestDistrict } from '@hallpass/database/testing';
import { TestDataApi } from './fixtures.js';
import { fullRoster } from './full-roster.js';

// Unmodified releases of the npm package `clever`, pointed at a listening service by their base URL alone.
const RELEASES = ['clever-0.11', 'clever-0.12'];

interface Call {
  auth: string | { token: string };
  of: 'District' | 'School' | 'Section' | 'Student' | 'Teacher';
  call: 'find' | 'count' | 'byId' | 'stream';
  id?: string;
  /** A list at another path than the collection's. */
  path?: string;
  conditions?: object;
  options?: { limit?: number; starting_after?: string; ending_before?: string };
}
interface Found {
  isOfClass: boolean;
  data: { id: string; [field: string]: unknown };
}

let api: TestDataApi;
let base: string;
let district: TestDistrict;
let credentials: [string, Call['auth'], number][];

beforeAll(async () => {
  api = await TestDataApi.start();
  base = await api.listen();
  const crowd = Array.from({ length: 23 }, (_, i) => student(`c${i}`, ['A']));
  district = await api.directory.district([...fullRoster(), ...crowd]);
  const app = await api.directory.app();
  const { token } = await api.directory.grant(app, district);
  await api.directory.grant(app, await api.directory.district(fullRoster()));
  credentials = [
    ['a token', { token }, 25],
    ['a key of two districts', app.apiKey, 27],
  ];
});
afterAll(() => api.stop());

/** A program of a partner's, in a process of its own. */
class Partner {
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(release: string) {
    const script = fileURLToPath(new URL('clever-client.mjs', import.meta.url));
    this.#program = spawn(process.execPath, ['--no-deprecation', script, release, base]);
    this.#lines = createInterface({ input: this.#program.stdout })[Symbol.asyncIterator]();
  }

  /** What the package answers its caller. */
  async ask<T>(call: Call): Promise<{ answer: T; error?: string; body?: { error: string } }> {
    this.#program.stdin.write(`${JSON.stringify(call)}\n`);
    const { value } = await this.#lines.next();
    return JSON.parse(String(value)) as { answer: T };
  }

  stop(): void {
    this.#program.kill();
  }
}

describe.each(RELEASES)('%s', (release) => {
  let partner: Partner;
  beforeAll(() => {
    partner = new Partner(release);
  });
  afterAll(() => partner.stop());

  it('streams a whole list, page after page, and counts the same', async () => {
    for (const [name, auth, total] of credentials) {
      const call: Call = { auth, of: 'Student', call: 'stream', options: { limit: 4 } };
      const { answer } = await partner.ask<Found[]>(call);
      const ids = answer.map(({ data }) => data.id);
      expect([name, ids.length, ids]).toEqual([name, total, [...new Set(ids)].sort()]);
      expect(answer.every(({ isOfClass }) => isOfClass)).toBe(true);
      expect(await partner.ask({ auth, of: 'Student', call: 'count' })).toEqual({ answer: total });
    }
  });

  it('streams and counts what a condition finds', async () => {
    for (const [, auth] of credentials) {
      const conditions = { sis_id: { $regex: '^c' } };
      const call: Call = { auth, of: 'Student', call: 'stream', conditions, options: { limit: 5 } };
      expect((await partner.ask<Found[]>(call)).answer).toHaveLength(23);
      const named: Call = { auth, of: 'Student', call: 'count', conditions: { 'name.last': 'Pupil' } };
      expect(await partner.ask(named)).toEqual({ answer: 23 });
    }
  });

  it('finds records of every class by id, and nothing for an id that is not there', async () => {
    for (const [, auth] of credentials) {
      const ids: [Call['of'], string][] = [
        ['District', district.id],
        ['School', district.idOf('school', 'A')],
        ['Section', district.idOf('section', 'sec')],
        ['Student', district.idOf('user', 's1')],
        ['Teacher', legacyIdOf('teacher', district.idOf('user', 't1'))],
      ];
      for (const [of, id] of ids) {
        const { answer } = await partner.ask<Found>({ auth, of, call: 'byId', id });
        expect([of, answer.isOfClass, answer.data.id]).toEqual([of, true, id]);
        const absent: Call = { auth, of, call: 'byId', id: 'f'.repeat(24) };
        expect(await partner.ask(absent)).toEqual({ answer: null });
      }
    }
  });

  it('reads from the end, and on from a record', async () => {
    const [[, auth]] = credentials as [[string, Call['auth'], number]];
    const students: Call = { auth, of: 'Student', call: 'find' };
    const idsOf = async (options: Call['options']) =>
      (await partner.ask<Found[]>({ ...students, options: options ?? {} })).answer.map(({ data }) => data.id);
    const all = await idsOf({});
    expect(await idsOf({ limit: 2, ending_before: 'last' })).toEqual(all.slice(-2));
    expect(await idsOf({ starting_after: all.at(-2) ?? '' })).toEqual(all.slice(-1));
  });

  it('reads a sub-list, whose items it takes for what they are', async () => {
    const [[, auth]] = credentials as [[string, Call['auth'], number]];
    const path = `/v1.2/schools/${district.idOf('school', 'A')}/students`;
    const call: Call = { auth, of: 'Student', path, call: 'stream', options: { limit: 6 } };
    const { answer } = await partner.ask<Found[]>(call);
    expect(answer).toHaveLength(24);
    expect(answer.every(({ isOfClass }) => isOfClass)).toBe(true);
  });

  it('is told why it may not', async () => {
    const stranger = await partner.ask({ auth: { token: 'nonsense' }, of: 'Student', call: 'find' });
    expect(stranger.error).toBe('received statusCode 401 instead of 200');
    const [[, auth]] = credentials as [[string, Call['auth'], number]];
    const refused = await partner.ask({ auth, of: 'Student', call: 'find', conditions: { shoe_size: '9' } });
    expect(refused.body?.error).toContain('shoe_size');
  });
});
