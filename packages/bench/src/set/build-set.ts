import { randomBytes } from 'node:crypto';
import type { DistrictId, QualifiedField, RecordId, Selection } from '@hallpass/domain';
import { migrate, withClient } from '@hallpass/database';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@hallpass/database/embedded';
import { TestDirectory } from '@hallpass/database/testing';
import { addDistrict, importRecords, laterRoster, rosterOf } from './import-records.js';
import {
  SET_DATABASE,
  SMALL_DATABASE,
  keysOf,
  schemaNow,
  writeManifest,
  type SetGrant,
  type SetManifest,
} from './manifest.js';
import { HISTORY_IMPORTS, SMALL_DISTRICT, plannedDistricts, type SetPlan } from './plan.js';
import { liftLimits } from '../workbench.js';

/** What the grant with hidden fields hides: something of nearly every person. */
const HIDDEN: QualifiedField[] = [
  { kind: 'user', path: 'email' },
  { kind: 'user', path: 'roles.student.dob' },
  { kind: 'user', path: 'roles.student.race' },
  { kind: 'user', path: 'roles.contact.phone' },
];
const EVERYTHING: Selection = { type: 'everything' };

type Grants = SetManifest['grants'];
type Say = (text: string) => void;

/** Builds the set in the folder, by the commands that production uses: first imports, later ones, approvals. */
export async function buildSet(folder: string, plan: SetPlan, say: Say): Promise<SetManifest> {
  const start = performance.now();
  const server = await startEmbeddedPostgres({ folder });
  try {
    const key = () => randomBytes(32).toString('base64');
    const keys = { pepper: key(), masterKey: key() };
    const main = await buildMain(server, plan, keys, say);
    const small = await buildSmall(server, keys, say);
    const bytes = await settle(server);
    const manifest: SetManifest = {
      plan,
      schema: await schemaNow(),
      builtAt: new Date().toISOString(),
      seconds: (performance.now() - start) / 1000,
      bytes,
      keys,
      ...main,
      grants: { ...main.grants, small },
    };
    await writeManifest(folder, manifest);
    return manifest;
  } finally {
    await server.stop();
  }
}

async function buildMain(server: EmbeddedPostgres, plan: SetPlan, keys: SetManifest['keys'], say: Say) {
  const directory = await openDatabase(server, SET_DATABASE, keys);
  try {
    const grants: Partial<Grants> = {};
    let largeImportSeconds = 0;
    let students = 0;
    for (const [number, district] of plannedDistricts(plan).entries()) {
      const id = await addDistrict(directory, district);
      const roster = rosterOf(district);
      const seconds = await importRecords(directory, id, roster);
      students += district.students;
      if (district.purpose !== 'other' || number % 20 === 0)
        say(
          `district ${number + 1} of ${plan.districts}, ${district.students} students: ${seconds.toFixed(1)} s`,
        );
      const approve = (selection: Selection, hidden: QualifiedField[] = []) =>
        approveMeasured(directory, id, selection, hidden, say);
      switch (district.purpose) {
        case 'large':
          largeImportSeconds = seconds;
          grants.large = await approve(EVERYTHING);
          grants.onePercent = await approve(await everyHundredthSchool(directory, id));
          grants.hidden = await approve(EVERYTHING, HIDDEN);
          break;
        case 'export':
        case 'plain':
          grants[district.purpose] = await approve(EVERYTHING);
          break;
        case 'history':
          grants.history = await approve(EVERYTHING);
          for (let turn = 1; turn <= HISTORY_IMPORTS; turn += 1)
            await importRecords(directory, id, () => laterRoster(roster(), turn));
          say(`district ${number + 1}: imported ${HISTORY_IMPORTS} times more`);
          break;
        case 'other':
          break;
      }
    }
    say(`${students} students in all`);
    return {
      grants: grants as Omit<Grants, 'small'>,
      largeImportSeconds,
      records: await countOf(directory),
      ...(await largeFacts(directory, grants.onePercent)),
    };
  } finally {
    await directory.close();
  }
}

