import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { type AdminStandIn, startAdminStandIn } from './admin-stand-in.js';

const BIN = resolve(import.meta.dirname, '../bin/hallpass.js');
const APP = 'a'.repeat(24);
const DISTRICT = 'd'.repeat(24);
const IMPORT = '1'.repeat(24);
const IMPORTS = `/v1/districts/${DISTRICT}/imports`;

let admin: AdminStandIn;
let folder: string;

beforeEach(async () => {
  admin = await startAdminStandIn();
  folder = await mkdtemp(join(tmpdir(), 'hallpass-cli-'));
});

afterEach(async () => {
  await admin.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Surroundings {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
}

function hallpass(args: string[], surroundings: Surroundings = {}): Promise<Ran> {
  const env = surroundings.env ?? { HALLPASS_ADMIN_URL: admin.url, HALLPASS_OPERATOR_TOKEN: 'op_secret' };
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: surroundings.cwd ?? folder,
    env: { PATH: process.env['PATH'], ...env },
  });
  child.stdin.end(surroundings.stdin ?? '');
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (ran.stdout += text.toString('utf8')));
  child.stderr.on('data', (text: Buffer) => (ran.stderr += text.toString('utf8')));
  return new Promise((done) => child.once('close', (code) => done({ ...ran, code })));
}

