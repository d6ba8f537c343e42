import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateDistrict, writeFolder } from '@hallpass/demo';
import { Webhook } from 'standardwebhooks';
import { RunningHallpass, type Demo } from './running-hallpass.js';

jest.setTimeout(240_000);

/** A real district's files, where they are at hand; else one of our own of the same size. */
const REAL = fileURLToPath(new URL('../../../../shared/data/oneroster-1.1-district', import.meta.url));
const DAY_MS = 86_400_000;
const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

let hallpass: RunningHallpass;
let demo: Demo;

beforeAll(async () => {
  hallpass = await RunningHallpass.prepare();
  await hallpass.start();
  demo = await hallpass.demo();
});
afterAll(() => hallpass.remove());

const basic = (user: string, password = '') =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const get = async (base: string, path: string, authorization: string) => {
  const response = await fetch(`${base}${path}`, { headers: { authorization } });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
};
/** Every record of a list, by its links alone. */
const pull = async (path: string, authorization: string) => {
  const data: { id: string; district: string }[] = [];
  let next: string | undefined = path;
  while (next) {
    const { status, body } = await get(demo.dataApi, next, authorization);
    expect([next, status]).toEqual([next, 200]);
    data.push(...body.data.map((each: { data: { id: string } }) => each.data));
    next = body.links.find((link: { rel: string }) => link.rel === 'next')?.uri;
  }
  return data;
};
/** Sets the sunset plan; where that would cut an app in live use, a second person says yes. */
const setPlan = async (...dates: string[]) => {
  const { proposal } = await hallpass.json<{ proposal?: { id: string } }>(['sunset', 'set', ...dates]);
  if (!proposal) return;
  const second = ['operator', 'create', '--name', `second ${proposal.id}`, '--role', 'operator'];
  const { token } = await hallpass.json<{ token: string }>(second);
  const env = { HALLPASS_OPERATOR_TOKEN: token, HALLPASS_ADMIN_URL: demo.admin };
  expect((await hallpass.hallpass(['sunset', 'approve', proposal.id], '', env)).code).toBe(0);
};
const within = async (milliseconds: number, check: () => Promise<boolean>) => {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) if (await check()) return true;
  return check();
};

describe('npm start', () => {
  it('is ready when it says so: the curl lines that it prints work', async () => {
    const lines = hallpass.output.match(/^ *curl .*$/gm) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) {
      const url = /'(http[^']+)'/.exec(line)?.[1] ?? '';
      const user = /-u '([^']+)'/.exec(line)?.[1];
      const header = /Authorization: ([^']+)'/.exec(line)?.[1];
      const authorization = header ?? `Basic ${Buffer.from(user ?? '').toString('base64')}`;
      expect([line, (await fetch(url, { headers: { authorization } })).status]).toEqual([line, 200]);
    }
  });

  it('keeps the demo’s credentials from other users', async () => {
    expect((await stat(join(hallpass.folder, '.hallpass/demo.json'))).mode & 0o777).toBe(0o600);
  });

  it('shows an app that is limited to two schools neither more nor a birth date', async () => {
    const limited = demo.apps[1];
    const token = `Bearer ${limited?.districts[0]?.token}`;
    expect(await pull('/v3.0/schools', token)).toHaveLength(2);
    expect(JSON.stringify(await pull('/v3.0/users?limit=1000', token))).not.toContain('"dob"');
  });
});