async function buildSmall(server: EmbeddedPostgres, keys: SetManifest['keys'], say: Say): Promise<SetGrant> {
  const directory = await openDatabase(server, SMALL_DATABASE, keys);
  try {
    const id = await addDistrict(directory, SMALL_DISTRICT);
    await importRecords(directory, id, rosterOf(SMALL_DISTRICT));
    say(`the small database: ${await countOf(directory)} records`);
    return await approveMeasured(directory, id, EVERYTHING, [], say);
  } finally {
    await directory.close();
  }
}

async function openDatabase(server: EmbeddedPostgres, name: string, keys: SetManifest['keys']) {
  await withClient(server.superuserUrl(), (client) => client.query(`create database ${name}`));
  const url = server.superuserUrl(name);
  await migrate(url);
  const directory = await TestDirectory.at(url, keysOf({ keys }));
  // The limit is counted and told as ever, but is too high to be met.
  await liftLimits(directory.dataSource);
  return directory;
}

async function approveMeasured(
  directory: TestDirectory,
  districtId: DistrictId,
  selection: Selection,
  hiddenFields: QualifiedField[],
  say: Say,
): Promise<SetGrant> {
  const app = await directory.app();
  const start = performance.now();
  const district = {
    id: districtId,
    idOf: () => {
      throw new Error('not asked for');
    },
  };
  const { id: grantId, token } = await directory.grant(app, district, { selection, hiddenFields });
  const seconds = (performance.now() - start) / 1000;
  const [row] = await directory.dataSource.query<{ fingerprint: string; seq: number }[]>(
    'select fingerprint, from_seq seq from grant_rules where grant_id = $1',
    [grantId],
  );
  const { fingerprint: mark = '', seq = 0 } = row ?? {};
  if (mark !== '') say(`a grant was approved in ${seconds.toFixed(1)} s`);
  return { districtId, grantId, token, seq: seq, fingerprint: mark, seconds };
}

async function everyHundredthSchool({ dataSource }: TestDirectory, districtId: string): Promise<Selection> {
  const schools = await dataSource.query<{ id: RecordId }[]>(
    `select id from (
       select record_id id, row_number() over (order by doc::json ->> 'school_number') number
       from record_versions where district_id = $1 and kind = 'school') numbered
     where number % 100 = 1 order by id`,
    [districtId],
  );
  return { type: 'schools', schoolIds: schools.map(({ id }) => id) };
}

/** The largest district's seq, and which share of its students the rule shows. */
async function largeFacts({ dataSource }: TestDirectory, grant: SetGrant | undefined) {
  const [row] = await dataSource.query<{ seq: string; share: number }[]>(
    `select (select seq from districts where id = $1) seq,
       (select count(*) from visible_versions where district_id = $1 and fingerprint = $2 and role_mask & 1 <> 0)::float
       / (select count(*) from record_versions where district_id = $1 and kind = 'user' and role_mask & 1 <> 0) share`,
    [grant?.districtId, grant?.fingerprint],
  );
  return { largeSeq: Number(row?.seq), onePercentShare: row?.share ?? NaN };
}

async function countOf({ dataSource }: TestDirectory): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    'select count(*)::int count from record_versions',
  );
  return row?.count ?? 0;
}

/** What autovacuum would have done by the next day; and how much there is. */
async function settle(server: EmbeddedPostgres): Promise<number> {
  let bytes = 0;
  for (const name of [SET_DATABASE, SMALL_DATABASE]) {
    bytes += await withClient(server.superuserUrl(name), async (client) => {
      await client.query('vacuum analyze');
      const { rows } = await client.query<{ size: string }>(
        'select pg_database_size(current_database()) size',
      );
      return Number(rows[0]?.size ?? 0);
    });
  }
  await withClient(server.superuserUrl(), (client) => client.query('checkpoint'));
  return bytes;
}
