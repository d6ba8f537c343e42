import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveField, type SourceRecord } from '@hallpass/domain';
import type { TestDistrict } from '@hallpass/database/testing';
import fc from 'fast-check';
import { SORT_BUDGET } from '../src/reading/sorted-scan.js';
import { TestDataApi, basic, bearer } from './fixtures.js';
import { fullRoster } from './full-roster.js';

let api: TestDataApi;
let district: TestDistrict;
let token: string;
let key: string;

interface Student {
  id: string;
  sis_id: string;
  email?: string;
  dob?: string;
  grade?: string;
  name: { last?: string };
}

/** Pupils whose last names come in threes, and of whom every other has an e-mail. */
const pupil = (i: number): SourceRecord => ({
  kind: 'user',
  sourceId: `n${i}`,
  name: { first: `F${i}`, last: `Last${String((i * 7) % 10)}` },
  ...(i % 2 === 0 ? { email: `${30 - i}@alder.example` } : {}),
  roles: { student: { schools: ['A'], grade: String(1 + (i % 12)) as '1', dob: `2012-01-${10 + i}` } },
});

beforeAll(async () => {
  api = await TestDataApi.start();
  const roster = [...fullRoster(), ...Array.from({ length: 19 }, (_, i) => pupil(i))];
  district = await api.directory.district(roster);
  const app = await api.directory.app();
  token = bearer((await api.directory.grant(app, district)).token);
  await api.directory.grant(app, await api.directory.district(fullRoster()));
  key = basic(app.apiKey);
  await api.limitRequests(1_000_000);
});
afterAll(() => api.stop());

const pull = async (query: string, authorization = token): Promise<Student[]> =>
  (await api.pull(`/v1.2/students?${query}`, authorization)).data;
const ids = (students: readonly Student[]) => students.map(({ id }) => id);

type Key = (student: Student) => string | undefined;
/** The order that `sort` promises, from the records in the order of their ids. */
function ordered(students: readonly Student[], keyOf: Key, sign: 1 | -1): Student[] {
  return students.toSorted((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    if (x === y) return 0;
    if (x === undefined) return -sign;
    if (y === undefined) return sign;
    return x < y ? -sign : sign;
  });
}

const FIELDS: Readonly<Record<string, Key>> = {
  'name.last': ({ name }) => name.last,
  email: ({ email }) => email,
  grade: ({ grade }) => grade,
  sis_id: ({ sis_id: sisId }) => sisId,
};

describe('sort', () => {
  it('gives every record once, in the order of the field, whatever the size of pages and whoever asks', async () => {
    const all = { [token]: await pull(''), [key]: await pull('', key) };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(FIELDS)),
        fc.constantFrom(1 as const, -1 as const),
        fc.integer({ min: 1, max: 25 }),
        fc.constantFrom(token, key),
        async (field, sign, limit, caller) => {
          const sorted = await pull(`sort=${sign < 0 ? '-' : ''}${field}&limit=${limit}`, caller);
          expect(ids(sorted)).toEqual(ids(ordered(all[caller] ?? [], FIELDS[field] as Key, sign)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes on by numbers, and backwards from the end', async () => {
    const sorted = ids(await pull('sort=name.last'));
    const { body } = await api.get('/v1.2/students?sort=name.last&limit=5&page=2', token);
    expect(ids(body.data.map(({ data }: { data: Student }) => data))).toEqual(sorted.slice(5, 10));
    expect(body.paging).toEqual({ current: 2, total: Math.ceil(sorted.length / 5), count: sorted.length });
    const last = await api.get('/v1.2/students?sort=name.last&limit=5&ending_before=last', token);
    expect(ids(last.body.data.map(({ data }: { data: Student }) => data))).toEqual(sorted.slice(-5));
    const prev = last.body.links.find(({ rel }: { rel: string }) => rel === 'prev').uri as string;
    const before = await api.get(prev, token);
    expect(ids(before.body.data.map(({ data }: { data: Student }) => data))).toEqual(sorted.slice(-10, -5));
  });

  it('is of what `where` leaves, in sub-lists too, and counts the same', async () => {
    const where = encodeURIComponent(JSON.stringify({ email: { $exists: true }, sis_id: { $regex: '^n' } }));
    const found = await pull(`sort=-email&where=${where}&limit=4`);
    const emails = found.map(({ email = '' }) => email);
    expect(emails).toEqual(emails.toSorted((a, b) => (a < b ? 1 : -1)));
    expect(found).toHaveLength(10);
    const school = `/v1.2/schools/${district.idOf('school', 'A')}/students`;
    const { body } = await api.get(`${school}?sort=-sis_id&limit=2`, token);
    expect(body.data.map(({ data }: { data: Student }) => data.sis_id)).toEqual(['s1', 'n9']);
    const counted = await api.get(`${school}?sort=-sis_id&count=true`, token);
    expect(counted.body.count).toBe(20);
  });

  it('by a field that the grant hides is the order of ids', async () => {
    const hiddenFields = resolveField('student.dob');
    const { token: text } = await api.directory.grant(await api.directory.app(), district, { hiddenFields });
    for (const query of ['sort=dob', 'sort=-dob'])
      expect(ids(await pull(query, bearer(text)))).toEqual(ids(await pull('', bearer(text))));
    expect(ids(await pull('sort=-dob'))).not.toEqual(ids(await pull('')));
  });

  it.each(['shoe', 'name', 'schools', 'name.last.length', '__proto__', 'frl_status', '--email'])(
    '400 for %s, with the fields there are',
    async (field) => {
      const { status, body } = await api.get(`/v1.2/students?sort=${field}`, token);
      expect([status, body.code, body.faults[0].field]).toEqual([400, 'request-invalid', 'sort']);
      expect(body.error).toContain('name.last');
    },
  );

  it('400 for a cursor that names nothing in the list', async () => {
    const { status, body } = await api.get(
      `/v1.2/students?sort=email&starting_after=${'a'.repeat(24)}`,
      token,
    );
    expect([status, body.code]).toEqual([400, 'cursor-invalid']);
  });

  it('400 for a list of more than it may look at', async () => {
    const many = Array.from({ length: SORT_BUDGET + 1 }, (_, i): SourceRecord => ({
      kind: 'user',
      sourceId: `m${i}`,
      name: { last: String(i) },
      roles: { student: { schools: ['B'] } },
    }));
    const large = await api.directory.district([...fullRoster(), ...many]);
    const grant = await api.directory.grant(await api.directory.app(), large);
    const { status, body } = await api.get('/v1.2/students?sort=email', bearer(grant.token));
    expect([status, body.code]).toEqual([400, 'query-too-broad']);
    const small = await api.get(
      `/v1.2/schools/${large.idOf('school', 'A')}/students?sort=email`,
      bearer(grant.token),
    );
    expect(small.status).toBe(200);
  });
});