async function json(args: string[], surroundings?: Surroundings): Promise<unknown> {
  const { code, stdout, stderr } = await hallpass([...args, '--json'], surroundings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

function anImport(over: object = {}): object {
  return {
    id: IMPORT,
    districtId: DISTRICT,
    status: 'published',
    seq: 7,
    kinds: { users: { created: 41_000, updated: 2, deleted: 1, unchanged: 0 } },
    problems: [],
    problemCounts: [],
    heldKinds: [],
    startedAt: '2026-11-24T10:00:00Z',
    finishedAt: '2026-11-24T10:00:09Z',
    ...over,
  };
}

async function namesIn(zip: Buffer): Promise<string[]> {
  const archive = await promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer)(zip, {
    lazyEntries: false,
  });
  const names: string[] = [];
  archive.on('entry', (entry: yauzl.Entry) => names.push(entry.fileName));
  await new Promise((done) => archive.once('end', done));
  return names;
}

describe('the shapes scripts rely on', () => {
  it.each([
    ['partner', 'POST /v1/partners', { id: APP, name: 'Rocket' }, ['partner', 'create', '--name', 'Rocket']],
    [
      'district',
      'POST /v1/districts',
      { id: DISTRICT, name: 'Alder' },
      ['district', 'create', '--name', 'Alder'],
    ],
    [
      'app',
      'POST /v1/apps',
      { id: APP, clientId: 'c', clientSecret: 's', apiKey: 'k' },
      ['app', 'create', '--partner', APP, '--name', 'Reader', '--api-key'],
    ],
    [
      'grant',
      'POST /v1/grants',
      { id: APP, token: 't' },
      ['grant', 'approve', '--app', APP, '--district', DISTRICT],
    ],
    [
      'operator',
      'POST /v1/operators',
      { id: APP, token: 't' },
      ['operator', 'create', '--name', 'N', '--role', 'R'],
    ],
  ])('%s create prints its ids and secrets, and nothing else', async (_, route, printed, args) => {
    admin.answer(route, { status: 201, body: { ...printed, somethingNew: 1 } });
    expect(await json(args)).toEqual(printed);
    expect(admin.received[0]?.headers.authorization).toBe('Bearer op_secret');
  });

  it('shows what apps were served of a district, every page of it', async () => {
    const line = (day: string, records: number) => ({
      day,
      app: { id: APP, name: 'Reader' },
      credentialType: 'token',
      kind: 'user',
      calls: 1,
      records,
    });
    admin.answer(
      `GET /v1/districts/${DISTRICT}/access-log`,
      { status: 200, body: { data: [line('2026-10-01', 2500)], next: 'n' } },
      { status: 200, body: { data: [line('2026-09-30', 7)], next: null } },
    );
    const { stdout } = await hallpass([
      'district',
      'access-log',
      DISTRICT,
      '--from',
      '2026-09-01',
      '--app',
      APP,
    ]);
    expect(stdout).toMatch(
      /DAY +APP +CREDENTIAL +KIND +ANSWERS +RECORDS\n2026-10-01 +Reader +token +user +1 +2500\n/,
    );
    expect(stdout).toContain('2026-09-30');
    expect(admin.received.slice(-2).map(({ query }) => query)).toEqual([
      { from: '2026-09-01', appId: APP, limit: '1000' },
      { from: '2026-09-01', appId: APP, limit: '1000', startingAfter: 'n' },
    ]);
  });

  it('sends what an app asks for and the id a district brings', async () => {
    admin.answer('POST /v1/apps', { status: 201, body: {} });
    admin.answer('POST /v1/districts', { status: 201, body: { id: DISTRICT } });
    await writeFile(join(folder, 'request.json'), '{"users":["name"]}');
    await json(['app', 'create', '--partner', APP, '--name', 'R', '--request', 'request.json']);
    await json(['district', 'create', '--name', 'A', '--id', DISTRICT]);
    expect(admin.received.map((each) => each.json())).toEqual([
      { partnerId: APP, name: 'R', request: { users: ['name'] } },
      { name: 'A', id: DISTRICT },
    ]);
  });

  it('lists every page', async () => {
    admin.answer(
      'GET /v1/partners',
      { status: 200, body: { data: [{ id: 'p1', name: 'One' }], next: 'p1' } },
      { status: 200, body: { data: [{ id: 'p2', name: 'Two' }], next: null } },
    );
    expect(await json(['partner', 'list'])).toEqual({
      data: [
        { id: 'p1', name: 'One' },
        { id: 'p2', name: 'Two' },
      ],
    });
    expect(admin.received.map((each) => each.query)).toEqual([{}, { startingAfter: 'p1' }]);
  });
});

describe('hallpass import', () => {
  it('zips the CSV files of a folder on the fly, waits, and prints the report', async () => {
    const roster = join(folder, 'roster');
    await mkdir(roster);
    for (const name of ['orgs.csv', 'users.csv', 'notes.txt'])
      await writeFile(join(roster, name), 'sourcedId\n1\n');
    admin.answer(`POST ${IMPORTS}`, { status: 202, body: anImport({ status: 'running', seq: null }) });
    admin.answer(
      `GET ${IMPORTS}/${IMPORT}`,
      { status: 200, body: anImport({ status: 'running', seq: null }) },
      { status: 200, body: anImport() },
    );

    expect(await json(['import', '--district', DISTRICT, roster])).toEqual({
      id: IMPORT,
      status: 'published',
      seq: 7,
      kinds: { users: { created: 41_000, updated: 2, deleted: 1, unchanged: 0 } },
      problems: [],
      problemCounts: [],
    });
    const [sent] = admin.received;
    expect(sent?.headers).toMatchObject({
      'content-type': 'application/zip',
      'transfer-encoding': 'chunked',
    });
    expect(await namesIn(sent?.body ?? Buffer.alloc(0))).toEqual(['orgs.csv', 'users.csv']);
  });

  it('sends a zip byte for byte, and returns at once with --no-wait', async () => {
    const bytes = randomBytes(3_000_000);
    await writeFile(join(folder, 'roster.zip'), bytes);
    admin.answer(`POST ${IMPORTS}`, { status: 202, body: anImport({ status: 'running', seq: null }) });
    expect(await json(['import', '--district', DISTRICT, 'roster.zip', '--no-wait'])).toMatchObject({
      status: 'running',
    });
    expect(admin.received[0]?.body.equals(bytes)).toBe(true);
  });

  it.each(['unchanged', 'published'])('is a success when %s', async (status) => {
    await writeFile(join(folder, 'r.zip'), 'PK');
    admin.answer(`POST ${IMPORTS}`, { status: 202, body: anImport({ status }) });
    expect((await hallpass(['import', '--district', DISTRICT, 'r.zip'])).code).toBe(0);
  });

  it.each(['refused', 'failed', 'held'])('exits 1 when %s, with the whole report', async (status) => {
    await writeFile(join(folder, 'r.zip'), 'PK');
    admin.answer(`POST ${IMPORTS}`, { status: 202, body: anImport({ status, seq: null }) });
    const { code, stdout } = await hallpass(['import', '--district', DISTRICT, 'r.zip', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status, kinds: { users: { deleted: 1 } } });
  });

  it('groups problems by class, code and file, says how to mend them, and what comes next', async () => {
    await writeFile(join(folder, 'r.zip'), 'PK');
    const blank = {
      class: 'skipped',
      code: 'id-blank',
      file: 'users.csv',
      column: 'sourcedId',
      message: 'No id.',
      mend: 'Fill it in.',
    };
    const problems = [2, 5, 6, 9].map((line) => ({ ...blank, line }));
    admin.answer(`POST ${IMPORTS}`, {
      status: 202,
      body: anImport({
        status: 'held',
        seq: null,
        heldKinds: ['users'],
        problems,
        problemCounts: [{ class: 'skipped', code: 'id-blank', file: 'users.csv', count: 4 }],
      }),
    });
    const { code, stdout } = await hallpass(['import', '--district', DISTRICT, 'r.zip']);
    expect(code).toBe(1);
    expect(stdout).toContain('Held: it would delete much of users.');
    expect(stdout).toMatch(
      /KIND {3}CREATED {2}UPDATED {2}DELETED {2}UNCHANGED\nusers {4}41000 {8}2 {8}1 {10}0/,
    );
    expect(stdout).toContain('users.csv: id-blank (4)\n    line 2, sourcedId: No id.');
    expect(stdout).toContain('… and 1 more; --json lists them\n    Mend: Fill it in.');
    expect(stdout).toContain(`hallpass import confirm --district ${DISTRICT} ${IMPORT}`);
  });

  it('says so when the service refuses before the roster has been sent', async () => {
    await writeFile(join(folder, 'big.zip'), randomBytes(20_000_000));
    admin.answer(`POST ${IMPORTS}`, {
      status: 404,
      body: { title: 'No such district', detail: 'No district has this id.' },
      early: true,
    });
    const { code, stderr } = await hallpass(['import', '--district', DISTRICT, 'big.zip']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: No such district\nNo district has this id.\nWhat to do: ');
  });

  it.each([
    ['nothing is there', 'nowhere', 'There is nothing at nowhere.'],
    ['the folder holds no CSV', '.', 'There are no .csv files directly in .'],
    ['it is another kind of file', 'roster.xlsx', 'neither a folder of CSV files nor a .zip'],
  ])('sends nothing when %s', async (_, path, message) => {
    await writeFile(join(folder, 'roster.xlsx'), '');
    const { code, stderr } = await hallpass(['import', '--district', DISTRICT, path]);
    expect({ code, sent: admin.received.length }).toEqual({ code: 1, sent: 0 });
    expect(stderr).toContain(message);
  });

  it.each([
    ['before the import', ['import', 'confirm', '--district', DISTRICT, IMPORT]],
    ['after the import', ['import', 'confirm', IMPORT, '--district', DISTRICT]],
    ['before the subcommand', ['import', '--district', DISTRICT, 'confirm', IMPORT]],
  ])('confirms a held import, the district given %s', async (_, args) => {
    admin.answer(`POST ${IMPORTS}/${IMPORT}/confirm`, { status: 200, body: anImport() });
    expect(await json(args)).toMatchObject({ status: 'published', seq: 7 });
  });

  it('shows a refused import and discards a held one without calling that a failure', async () => {
    admin.answer(`GET ${IMPORTS}/${IMPORT}`, { status: 200, body: anImport({ status: 'refused' }) });
    admin.answer(`POST ${IMPORTS}/${IMPORT}/discard`, {
      status: 200,
      body: anImport({ status: 'discarded' }),
    });
    admin.answer(`GET ${IMPORTS}`, { status: 200, body: { data: [anImport()], next: null } });
    expect(await json(['import', 'show', '--district', DISTRICT, IMPORT])).toMatchObject({
      status: 'refused',
    });
    expect(await json(['import', 'discard', '--district', DISTRICT, IMPORT])).toMatchObject({
      status: 'discarded',
    });
    expect(await json(['import', 'list', '--district', DISTRICT])).toMatchObject({ data: [{ id: IMPORT }] });
  });
});

describe('hallpass grant', () => {
  it('approves chosen schools without some fields', async () => {
    admin.answer('POST /v1/grants', { status: 201, body: { id: 'g', token: 't' } });
    await json([
      'grant',
      'approve',
      '--app',
      APP,
      '--district',
      DISTRICT,
      '--schools',
      's1, s2',
      '--hide-fields',
      'users.dob',
    ]);
    expect(admin.received[0]?.json()).toEqual({
      appId: APP,
      districtId: DISTRICT,
      selection: { type: 'schools', schoolIds: ['s1', 's2'] },
      hideFields: ['users.dob'],
    });
  });

  it('chooses sections, or what rules choose, for a time', async () => {
    admin.answer('PATCH /v1/grants/g', { status: 200, body: { id: 'g' } });
    const rules = [
      { kind: 'section', conditions: [{ attribute: 'subject', operator: 'is', values: ['math'] }] },
    ];
    const file = join(folder, 'rules.json');
    await writeFile(file, JSON.stringify({ rules }));
    await json(['grant', 'narrow', 'g', '--sections', 's1,s2', '--starts', '2026-08-01', '--ends', '']);
    await json(['grant', 'narrow', 'g', '--rules', file]);
    expect(admin.received.map((each) => each.json())).toEqual([
      { selection: { type: 'sections', sectionIds: ['s1', 's2'] }, startsAt: '2026-08-01', endsAt: null },
      { selection: { type: 'rules', rules } },
    ]);
  });

  it('explains why a record is or is not seen', async () => {
    const body = { verdict: 'not-selected', because: 'It is elsewhere.', refusal: null, hiddenFields: [] };
    admin.answer('GET /v1/grants/g/explain', { status: 200, body });
    const text = (await hallpass(['grant', 'explain', 'g', '--kind', 'user', '--record', 'r'])).stdout;
    expect(text).toContain('It is elsewhere.');
    expect(admin.received[0]?.query).toEqual({ kind: 'user', recordId: 'r' });
  });

  it('narrows, widens, pauses, resumes and revokes', async () => {
    admin.answer('PATCH /v1/grants/g', { status: 200, body: { id: 'g' } });
    for (const move of ['pause', 'resume', 'revoke'])
      admin.answer(`POST /v1/grants/g/${move}`, { status: 200, body: { id: 'g' } });
    await json(['grant', 'narrow', 'g', '--schools', 's1']);
    await json([
      'grant',
      'narrow',
      'g',
      '--everything',
      '--hide-fields',
      'dob',
      '--show-fields',
      'user.email',
    ]);
    for (const move of ['pause', 'resume', 'revoke']) await json(['grant', move, 'g']);
    expect(admin.received.slice(0, 2).map((each) => each.json())).toEqual([
      { selection: { type: 'schools', schoolIds: ['s1'] } },
      { selection: { type: 'everything' }, hideFields: ['dob'], showFields: ['user.email'] },
    ]);
    expect(admin.received.slice(2).map((each) => each.path)).toEqual([
      '/v1/grants/g/pause',
      '/v1/grants/g/resume',
      '/v1/grants/g/revoke',
    ]);
  });

  it.each([[[]], [['--schools', '']], [['--schools', 's', '--everything']]])(
    'narrow %j is a usage error',
    async (options) => {
      expect((await hallpass(['grant', 'narrow', 'g', ...options])).code).toBe(2);
      expect(admin.received).toEqual([]);
    },
  );

  it('filters its list, and escapes ids in paths', async () => {
    admin.answer('GET /v1/grants', { status: 200, body: { data: [], next: null } });
    expect((await hallpass(['grant', 'list', '--app', APP])).stdout).toBe('No grants.\n');
    await hallpass(['grant', 'revoke', '../partners?x']);
    expect(admin.received.map(({ path, query }) => ({ path, query }))).toEqual([
      { path: '/v1/grants', query: { appId: APP } },
      { path: '/v1/grants/..%2Fpartners%3Fx/revoke', query: {} },
    ]);
  });
});

describe('hallpass key import', () => {
  it('reads the key from standard input', async () => {
    admin.answer(`POST /v1/apps/${APP}/api-keys/import`, { status: 201, body: { id: 'k' } });
    expect(await json(['key', 'import', '--app', APP], { stdin: 'old-key\n' })).toEqual({ id: 'k' });
    expect(admin.received[0]?.json()).toEqual({ key: 'old-key' });
  });

  it.each(['', 'two words'])('refuses %j', async (stdin) => {
    expect((await hallpass(['key', 'import', '--app', APP], { stdin })).code).toBe(2);
    expect(admin.received).toEqual([]);
  });
});

describe('hallpass key import-list', () => {
  const imported = { status: 201, body: { imported: 2 } };

  it('sends the lines of a CSV file with their numbers', async () => {
    admin.answer('POST /v1/api-keys/import', imported);
    await writeFile(join(folder, 'keys.csv'), '\ufeffname,key,app\r\n"a, b",key-one, x\n\n,"key-""two",y\n');
    expect(await json(['key', 'import-list', '--file', 'keys.csv'])).toEqual({ imported: 2 });
    expect(admin.received[0]?.json()).toEqual({
      keys: [
        { line: 2, app: 'x', key: 'key-one' },
        { line: 4, app: 'y', key: 'key-"two' },
      ],
    });
  });

  it.each([
    ['', 'holds no keys'],
    ['app,secret\nx,y\n', 'lacks its columns'],
    ['app,key\nx,"the-key\n', 'no CSV file'],
    ['app,key\nx,the-key,more\n', 'no CSV file'],
  ])('refuses %j and repeats no key', async (stdin, said) => {
    const { code, stderr } = await hallpass(['key', 'import-list', '--file', '-'], { stdin });
    expect([code, stderr.includes(said), stderr.includes('the-key')]).toEqual([2, true, false]);
    expect(admin.received).toEqual([]);
  });
});

describe('hallpass sunset', () => {
  const plan = {
    announcedAt: '2026-09-01T00:00:00.000Z',
    steps: [{ from: '2026-11-01T00:00:00.000Z', requestsPerMinute: 120 }],
    brownouts: [],
    refusedAt: null,
  };

  it('changes what is given and keeps the rest', async () => {
    admin.answer('GET /v1/sunset-plan', { status: 200, body: { ...plan, stage: 'announced' } });
    admin.answer('PUT /v1/sunset-plan', { status: 200, body: plan });
    const dates = ['--brownout', '2026-12-01T09:00:00Z/2026-12-01T10:00:00Z', '--refused', '2027-02-01'];
    await json(['sunset', 'set', ...dates]);
    await json([
      'sunset',
      'set',
      '--announced',
      'none',
      '--slowed',
      '2026-11-02T08:00:00Z:60',
      '--slowed',
      '2026-12-02:30',
    ]);
    expect(admin.received.filter(({ method }) => method === 'PUT').map((each) => each.json())).toEqual([
      {
        ...plan,
        brownouts: [{ from: '2026-12-01T09:00:00.000Z', until: '2026-12-01T10:00:00.000Z' }],
        refusedAt: '2027-02-01T00:00:00.000Z',
      },
      {
        ...plan,
        announcedAt: null,
        steps: [
          { from: '2026-11-02T08:00:00.000Z', requestsPerMinute: 60, mode: 'enforce' },
          { from: '2026-12-02T00:00:00.000Z', requestsPerMinute: 30, mode: 'enforce' },
        ],
      },
    ]);
  });

  it('puts the plan of a file in place, and gives one app more time', async () => {
    admin.answer('PUT /v1/sunset-plan', { status: 200, body: plan });
    admin.answer(`PUT /v1/sunset-plan/extensions/${APP}`, { status: 200, body: { appId: APP } });
    const { announcedAt, steps } = plan;
    await writeFile(join(folder, 'plan.json'), JSON.stringify({ announcedAt, steps }));
    await json(['sunset', 'set', '--file', 'plan.json']);
    await json(['sunset', 'extend', '--app', APP, '--until', '2027-06-30', '--reason', 'summer']);
    expect(admin.received.map((each) => each.json())).toEqual([
      plan,
      { until: '2027-06-30T00:00:00.000Z', reason: 'summer' },
    ]);
  });

  it('shows the dates in order', async () => {
    admin.answer('GET /v1/sunset-plan', { status: 200, body: plan });
    const { stdout } = await hallpass(['sunset', 'show']);
    expect(stdout).toMatch(/announced\n.*slowed to 120 requests a minute\n$/);
  });

  it('draws the plan and each app on its way', async () => {
    const app = {
      appId: APP,
      appName: 'Quiz\u001b[2J',
      partnerName: 'p',
      readiness: 'moving',
      nextStep: 'Read the districts that are left.',
      stage: { stage: 'slowed', requestsPerMinute: 120 },
      endsAt: null,
      daysLeft: 30,
      keyUsedAt: '2026-11-24T10:00:00.000Z',
      districts: 4,
      districtsOnTokens: 3,
      keyCalls: 25,
      tokenCalls: 75,
      shareMoved: 0.75,
    };
    admin.answer('GET /v1/sunset-plan', {
      status: 200,
      body: { ...plan, refusedAt: '2030-01-01T00:00:00.000Z' },
    });
    admin.answer('GET /v1/migration', { status: 200, body: { data: [app], next: null } });
    const { stdout } = await hallpass(['sunset', 'status']);
    expect(stdout).toMatch(/^A[=-]*S[=-]+X\n *\^ now\n/);
    expect(stdout).toContain('1 app: 1 moving; 75 % of calls by token in the last 7 days.');
    expect(stdout).toMatch(
      /Quiz \[2J +moving +slowed 120\/min +#########\.\.\. +75% +3 of 4 +25 +2026-11-24 +30/,
    );
    expect(stdout).toContain('Next, Quiz [2J: Read the districts that are left.');
  });

  it('says of a change that waits who is cut, and how it goes on', async () => {
    const proposal = { id: 'p1', change: { type: 'plan' }, apps: [{ id: APP, name: 'Quiz\u001b[2J' }] };
    admin.answer('GET /v1/sunset-plan', { status: 200, body: plan });
    admin.answer('PUT /v1/sunset-plan', { status: 202, body: { proposal } });
    const { code, stdout } = await hallpass(['sunset', 'set', '--refused', '2027-02-01']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/keys of Quiz \[2J sooner[^]*sunset approve p1/),
    ]);
    admin.answer('POST /v1/sunset-plan/proposals/p1/approve', {
      status: 200,
      body: { ...proposal, status: 'approved' },
    });
    expect((await hallpass(['sunset', 'approve', 'p1'])).stdout).toBe('Proposal p1 is approved.\n');
  });

  it('tells what a plan would do before it is saved', async () => {
    admin.answer('GET /v1/sunset-plan', { status: 200, body: plan });
    admin.answer('POST /v1/sunset-plan/rehearsals', {
      status: 200,
      body: {
        recorded: { from: '2026-10-01T00:00:00.000Z', until: '2026-10-31T00:00:00.000Z' },
        moments: [
          {
            stage: 'refused',
            from: '2027-02-01T00:00:00.000Z',
            until: '2027-02-02T00:00:00.000Z',
            requestsPerMinute: null,
            callsRefused: 3120,
            apps: [{ id: APP, name: 'Quiz', callsRefused: 3120 }],
          },
        ],
        inUse: 3,
        neverUsedToken: [{ id: APP, name: 'Quiz' }],
        cut: [{ id: APP, name: 'Quiz' }],
      },
    });
    const { stdout } = await hallpass([
      'sunset',
      'rehearse',
      '--refused',
      '2027-02-01',
      '--tried',
      '2026-12-01:5',
    ]);
    expect(stdout).toContain('2027-02-01T00:00:00.000Z  refused: 1 app would have had 3120 calls refused');
    expect(stdout).toContain('Never used a token: Quiz.');
    expect(admin.received.at(-1)?.json()).toEqual({
      ...plan,
      steps: [...plan.steps, { from: '2026-12-01T00:00:00.000Z', requestsPerMinute: 5, mode: 'shadow' }],
      refusedAt: '2027-02-01T00:00:00.000Z',
    });
  });

  it.each([[[]], [['--refused', 'soon']], [['--slowed', '2026-11-01']], [['--brownout', '2026-11-01']]])(
    'set %j is a usage error',
    async (options) => {
      admin.answer('GET /v1/sunset-plan', { status: 200, body: plan });
      const { code, stderr } = await hallpass(['sunset', 'set', ...options]);
      expect(code).toBe(2);
      expect(stderr).toContain('error: Usage');
    },
  );
});

describe('hallpass policy set', () => {
  it('keeps the mode a policy has', async () => {
    const token = { name: 'token', requestsMax: 1, windowSeconds: 1, mode: 'shadow' };
    admin.answer('GET /v1/rate-policies', { status: 200, body: { data: [token], next: null } });
    admin.answer('PUT /v1/rate-policies/token', { status: 200, body: token });
    await json(['policy', 'set', 'token', '--requests', '1200', '--seconds', '60']);
    await json(['policy', 'set', 'token', '--requests', '1200', '--seconds', '60', '--mode', 'enforce']);
    expect(admin.received.filter(({ method }) => method === 'PUT').map((each) => each.json())).toEqual([
      { requestsMax: 1200, windowSeconds: 60, mode: 'shadow' },
      { requestsMax: 1200, windowSeconds: 60, mode: 'enforce' },
    ]);
  });

  it('sets a burst, and a limit on requests in flight, which has no window', async () => {
    admin.answer('GET /v1/rate-policies', { status: 200, body: { data: [], next: null } });
    const set = { name: 'token', requestsMax: 1200, windowSeconds: 60, burst: 300, mode: 'enforce' };
    admin.answer('PUT /v1/rate-policies/token', { status: 200, body: set });
    const numbers = ['--requests', '1200', '--seconds', '60', '--burst', '300'];
    const { stdout } = await hallpass(['policy', 'set', 'token', ...numbers]);
    expect(stdout).toBe('Policy token allows 1200 requests in 60 seconds, 300 at once.\n');
    const inFlight = { name: 'concurrency', requestsMax: 9, windowSeconds: null, mode: 'enforce' };
    admin.answer('PUT /v1/rate-policies/concurrency', { status: 200, body: inFlight });
    await json(['policy', 'set', 'concurrency', '--requests', '9']);
    expect(admin.received.filter(({ method }) => method === 'PUT').map((each) => each.json())).toEqual([
      { requestsMax: 1200, windowSeconds: 60, burst: 300, mode: 'enforce' },
      { requestsMax: 9, windowSeconds: null, mode: 'enforce' },
    ]);
  });

  it.each([
    ['--requests', '0', '--seconds', '60'],
    ['--requests', '1', '--seconds', '60', '--burst', '0'],
    ['--requests', '1', '--seconds', '60', '--mode', 'off'],
  ])('%s %s %s %s … is a usage error', async (...options) => {
    expect((await hallpass(['policy', 'set', 'token', ...options])).code).toBe(2);
  });
});

describe('hallpass policy preset', () => {
  const policies = [{ name: 'token', requestsMax: 1200, windowSeconds: 60, mode: 'enforce' }];

  it('applies a preset by its name', async () => {
    const body = { data: policies, next: null };
    admin.answer('POST /v1/rate-presets/clever/apply', { status: 200, body });
    const { stdout } = await hallpass(['policy', 'preset', 'clever']);
    expect(stdout).toMatch(/NAME.*\ntoken +1200 +60 +1200 +enforce\n/);
  });

  it('lists them without one', async () => {
    const body = { data: [{ name: 'clever', policies }], next: null };
    admin.answer('GET /v1/rate-presets', { status: 200, body });
    expect(await json(['policy', 'preset'])).toEqual({ data: [{ name: 'clever', policies }] });
  });
});

describe('hallpass override', () => {
  const numbers = { requestsMax: 2400, windowSeconds: 60, mode: 'shadow' };

  it('is set for an app, a district or both, with a reason and an end', async () => {
    admin.answer('PUT /v1/rate-overrides', { status: 200, body: { id: 'o', ...numbers } });
    const options = ['--app', 'a', '--district', 'd', '--requests', '2400', '--seconds', '60'];
    const why = ['--mode', 'shadow', '--until', '2027-09-30', '--reason', 'a first sync'];
    const { stdout } = await hallpass(['override', 'set', 'token', ...options, ...why]);
    expect(stdout).toBe('Override o allows 2400 requests in 60 seconds.\n');
    expect(admin.received[0]?.json()).toEqual({
      policy: 'token',
      appId: 'a',
      districtId: 'd',
      ...numbers,
      reason: 'a first sync',
      expiresAt: '2027-09-30T00:00:00.000Z',
    });
  });

  it.each([
    ['for nobody', ['--requests', '1', '--reason', 'r']],
    ['without a reason', ['--app', 'a', '--requests', '1']],
  ])('%s is a usage error', async (_, options) => {
    expect((await hallpass(['override', 'set', 'token', ...options])).code).toBe(2);
  });

  it('is listed and removed', async () => {
    const row = { id: 'o', policy: 'token', appId: 'a', districtId: null, burst: null, ...numbers };
    const body = { data: [{ ...row, reason: 'r', expiresAt: null }], next: null };
    admin.answer('GET /v1/rate-overrides', { status: 200, body });
    admin.answer('DELETE /v1/rate-overrides/o', { status: 204 });
    const { stdout } = await hallpass(['override', 'list', '--app', 'a']);
    expect(stdout).toContain('2400 requests in 60 seconds');
    expect(await json(['override', 'remove', 'o'])).toEqual({ id: 'o' });
    expect(admin.received.map(({ path, query }) => [path, query])).toEqual([
      ['/v1/rate-overrides', { appId: 'a' }],
      ['/v1/rate-overrides/o', {}],
    ]);
  });
});

describe('finding the admin service', () => {
  it('reads the nearest .hallpass/demo.json above', async () => {
    admin.answer('GET /v1/partners', { status: 200, body: { data: [], next: null } });
    const deep = join(folder, 'a', 'b');
    await mkdir(join(folder, '.hallpass'));
    await mkdir(deep, { recursive: true });
    await writeFile(
      join(folder, '.hallpass', 'demo.json'),
      JSON.stringify({ admin: admin.url, operatorToken: 'op_demo' }),
    );
    expect(await json(['partner', 'list'], { env: {}, cwd: deep })).toEqual({ data: [] });
    expect(admin.received[0]?.headers.authorization).toBe('Bearer op_demo');
  });

  it('never sends one installation the token of another', async () => {
    await mkdir(join(folder, '.hallpass'));
    await writeFile(
      join(folder, '.hallpass', 'demo.json'),
      JSON.stringify({ admin: admin.url, operatorToken: 'op_demo' }),
    );
    const { code, stderr } = await hallpass(['partner', 'list'], { env: { HALLPASS_ADMIN_URL: admin.url } });
    expect(code).toBe(1);
    expect(stderr).toContain('HALLPASS_OPERATOR_TOKEN is not set');
    expect(admin.received).toEqual([]);
  });

  it('says how when there is none', async () => {
    const { code, stderr } = await hallpass(['partner', 'list'], { env: {} });
    expect(code).toBe(1);
    expect(stderr).toContain('Set both HALLPASS_ADMIN_URL and HALLPASS_OPERATOR_TOKEN, or run npm start');
  });

  it('says what to do when it does not answer', async () => {
    await admin.close();
    const { code, stderr } = await hallpass(['partner', 'list']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/does not answer \(ECONNREFUSED\)\.\nWhat to do: Start Hallpass with npm start/);
  });
});

describe('errors', () => {
  const problem = {
    type: 'https://example.invalid/name-taken',
    title: 'Name taken',
    status: 409,
    detail: 'Another partner has this name.',
    code: 'name-taken',
    requestId: 'r1',
    faults: [{ field: 'name', message: 'is taken' }],
  };

  it('are the problem as JSON on stderr with --json, and exit 1', async () => {
    admin.answer('POST /v1/partners', { status: 409, body: problem });
    const { code, stdout, stderr } = await hallpass(['partner', 'create', '--name', 'N', '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({ error: problem });
  });

  it('are sentences otherwise', async () => {
    admin.answer('POST /v1/partners', { status: 409, body: problem });
    const { stderr } = await hallpass(['partner', 'create', '--name', 'N']);
    expect(stderr).toBe(
      'error: Name taken\nAnother partner has this name.\n  name: is taken\nRequest id: r1\n',
    );
  });

  it('hold when an answer is no problem at all', async () => {
    admin.answer('GET /v1/partners', { status: 502, body: 'Bad gateway' });
    const { code, stderr } = await hallpass(['partner', 'list', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { title: 'The admin service answered 502', status: 502 },
    });
  });

  it('never let a name from elsewhere steer the terminal', async () => {
    admin.answer('GET /v1/partners', {
      status: 200,
      body: { data: [{ id: 'p', name: '\u001b[2Jgone' }], next: null },
    });
    expect((await hallpass(['partner', 'list'])).stdout).not.toContain('\u001b');
  });

  it.each([
    [['partner', 'create']],
    [['partner', 'create', '--name']],
    [['partnr']],
    [['partner', 'list', '--frob']],
    [['import', 'x']],
    [['import', '--district', DISTRICT]],
    [['audit', 'list', '--limit', 'many']],
    [[]],
  ])('hallpass %j is a usage error: exit 2', async (args) => {
    const { code, stderr } = await hallpass(args);
    expect(code).toBe(2);
    expect(stderr).not.toBe('');
  });

  it('of usage are JSON too with --json', async () => {
    const { code, stderr } = await hallpass(['partner', 'create', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage' } });
  });
});

it('every command shows an example', async () => {
  for (const name of ['partner create', 'import', 'grant narrow', 'key import', 'sunset set', 'policy set']) {
    const { code, stdout } = await hallpass([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Example:\n  hallpass ${name}`);
  }
});

describe('secrets over time', () => {
  const TOKEN = '7'.repeat(24);
  it.each<[string[], string, unknown]>([
    [['token', 'rotate', TOKEN], `POST /v1/tokens/${TOKEN}/rotate`, {}],
    [
      ['token', 'rotate', TOKEN, '--grace', '7d', '--on-first-use'],
      `POST /v1/tokens/${TOKEN}/rotate`,
      { graceSeconds: 604_800, start: 'on-first-use' },
    ],
    [['token', 'grace', TOKEN, '--grace', '0'], `POST /v1/tokens/${TOKEN}/grace`, { graceSeconds: 0 }],
    [
      ['app', 'secret', 'rotate', '--app', APP, '--grace', '30m', '--days', '90'],
      `POST /v1/apps/${APP}/client-secrets/rotate`,
      { graceSeconds: 1800, ageDays: 90 },
    ],
    [
      ['app', 'secret', 'grace', TOKEN, '--app', APP, '--grace', '90s'],
      `POST /v1/apps/${APP}/client-secrets/${TOKEN}/grace`,
      { graceSeconds: 90 },
    ],
    [
      ['app', 'set', APP, '--reveal', 'once', '--reveal-from', '192.0.2.1,2001:db8::/32', '--no-listed'],
      `PATCH /v1/apps/${APP}`,
      { reveal: 'once', revealAddresses: ['192.0.2.1', '2001:db8::/32'], isListed: false },
    ],
    [
      ['app', 'set', APP, '--reveal-from', 'any', '--token-max-age', 'none', '--redirect-uri', 'none'],
      `PATCH /v1/apps/${APP}`,
      { revealAddresses: [], tokenMaxAgeDays: null, redirectUris: [] },
    ],
    [
      ['district', 'set', DISTRICT, '--token-max-age', '180', '--exposure', 'notify'],
      `PATCH /v1/districts/${DISTRICT}`,
      { tokenMaxAgeDays: 180, exposure: 'notify' },
    ],
    [
      ['district', 'portal-token', 'issue', '--district', DISTRICT, '--name', 'IT'],
      `POST /v1/districts/${DISTRICT}/portal-tokens`,
      { name: 'IT' },
    ],
  ])('%j asks for %s', async (args, route, body) => {
    admin.answer(route, { status: 200, body: {} });
    await json(args);
    expect(admin.received[0]?.json()).toEqual(body);
  });

  it.each([
    [['token', 'rotate', TOKEN, '--grace', 'a while'], /--grace is a time/],
    [['app', 'set', APP], /at least one setting/],
    [['district', 'set', DISTRICT, '--token-max-age', 'soon'], /whole number/],
    [['district', 'destroy-seals', DISTRICT], /cannot be undone/],
  ])('%j is a mistake that is told before anything is sent', async (args, message) => {
    const { code, stderr } = await hallpass(args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(admin.received).toEqual([]);
  });

  it('takes public keys from a JWK set or a list', async () => {
    admin.answer(`PATCH /v1/apps/${APP}`, { status: 200, body: {} });
    await writeFile(join(folder, 'set.json'), '{"keys":[{"kid":"a"}]}');
    await writeFile(join(folder, 'list.json'), '[{"kid":"b"}]');
    await json(['app', 'set', APP, '--public-keys', 'set.json']);
    await json(['app', 'set', APP, '--public-keys', 'list.json']);
    expect(admin.received.map((each) => each.json())).toEqual([
      { publicKeys: [{ kid: 'a' }] },
      { publicKeys: [{ kid: 'b' }] },
    ]);
  });

  it('says which key version is needed and not configured', async () => {
    const state = {
      masterKey: {
        primary: 2,
        configured: [2],
        uses: [
          { version: 1, dataKeys: 3 },
          { version: 2, dataKeys: 4 },
        ],
      },
      pepper: { primary: 1, configured: [1], uses: [{ version: 1, secrets: 9 }] },
    };
    admin.answer('GET /v1/keys', { status: 200, body: state });
    const { stdout } = await hallpass(['keys', 'status']);
    expect(stdout).toMatch(/master key +1 +3 data keys +MISSING/);
    expect(stdout).toMatch(/master key +2 +4 data keys +primary/);
  });
});

it('hallpass audit list names who did what to what, as the admin API tells it', async () => {
  const entry = {
    id: 1,
    at: '2026-11-25T10:00:00Z',
    actorType: 'district',
    actorId: DISTRICT,
    action: 'grant.paused',
    subjectType: 'grant',
    subjectId: APP,
  };
  const bySystem = { ...entry, id: 2, actorType: 'system', actorId: null };
  admin.answer('GET /v1/audit', { status: 200, body: { data: [entry, bySystem], next: null } });
  const { stdout } = await hallpass(['audit', 'list']);
  expect(stdout).toMatch(new RegExp(`district ${DISTRICT} +grant\\.paused +grant ${APP}`));
  expect(stdout).toMatch(/system +grant\.paused/);
});

describe('inviting people', () => {
  const PERSON = '9'.repeat(24);
  const invited = { id: PERSON, name: '', email: 'ada@school.example', role: 'owner', isHere: false };

  it.each([
    [['partner', 'invite', APP], `/v1/partners/${APP}/people`, 'owner'],
    [['district', 'invite', DISTRICT], `/v1/districts/${DISTRICT}/people`, 'owner'],
    [['operator', 'invite'], '/v1/people', 'operator'],
  ])('%j asks for a person of the right place and role', async (args, path, role) => {
    admin.answer(`POST ${path}`, { status: 201, body: { ...invited, role } });
    expect(await json([...args, '--email', 'ada@school.example'])).toEqual({ ...invited, role });
    expect(admin.received.map((each) => each.json())).toEqual([{ email: 'ada@school.example', role }]);
    const { stdout } = await hallpass([...args, '--email', 'ada@school.example', '--role', 'viewer']);
    expect(admin.received.at(-1)?.json()).toEqual({ email: 'ada@school.example', role: 'viewer' });
    expect(stdout).toContain('the link is in the mail');
  });

  it('hands the link on where no mail is sent', async () => {
    const link = 'http://127.0.0.1:4001/link#hplnk_x';
    admin.answer(`POST /v1/partners/${APP}/people`, { status: 201, body: { ...invited, link } });
    const { code, stdout } = await hallpass(['partner', 'invite', APP, '--email', 'ada@school.example']);
    expect([code, stdout.split('\n').at(1)]).toEqual([0, link]);
  });

  it('says why nobody was invited, and asks nothing without an address', async () => {
    const problem = {
      code: 'member-exists',
      title: 'The person is a member already.',
      status: 409,
      detail: 'This person is a member already.',
    };
    admin.answer(`POST /v1/partners/${APP}/people`, { status: 409, body: problem });
    const { code, stderr } = await hallpass(['partner', 'invite', APP, '--email', 'ada@school.example']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('This person is a member already.');
    const { code: without, stderr: said } = await hallpass(['operator', 'invite']);
    expect([without === 0, said.includes('--email')]).toEqual([false, true]);
    expect(admin.received).toHaveLength(1);
  });
});
