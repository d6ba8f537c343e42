import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RunningHallpass, type Demo } from './running-hallpass.js';

// The whole way of a plan, from notice to refusal, on the demo's movable clock: a partner's program, which is the npm package
// `clever` unmodified, on its key, and then on the districts' tokens.

jest.setTimeout(240_000);

const DAY_MS = 86_400_000;
const BEGIN = Date.now();
const at = (days: number, minutes = 0) => new Date(BEGIN + days * DAY_MS + minutes * 60_000).toISOString();

let hallpass: RunningHallpass;
let demo: Demo;
let app: Demo['apps'][number];
let appId: string;
let partner: CleverProgram;
let second: NodeJS.ProcessEnv;
/** What the key showed before anything happened to it. */
let students: number;

/** A partner's program in a process of its own. */
class CleverProgram {
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(base: string) {
    const script = fileURLToPath(new URL('../../../apps/data-api/test/clever-client.mjs', import.meta.url));
    this.#program = spawn(process.execPath, ['--no-deprecation', script, 'clever-0.12', base]);
    this.#lines = createInterface({ input: this.#program.stdout })[Symbol.asyncIterator]();
  }

  /** How many students it counts, or what its library says is wrong. */
  async students(auth: string | { token: string }): Promise<number | string> {
    this.#program.stdin.write(`${JSON.stringify({ auth, of: 'Student', call: 'count' })}\n`);
    const { answer, error } = JSON.parse((await this.#lines.next()).value as string);
    return error === undefined ? answer : error;
  }

  stop(): void {
    this.#program.kill();
  }
}

beforeAll(async () => {
  hallpass = await RunningHallpass.prepare();
  await hallpass.start();
  demo = await hallpass.demo();
  app = demo.apps.find((each) => each.apiKey !== undefined) as typeof app;
  partner = new CleverProgram(demo.dataApi);
  const { apps } = await hallpass.json<{ apps: { appId: string; appName: string }[] }>(['sunset', 'status']);
  appId = apps.find(({ appName }) => appName === app.name)?.appId as string;
  const name = 'the second person';
  const { token } = await hallpass.json<{ token: string }>([
    'operator',
    'create',
    '--name',
    name,
    '--role',
    'operator',
  ]);
  second = { HALLPASS_OPERATOR_TOKEN: token, HALLPASS_ADMIN_URL: demo.admin };
});
afterAll(async () => {
  partner.stop();
  await hallpass.remove();
});

const withKey = async () => {
  const authorization = `Basic ${Buffer.from(`${app.apiKey}:`).toString('base64')}`;
  const response = await fetch(`${demo.dataApi}/v3.0/schools?limit=1`, { headers: { authorization } });
  const body = (await response.json()) as { code?: string };
  return { status: response.status, headers: response.headers, body };
};
const asApp = async (path: string) => {
  const authorization = `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`;
  const response = await fetch(`${demo.tokenService}${path}`, { headers: { authorization } });
  return (await response.json()) as any; // oxlint-disable-line typescript/no-explicit-any -- a test reads bodies of every shape
};
/** What the token service says to the same key: it goes by the same plan at the same second. */
const atTokenService = async () => {
  const authorization = `Basic ${Buffer.from(`${app.apiKey}:`).toString('base64')}`;
  const response = await fetch(`${demo.tokenService}/oauth/tokeninfo`, { headers: { authorization } });
  return { status: response.status, isNoticed: response.headers.has('deprecation') };
};
/** Looks again until it holds; what it saw last. */
const until = async <T>(look: () => Promise<T>, holds: (seen: T) => boolean, seconds = 45): Promise<T> => {
  for (const end = Date.now() + seconds * 1000; ; await pause(250)) {
    const seen = await look();
    if (holds(seen) || Date.now() > end) return seen;
  }
};
/** Moves the clock, and waits until the data API goes by it. */
const moveTo = async (instant: string, isThere: (seen: Awaited<ReturnType<typeof withKey>>) => boolean) => {
  await hallpass.json(['demo', 'clock', instant]);
  const seen = await until(withKey, isThere, 5);
  expect([instant, isThere(seen)]).toEqual([instant, true]);
  return seen;
};
const approve = async (answer: { proposal?: { id: string } }) => {
  const id = answer.proposal?.id as string;
  expect((await hallpass.hallpass(['sunset', 'approve', id])).stderr).toContain('cannot approve');
  const approved = await hallpass.hallpass(['sunset', 'approve', id], '', second);
  expect([approved.code, approved.stdout]).toEqual([0, `Proposal ${id} is approved.\n`]);
};
/** Every district with its own token, whatever becomes of the key. */
const withTokens = async () => {
  const counts = await Promise.all(app.districts.map(({ token }) => partner.students({ token })));
  return counts.reduce<number>((sum, count) => sum + Number(count), 0);
};

describe('the sunset of API keys, from notice to refusal', () => {
  it('a plan that cuts an app in live use is rehearsed, and needs a second person', async () => {
    await hallpass.json([
      'sunset',
      'set',
      '--announced',
      'none',
      '--slowed',
      'none',
      '--brownout',
      'none',
      '--refused',
      'none',
    ]);
    students = (await partner.students(app.apiKey as string)) as number;
    expect(students).toBeGreaterThan(100);
    const used = await until(
      () => asApp('/v1/migration'),
      ({ readiness, days }) => readiness === 'not-started' && days.at(-1).keyCalls > 0,
    );
    expect(used).toMatchObject({ readiness: 'not-started', stage: { stage: 'open' }, tokenUsedAt: null });

    const brownout = `${at(60)}/${at(60, 60)}`;
    const dates = [
      '--announced',
      at(1),
      '--slowed',
      `${at(30)}:20`,
      '--brownout',
      brownout,
      '--refused',
      at(90),
    ];
    const rehearsal = await hallpass.json<{
      cut: object[];
      neverUsedToken: object[];
      moments: { stage: string }[];
    }>(['sunset', 'rehearse', ...dates]);
    expect(rehearsal).toMatchObject({
      cut: [{ id: appId }],
      neverUsedToken: [{ id: appId }],
      moments: [{ stage: 'slowed' }, { stage: 'brownout' }, { stage: 'refused' }],
    });
    await approve(await hallpass.json(['sunset', 'set', ...dates]));
  });

  it('before the notice an answer says nothing of it', async () => {
    const { status, headers } = await moveTo(at(1, -1), () => true);
    expect([status, headers.get('deprecation'), headers.get('sunset')]).toEqual([200, null, null]);
  });

  it('from the notice on every answer does, and the key works as before', async () => {
    const { headers } = await moveTo(at(1), (seen) => seen.headers.has('deprecation'));
    expect(headers.get('deprecation')).toBe(`@${Math.floor(Date.parse(at(1)) / 1000)}`);
    expect(headers.get('sunset')).toBe(new Date(at(90)).toUTCString());
    expect(headers.get('link')).toMatch(/rel="deprecation".*rel="successor-version".*rel="sunset"/);
    expect(await partner.students(app.apiKey as string)).toBe(students);
    expect(await atTokenService()).toMatchObject({ status: 200 });
  });

  it('a slowed key is refused beyond its rate, and tokens are not', async () => {
    await moveTo(at(30), (seen) => seen.headers.get('ratelimit-policy')?.includes('api-key-sunset') ?? false);
    const seen = await until(withKey, ({ status }) => status === 429, 20);
    expect([seen.status, Number(seen.headers.get('retry-after')) >= 1]).toEqual([429, true]);
    expect(await withTokens()).toBe(students);
  });

  it('in a brownout it is refused with a word of its own, and works again afterwards', async () => {
    const { status, body, headers } = await moveTo(at(60, 1), (seen) => seen.status === 401);
    expect([status, body.code, headers.get('www-authenticate')?.split(' ')[0]]).toEqual([
      401,
      'key-brownout',
      'Bearer',
    ]);
    expect(await atTokenService()).toMatchObject({ status: 401 });
    expect(typeof (await partner.students(app.apiKey as string))).toBe('string');
    expect(await withTokens()).toBe(students);
    const told = await until(
      () => asApp('/v1/events?types=key.brownout'),
      ({ data }) => data.length > 0,
    );
    expect(told.data).toMatchObject([{ type: 'key.brownout', data: { until: at(60, 60) } }]);
    await moveTo(at(60, 61), (seen) => seen.status !== 401);
  });

  it('a restart in the middle of a brownout stays in it', async () => {
    await hallpass.json(['demo', 'clock', at(60, 30)]);
    await hallpass.stop();
    await hallpass.start();
    expect((await withKey()).body.code).toBe('key-brownout');
  });

  it('refused is for good, but for those who are given more time', async () => {
    const { body } = await moveTo(at(90), (seen) => seen.body.code === 'key-refused');
    expect(body.code).toBe('key-refused');
    expect(await withTokens()).toBe(students);
    await hallpass.json([
      'sunset',
      'extend',
      '--app',
      appId,
      '--until',
      at(120),
      '--reason',
      'a summer release',
    ]);
    await until(withKey, ({ status }) => status === 200, 5);
    expect(await partner.students(app.apiKey as string)).toBe(students);
    await moveTo(at(120), (seen) => seen.body.code === 'key-refused');
  });

  it('a partner tries a token where it will be used, and sees what the app would', async () => {
    const { data } = await asApp('/v1/tokens?limit=1');
    const authorization = `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`;
    const response = await fetch(`${demo.tokenService}/v1/tokens/${data[0].id}/test`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ path: '/v3.1/schools?limit=1' }),
    });
    const trial = (await response.json()) as {
      status: number;
      body: string;
      headers: Record<string, string>;
    };
    expect([response.status, trial.status]).toEqual([200, 200]);
    expect(JSON.parse(trial.body).data).toHaveLength(1);
    expect(trial.headers['ratelimit']).toContain('"token"');
    expect(JSON.stringify(trial)).not.toContain('hptok_');
  });

  it('the cockpit shows the partner and the operator how far they have come', async () => {
    expect(await withTokens()).toBe(students);
    const moved = await until(
      () => asApp('/v1/migration'),
      ({ districtsOnTokens }) => districtsOnTokens === app.districts.length,
    );
    expect(moved).toMatchObject({ stage: { stage: 'refused' }, districts: app.districts.length });
    expect(moved.tokenCalls).toBeGreaterThan(0);
    expect(
      moved.days.reduce((sum: number, day: { keyRefused: number }) => sum + day.keyRefused, 0),
    ).toBeGreaterThan(0);
    const { stdout } = await hallpass.hallpass(['sunset', 'status']);
    expect(stdout).toMatch(/A[=-]*S[=-]*B[=-]*X/);
    expect(stdout).toContain(app.name);
  });
});
