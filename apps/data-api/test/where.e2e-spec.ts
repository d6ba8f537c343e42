import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SourceRecord } from '@hallpass/domain';
import type { TestDistrict } from '@hallpass/database/testing';
import { legacyIdOf } from '@hallpass/domain';
import { RosterRepository } from '../src/reading/roster.repository.js';
import { SCAN_BUDGET } from '../src/reading/scan.js';
import { TestDataApi, basic, bearer } from './fixtures.js';
import { fullRoster } from './full-roster.js';

let api: TestDataApi;
let district: TestDistrict;
let token: string;
let key: string;

/** Pupils n0 to n59: grade by tens, every seventh with an e-mail, every other at two schools. */
const pupil = (i: number): SourceRecord => ({
  kind: 'user',
  sourceId: `n${i}`,
  name: { first: `First${i}`, last: i % 3 === 0 ? `McLast${i}` : `Last${i}` },
  ...(i % 7 === 0 ? { email: `n${i}@alder.example` } : {}),
  roles: {
    student: { schools: i % 2 === 0 ? ['A'] : ['A', 'B'], grade: String(1 + Math.floor(i / 10)) as '1' },
  },
});

beforeAll(async () => {
  api = await TestDataApi.start();
  district = await api.directory.district([
    ...fullRoster(),
    ...Array.from({ length: 60 }, (_, i) => pupil(i)),
  ]);
  const app = await api.directory.app();
  token = bearer((await api.directory.grant(app, district)).token);
  await api.directory.grant(app, await api.directory.district(fullRoster()));
  key = basic(app.apiKey);
  await api.limitRequests(1_000_000);
});
afterAll(() => api.stop());

const asked = (path: string, where: unknown, rest = '') =>
  `${path}?where=${encodeURIComponent(typeof where === 'string' ? where : JSON.stringify(where))}${rest}`;
const sisIds = async (where: unknown, path = '/v1.2/students', authorization = token) => {
  const { status, body } = await api.get(asked(path, where, '&limit=1000'), authorization);
  expect([where, status]).toEqual([where, 200]);
  return body.data.map(({ data }: { data: { sis_id: string } }) => data.sis_id).sort();
};
const numbers = (keep: (i: number) => boolean) =>
  Array.from({ length: 60 }, (_, i) => i)
    .filter(keep)
    .map((i) => `n${i}`)
    .sort();

