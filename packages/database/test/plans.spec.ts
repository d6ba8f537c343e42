import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { SourceRecord } from '@hallpass/domain';
import { TestDirectory, smallRoster, student, type TestDistrict } from '../src/testing/index.js';

/** How the hottest statements are planned: by ranges of indexes, with statistics and right after an import without them. */
const PUPILS = 12_000;
const TABLES = '(record_versions|visible_versions|link_versions|grant_changes|publications|grant_rules)';

let directory: TestDirectory;
let client: pg.Client;
let plans: string[] = [];
let district: TestDistrict;
let whole: string;
let narrow: string;
let mark: string;
const pupil = (number: number) => district.idOf('user', `pupil-${number}`);
const rosterOf = (count: number): SourceRecord[] => [
  ...smallRoster(),
  ...Array.from({ length: count }, (_, i) => student(`pupil-${i}`, [i % 100 === 0 ? 'B' : 'A'])),
  ...Array.from({ length: count / 20 }, (_, i) => ({
    kind: 'section' as const,
    sourceId: `section-${i}`,
    name: `Section ${i}`,
    school: 'A',
    teachers: [],
    students: Array.from({ length: 20 }, (_each, j) => `pupil-${20 * i + j}`),
  })),
];

beforeAll(async () => {
  directory = await TestDirectory.open();
  client = new pg.Client({ connectionString: directory.url });
  await client.connect();
  client.on('notice', ({ message }) => plans.push(message ?? ''));
  await client.query(`load 'auto_explain'`);
  await client.query(`set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
    set auto_explain.log_analyze = off; set client_min_messages = log; set plan_cache_mode = force_generic_plan`);
  district = await directory.district(rosterOf(PUPILS));
  const grantIn = async (schools: string[]) => {
    const selection = {
      type: 'schools' as const,
      schoolIds: schools.map((name) => district.idOf('school', name)),
    };
    const choice = schools.length === 0 ? {} : { selection };
    return (await directory.grant(await directory.app(), district, choice)).id;
  };
  whole = await grantIn([]);
  narrow = await grantIn(['B']);
  const { rows } = await client.query<{ fingerprint: string }>(
    'select fingerprint from grants where id = $1',
    [narrow],
  );
  mark = rows[0]?.fingerprint ?? '';
  // Every twentieth pupil changes: what events are made of.
  const changed = rosterOf(PUPILS).map((each, i) =>
    i % 20 === 0 && each.sourceId.startsWith('pupil') ? student(each.sourceId, ['A', 'B']) : each,
  );
  await directory.import(district.id, changed);
});
afterAll(async () => {
  await client.end();
  await directory.close();
});

interface Hot {
  name: string;
  sql: string;
  values: () => unknown[];
}

const HOT: readonly Hot[] = [
  {
    name: 'a page of everything',
    sql: `select read_page($1, $2, '', 'user', 0, null, $3, null, 100)`,
    values: () => [district.id, whole, pupil(7)],
  },
  {
    name: 'a page backwards',
    sql: `select read_page($1, $2, '', 'user', 0, null, '', $3, 100)`,
    values: () => [district.id, whole, pupil(7)],
  },
  {
    name: 'a page of teachers',
    sql: `select read_page($1, $2, '', 'user', 2, null, '', null, 100)`,
    values: () => [district.id, whole],
  },
  {
    name: 'a page under a rule',
    sql: `select read_page($1, $2, $3, 'user', 0, null, '', null, 100)`,
    values: () => [district.id, narrow, mark],
  },
  {
    name: 'a pinned page',
    sql: `select read_page($1, $2, '', 'user', 0, (select seq - 1 from districts where id = $1), '', null, 100)`,
    values: () => [district.id, whole],
  },
  {
    name: 'a record',
    sql: `select read_record($1, $2, '', 'user', $3, null)`,
    values: () => [district.id, whole, pupil(3)],
  },
  {
    name: 'a record under a rule',
    sql: `select read_record($1, $2, $3, 'user', $4, null)`,
    values: () => [district.id, narrow, mark, pupil(100)],
  },
  {
    name: 'a sub-list over links',
    sql: `select read_linked($1, $2, '', '', '{school.sections}', $3, 'section', 0, null, '', null, 100)`,
    values: () => [district.id, whole, district.idOf('school', 'A')],
  },
  {
    name: 'a sub-list by ids',
    sql: `select read_referred($1, $2, '', 'user', $3, 0, null, '', null, 100)`,
    values: () => [district.id, whole, [pupil(1), pupil(2)]],
  },
  {
    name: 'events of everything',
    sql: `select * from read_changes($1, $2, '{user,section}', null, null, null, false, 100)`,
    values: () => [district.id, whole],
  },
  {
    name: 'events under a rule',
    sql: `select * from read_changes($1, $2, '{user,section}', null, null, null, false, 100)`,
    values: () => [district.id, narrow],
  },
  {
    name: 'what a key sees of several districts',
    sql: `select * from read_union(array[$1], array[$2], array[''], array[null::bigint], 'user', 0, '', null, 100)`,
    values: () => [district.id, whole],
  },
];

async function plansOf({ sql, values }: Hot): Promise<string> {
  plans = [];
  const { rows } = await client.query(sql, values());
  expect(rows.length).toBeGreaterThan(0);
  return plans.join('\n');
}

describe.each([
  ['without statistics', ['delete from pg_statistic']],
  ['with statistics', ['analyze']],
])('%s', (_name, before) => {
  beforeAll(async () => {
    for (const statement of before) await client.query(statement);
  });

  it.each(HOT)('$name is read by ranges of indexes', async (hot) => {
    const text = await plansOf(hot);
    expect(text).toMatch(/Index (Only )?Scan/);
    const scanned = text.match(new RegExp(`Seq Scan on ${TABLES}.*`, 'g')) ?? [];
    // Districts have few publications and grants few rules: a table of one page is scanned as it is.
    expect(scanned.filter((line) => !/publications|grant_rules/.test(line))).toEqual([]);
  });
});