describe('a district authorises an app, and the partner pulls its roster', () => {
  let appId: string;
  let clientId: string;
  let clientSecret: string;
  let apiKey: string;
  let districtId: string;
  let grantId: string;
  let token: string;
  let rosterPath = REAL;

  beforeAll(async () => {
    if (existsSync(REAL)) return;
    if (process.env['CI']) throw new Error('the real roster files are not beside the project');
    process.stderr.write(
      'skipped: the real roster files are not beside the project; a generated district stands in\n',
    );
    rosterPath = join(hallpass.folder, 'roster');
    await writeFolder(generateDistrict({ seed: 7, students: 4000, name: 'Stand-in District' }), rosterPath);
  });

  it('the operator makes a partner, an app with a key, and a district with the id that it has elsewhere', async () => {
    const partner = await hallpass.json<{ id: string }>([
      'partner',
      'create',
      '--name',
      'Acceptance Partner',
    ]);
    const app = await hallpass.json<{ id: string; clientId: string; clientSecret: string; apiKey: string }>([
      'app',
      'create',
      '--partner',
      partner.id,
      '--name',
      'Acceptance App',
      '--api-key',
    ]);
    ({ id: appId, clientId, clientSecret, apiKey } = app);
    districtId = '4fd43cc56d11340000000005';
    const district = await hallpass.json<{ id: string }>([
      'district',
      'create',
      '--name',
      'Crimson Crossing',
      '--id',
      districtId,
    ]);
    expect(district.id).toBe(districtId);
  });

  it('imports the district’s files, and tells what came of it', async () => {
    const report = await hallpass.json<{
      seq: number;
      kinds: Record<string, { created: number }>;
      problems: { class: string }[];
    }>(['import', '--district', districtId, rosterPath]);
    expect(report.seq).toBe(1);
    expect(report.kinds['user']?.created).toBeGreaterThan(4000);
    expect(report.problems.filter((problem) => problem.class !== 'repaired')).toEqual([]);
    const again = await hallpass.json<{
      seq: number | null;
      kinds: Record<string, { created: number; updated: number; deleted: number }>;
    }>(['import', '--district', districtId, rosterPath]);
    for (const { created, updated, deleted } of Object.values(again.kinds))
      expect(created + updated + deleted).toBe(0);
  });

  it('approves the app, which finds its token at once', async () => {
    const nothing = await get(
      demo.tokenService,
      `/oauth/tokens?owner_type=district&district=${districtId}`,
      basic(clientId, clientSecret),
    );
    expect(nothing.body.data).toEqual([]);
    ({ id: grantId, token } = await hallpass.json<{ id: string; token: string }>([
      'grant',
      'approve',
      '--app',
      appId,
      '--district',
      districtId,
    ]));
    const { body } = await get(
      demo.tokenService,
      `/oauth/tokens?owner_type=district&district=${districtId}`,
      basic(clientId, clientSecret),
    );
    expect(body.data).toEqual([
      expect.objectContaining({ access_token: token, owner: { type: 'district', id: districtId } }),
    ]);
  });

  it('lets the token pull the whole roster, each record once, and nothing of another district', async () => {
    for (const kind of ['schools', 'terms', 'courses', 'sections', 'users']) {
      const data = await pull(`/v3.0/${kind}?limit=1000`, `Bearer ${token}`);
      const { body } = await get(demo.dataApi, `/v3.0/${kind}?count=true`, `Bearer ${token}`);
      expect([kind, data.length]).toEqual([kind, body.count]);
      expect(new Set(data.map(({ id }) => id)).size).toBe(data.length);
      expect(data.every(({ district }) => district === districtId)).toBe(true);
    }
    const another = `Bearer ${demo.apps[0]?.districts[0]?.token}`;
    expect((await pull('/v3.0/resources', another)).length).toBeGreaterThan(0);
    const foreign = await pull('/v3.0/schools', another);
    const { status } = await get(demo.dataApi, `/v3.0/schools/${foreign[0]?.id}`, `Bearer ${token}`);
    expect(status).toBe(404);
  });

  it('narrows the grant to two schools without birth dates, and the rest is as if absent', async () => {
    const schools = await pull('/v3.0/schools', `Bearer ${token}`);
    const [first, second, third] = schools.map(({ id }) => id);
    await hallpass.json([
      'grant',
      'narrow',
      grantId,
      '--schools',
      `${first},${second}`,
      '--hide-fields',
      'student.dob',
    ]);
    const isNarrow = async () => (await pull('/v3.0/schools', `Bearer ${token}`)).length === 2;
    expect(await within(1000, isNarrow)).toBe(true);
    expect((await get(demo.dataApi, `/v3.0/schools/${third}`, `Bearer ${token}`)).status).toBe(404);
    const users = JSON.stringify(await pull('/v3.0/users?limit=1000', `Bearer ${token}`));
    expect(users).not.toContain('"dob"');
    expect(users).not.toContain(String(third));
  });

  it('slows the app’s key after the plan’s first date and refuses it after the second, as its headers foretold', async () => {
    const plan = join(hallpass.folder, 'plan.json');
    await writeFile(plan, JSON.stringify({ announcedAt: day(-30), refusedAt: day(30) }));
    await setPlan('--file', plan);
    const announced = async () =>
      (await get(demo.dataApi, '/v3.0/schools', basic(apiKey))).headers.get('x-ratelimit-limit') ===
      '1200, 120000';
    expect(await within(1500, announced)).toBe(true);
    const { status, headers } = await get(demo.dataApi, '/v3.0/schools', basic(apiKey));
    expect([status, headers.get('x-ratelimit-limit')]).toEqual([200, '1200, 120000']);
    expect(headers.get('deprecation')).toMatch(/^@\d+$/);
    await setPlan('--announced', day(-30), '--slowed', `${day(-1)}:5`, '--refused', day(30));
    const slowed = async () => (await get(demo.dataApi, '/v3.0/schools', basic(apiKey))).status === 429;
    expect(await within(3000, slowed)).toBe(true);
    await setPlan('--announced', day(-30), '--slowed', `${day(-20)}:5`, '--refused', day(-1));
    const refused = async () =>
      (await get(demo.dataApi, '/v3.0/schools', basic(apiKey))).body.code === 'key-refused';
    expect(await within(1500, refused)).toBe(true);
    // The token goes on as if nothing had happened.
    expect((await get(demo.dataApi, '/v3.0/schools', `Bearer ${token}`)).status).toBe(200);
  });

  it('takes over a key of another system, read from standard input', async () => {
    const { id } = await hallpass.json<{ id: string }>(
      ['key', 'import', '--app', appId],
      'a-key-of-another-system\n',
    );
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect((await get(demo.dataApi, '/v3.0/schools', basic('a-key-of-another-system'))).body.code).toBe(
      'key-refused',
    );
  });

  it('tells the app what happens to its grant, by a signed webhook and in the terminal alike', async () => {
    const bodies: string[] = [];
    const receiver = createServer((request, response) => {
      textOf(request).then(
        (body) => {
          bodies.push(JSON.stringify(new Webhook(secret).verify(body, request.headers as never)));
          response.writeHead(204).end();
        },
        () => response.destroy(),
      );
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    const created = await fetch(`${demo.tokenService}/v1/webhooks`, {
      method: 'POST',
      headers: { authorization: basic(clientId, clientSecret), 'content-type': 'application/json' },
      body: JSON.stringify({
        url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
        types: ['grant.paused', 'grant.resumed'],
      }),
    });
    const { secret } = (await created.json()) as { secret: string };
    const listening = hallpass.begin(
      ['listen', '--json', '--types', 'grant.paused,grant.resumed', '--since', day(-1)],
      {
        HALLPASS_TOKEN_SERVICE_URL: demo.tokenService,
        HALLPASS_CLIENT_ID: clientId,
        HALLPASS_CLIENT_SECRET: clientSecret,
      },
    );
    await hallpass.json(['grant', 'pause', grantId]);
    await hallpass.json(['grant', 'resume', grantId]);
    const listed = await listening.lines(2);
    expect(await listening.end()).toBe(0);
    expect(listed.map((line) => JSON.parse(line))).toMatchObject(
      ['grant.paused', 'grant.resumed'].map((type) => ({ type, districtId, data: { grantId } })),
    );
    expect(
      await within(10_000, () => get(demo.tokenService, '/health/live', '').then(() => bodies.length === 2)),
    ).toBe(true);
    expect(new Set(bodies)).toEqual(new Set(listed));
    receiver.close();
  });

  it('pauses, resumes and revokes: within a second, and told apart', async () => {
    const codeIs = (code: string | undefined) => async () =>
      (await get(demo.dataApi, '/v3.0/schools', `Bearer ${token}`)).body.code === code;
    await hallpass.json(['grant', 'pause', grantId]);
    expect(await within(1000, codeIs('grant-paused'))).toBe(true);
    await hallpass.json(['grant', 'resume', grantId]);
    expect(await within(1000, codeIs(undefined))).toBe(true);
    await hallpass.json(['grant', 'revoke', grantId]);
    expect(await within(1000, codeIs('grant-revoked'))).toBe(true);
  });

  it('tells of a refused import what to mend, and goes on serving what it had', async () => {
    const empty = join(hallpass.folder, 'empty');
    await mkdir(empty, { recursive: true });
    await writeFile(join(empty, 'orgs.csv'), 'sourcedId,name\n');
    const { code, stdout, stderr } = await hallpass.hallpass(['import', '--district', districtId, empty]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('users.csv');
    const { body } = await get(demo.admin, `/v1/districts/${districtId}`, `Bearer ${demo.operatorToken}`);
    expect(body.seq).toBeGreaterThan(0);
  });
});

describe('stopping and starting again', () => {
  it('stops without an error, keeps the data, and recovers from being killed', async () => {
    const { apps } = demo;
    const first = apps[0]?.districts[0];
    expect(await hallpass.stop('SIGINT')).toBe(0);
    await expect(fetch(demo.dataApi)).rejects.toThrow();
    await hallpass.start();
    expect((await get(demo.dataApi, '/v3.0/schools', `Bearer ${first?.token}`)).status).toBe(200);
    await hallpass.stop('SIGKILL');
    await hallpass.start();
    expect((await get(demo.dataApi, '/v3.0/schools', `Bearer ${first?.token}`)).status).toBe(200);
  });
});