describe('where', () => {
  it.each<[object, (i: number) => boolean]>([
    [{ grade: '2' }, (i) => i >= 10 && i < 20],
    [{ 'name.last': 'McLast3' }, (i) => i === 3],
    [{ 'name.last': { $regex: '^Mc' } }, (i) => i % 3 === 0],
    [{ 'name.last': { $regex: '(?i)^mcLAST5' } }, (i) => i % 3 === 0 && (i === 5 || (i >= 50 && i < 60))],
    [{ grade: { $gte: '3', $lt: '5' } }, (i) => i >= 20 && i < 40],
    [{ grade: { $gt: '1', $lte: '2' } }, (i) => i >= 10 && i < 20],
    [{ grade: { $in: ['1', '6'] } }, (i) => i < 10 || i >= 50],
    [{ email: { $exists: true } }, (i) => i % 7 === 0],
    [{ grade: '1', email: { $exists: false } }, (i) => i < 10 && i % 7 !== 0],
    [{ grade: '1', schools: { $size: 2 } }, (i) => i < 10 && i % 2 === 1],
    [{ sis_id: { $regex: '^n' }, grade: { $nin: ['1', '2', '3', '4', '5'] } }, (i) => i >= 50],
    [{ sis_id: { $regex: '^n' }, email: { $ne: 'n7@alder.example' } }, (i) => i !== 7],
  ])('%j', async (where, keep) => {
    expect(await sisIds({ sis_id: { $regex: '^n' }, ...where })).toEqual(numbers(keep));
  });

  it('compares a list by each of its values', async () => {
    const schools = district.idOf('school', 'B');
    expect(await sisIds({ schools, grade: '1' })).toEqual(numbers((i) => i < 10 && i % 2 === 1));
  });

  it('is read of the document as the version shows it', async () => {
    // Stored as 13 and as Preschool.
    expect(await sisIds({ grade: 'PostGraduate' })).toEqual(['s1']);
    expect(await sisIds({ grade: 'Other' })).toEqual(['s2']);
    expect(await sisIds({ grade: '13' })).toEqual([]);
    expect(await sisIds({ course_name: 'Math' }, '/v1.1/sections')).toEqual(['sec']);
    expect(await sisIds({ 'term.name': { $exists: false } }, '/v1.1/sections')).toEqual(['sec-3']);
    expect(
      await sisIds({ teachers: legacyIdOf('teacher', district.idOf('user', 't2')) }, '/v1.2/sections'),
    ).toEqual(['sec']);
  });

  it.each(['id', '_id'])('finds records by %s straight away', async (name) => {
    const repository = api.app.get(RosterRepository);
    const scans = jest.spyOn(repository, 'page');
    const unions = jest.spyOn(repository, 'union');
    try {
      const teacher = legacyIdOf('teacher', district.idOf('user', 't1'));
      for (const authorization of [token, key]) {
        expect(
          await sisIds({ [name]: district.idOf('user', 's1') }, '/v1.2/students', authorization),
        ).toEqual(['s1']);
        expect(await sisIds({ [name]: teacher }, '/v1.2/teachers', authorization)).toEqual(['t1']);
        const two = { [name]: { $in: ['n1', 'n2'].map((id) => district.idOf('user', id)) } };
        expect(await sisIds(two, '/v1.1/students', authorization)).toEqual(['n1', 'n2']);
        expect(await sisIds({ [name]: 'f'.repeat(24) }, '/v1.2/students', authorization)).toEqual([]);
        expect(await sisIds({ [name]: 'no id at all' }, '/v1.2/students', authorization)).toEqual([]);
        // A person of another role, and a teacher by the user's own id.
        expect(await sisIds({ [name]: teacher }, '/v1.2/students', authorization)).toEqual([]);
        expect(
          await sisIds({ [name]: district.idOf('user', 't1') }, '/v1.2/teachers', authorization),
        ).toEqual([]);
      }
      expect([scans.mock.calls.length, unions.mock.calls.length]).toEqual([0, 0]);
    } finally {
      scans.mockRestore();
      unions.mockRestore();
    }
  });

  it('pages, counts and tells the paging of what it finds', async () => {
    const where = { 'name.last': { $regex: '^Mc' } };
    const { body } = await api.get(asked('/v1.2/students', where, '&limit=8'), token);
    expect(body.paging).toEqual({ current: 1, total: 3, count: 20 });
    const { data, pages } = await api.pull(asked('/v1.2/students', where, '&limit=8'), token);
    expect([data.length, new Set(data.map(({ id }) => id as string)).size, pages]).toEqual([20, 20, 3]);
    const count = await api.get(asked('/v1.2/students', where, '&count=true'), token);
    expect(count.body.count).toBe(20);
    const page = await api.get(asked('/v1.2/students', where, '&limit=8&page=3'), token);
    expect(page.body.data.map(({ data: each }: { data: object }) => each)).toEqual(data.slice(16));
    const last = await api.get(asked('/v1.2/students', where, '&limit=3&ending_before=last'), token);
    expect(last.body.data.map(({ data: each }: { data: object }) => each)).toEqual(data.slice(-3));
    const byKey = await api.pull(asked('/v1.2/students', where, '&limit=8'), key);
    expect(byKey.data).toEqual(data);
  });

  it('sifts sub-lists as well', async () => {
    const path = `/v1.2/schools/${district.idOf('school', 'B')}/students`;
    expect(await sisIds({ grade: '1' }, path)).toEqual(numbers((i) => i < 10 && i % 2 === 1));
    expect(await sisIds({ grade: '1' }, `/v1.2/districts/${district.id}/students`)).toEqual(
      numbers((i) => i < 10),
    );
  });

  it.each(['{}', ' {} '])('%j asks for nothing', async (where) => {
    const { status, body } = await api.get(asked('/v1.2/students', where, '&count=true'), token);
    expect([status, body.count]).toEqual([200, 62]);
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /JSON object/],
    ['a list', '[]', /JSON object/],
    ['null', 'null', /JSON object/],
    ['a field of another version', { frl_status: 'Free' }, /frl_status/],
    ['a field of the stored document', { 'roles.student.dob': '2008-02-03' }, /roles\.student\.dob/],
    ['what every object has', { __proto__x: 'a', constructor: 'x' }, /is no field/],
    ['its prototype', '{"__proto__":{"x":"y"}}', /is no field/],
    ['a field of a text', { 'grade.length': '1' }, /grade\.length/],
    ['a number where a text is due', { grade: 3 }, /string/],
    ['a boolean where a text is due', { grade: true }, /string/],
    ['null where a text is due', { grade: null }, /string/],
    ['a text where a boolean is due', { email: { $exists: 'true' } }, /true or false/],
    ['an object as a value', { name: { first: 'Sam' } }, /object/],
    ['an operator on an object', { name: { $gt: 'a' } }, /object/],
    ['no operator', { grade: {} }, /nothing/],
    ['an unknown operator', { grade: { $where: '1' } }, /\$where/],
    ['a join', { $or: [{ grade: '1' }] }, /\$or/],
    ['a size of a text', { grade: { $size: 1 } }, /no list/],
    ['a size that is no number', { schools: { $size: '1' } }, /whole number/],
    ['a faulty pattern', { grade: { $regex: '(' } }, /RE2/],
    ['a pattern that looks back', { grade: { $regex: '(a)\\1' } }, /RE2/],
    ['a pattern too long', { grade: { $regex: 'a'.repeat(101) } }, /100/],
    ['a pattern too large', { grade: { $regex: '((a{30}){30}){1000}' } }, /RE2/],
    ['$in of a text', { grade: { $in: '1' } }, /list/],
    ['$in of too many', { grade: { $in: Array.from({ length: 1001 }, String) } }, /1000/],
    [
      'too many conditions',
      {
        name: { $exists: true },
        ...Object.fromEntries(
          ['grade', 'email', 'dob', 'gender', 'sis_id'].map((f) => [
            f,
            { $ne: 'a', $gt: 'a', $lt: 'b', $exists: true },
          ]),
        ),
      },
      /at most 20/,
    ],
  ])('400 for %s, naming it', async (_, where, message) => {
    const { status, body } = await api.get(asked('/v1.2/students', where), token);
    expect([status, body.code, body.faults[0].field]).toEqual([400, 'request-invalid', 'where']);
    expect(body.error).toMatch(message);
  });

  it('takes no longer for a pattern that would keep others busy for ever', async () => {
    const began = performance.now();
    await sisIds({ 'name.last': { $regex: '^(((L|M)?[a-z]+)+)+!$' } });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('is not known to later versions, which leave it alone', async () => {
    const { status, body } = await api.get(asked('/v2.1/students', { x: 1 }, '&count=true'), token);
    expect([status, body.count]).toEqual([200, 62]);
  });
});

describe('a where that would have to look at too much', () => {
  let large: string;
  let first: string;
  const RARE = { 'name.last': 'Rare' };

  beforeAll(async () => {
    const many = await api.directory.district([]);
    // More than the budget reaches to, and the last of them is the one who is looked for.
    const sourceIds = Array.from({ length: SCAN_BUDGET + 500 }, (_, i) => `m${i}`);
    const [rare] = sourceIds
      .map((each) => many.idOf('user', each))
      .sort()
      .slice(-1);
    const usual = (sourceId: string): SourceRecord => ({
      kind: 'user',
      sourceId,
      name: { last: many.idOf('user', sourceId) === rare ? 'Rare' : 'Usual' },
      roles: { student: { schools: ['B'] } },
    });
    await api.directory.import(many.id, [...fullRoster(), ...sourceIds.map(usual)]);
    first = sourceIds.map((each) => many.idOf('user', each)).sort()[0] ?? '';
    large = bearer((await api.directory.grant(await api.directory.app(), many)).token);
    await api.limitRequests(1_000_000);
  });

  it('answers what it found, and where to go on', async () => {
    const begin = await api.get(asked('/v1.2/students', RARE), large);
    expect([begin.status, begin.body.data]).toEqual([200, []]);
    // How many there are in all is not known yet.
    expect(begin.body).not.toHaveProperty('paging');
    const { data, pages } = await api.pull(asked('/v1.2/students', RARE), large);
    expect([data.map(({ name }) => (name as { last: string }).last), pages]).toEqual([['Rare'], 2]);
  });

  it.each(['&count=true', '&page=2'])('400 for %s, which needs all of them', async (rest) => {
    const { status, body } = await api.get(asked('/v1.2/students', RARE, rest), large);
    expect([status, body.code]).toEqual([400, 'query-too-broad']);
    expect(body.error).toContain('Narrow');
  });

  it('goes back as well as on', async () => {
    // The first of all: a condition that only a scan can answer, from the other end.
    const where = { last_modified: { $exists: true }, 'name.last': 'Usual', sis_id: { $regex: '^m' } };
    const one = await api.get(`/v1.2/students/${first}`, large);
    const lookFor = { ...where, sis_id: one.body.data.sis_id };
    const { body } = await api.get(asked('/v1.2/students', lookFor, '&ending_before=last'), large);
    expect(body.data).toEqual([]);
    const prev = body.links.find(({ rel }: { rel: string }) => rel === 'prev').uri as string;
    const before = await api.get(prev, large);
    expect(before.body.data.map(({ data }: { data: { id: string } }) => data.id)).toEqual([first]);
  });
});
