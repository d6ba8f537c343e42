import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RunningHallpass, type Demo } from './running-hallpass.js';

jest.setTimeout(300_000);

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DOCS = join(ROOT, 'docs');
/** What stands above a sample that is not run, with the reason. */
const NOT_RUN = /<!-- not run: (.{10,}) -->\s*$/;
const RUN = ['sh', 'js', 'python'] as const;
type Language = (typeof RUN)[number];

interface Sample {
  language: Language;
  line: number;
  code: string;
  /** Why it is not run. */
  reason: string | undefined;
}

/** The samples of a page in languages that can be run. */
function samplesOf(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const match of text.matchAll(/^( *)```(\w+)[^\n]*\n([\s\S]*?)^\1```/gm)) {
    const [, indent = '', name, body = ''] = match;
    const language = RUN.find((each) => each === name);
    if (!language) continue;
    const before = text.slice(0, match.index);
    const code = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    samples.push({ language, line: before.split('\n').length, code, reason: NOT_RUN.exec(before)?.[1] });
  }
  return samples;
}

let hallpass: RunningHallpass;
let demo: Demo;
let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  hallpass = await RunningHallpass.prepare();
  await hallpass.start();
  demo = await hallpass.demo();
  folder = await mkdtemp(join(tmpdir(), 'hallpass-samples-'));
  // As after `npm install @hallpass/client hallpass`.
  await mkdir(join(folder, 'node_modules/@hallpass'), { recursive: true });
  await symlink(join(ROOT, 'packages/client'), join(folder, 'node_modules/@hallpass/client'));
  await mkdir(join(folder, 'bin'));
  await writeFile(
    join(folder, 'bin/hallpass'),
    `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'packages/cli/bin/hallpass.js')} "$@"\n`,
    { mode: 0o755 },
  );
  const [app] = demo.apps as [Demo['apps'][number]];
  const basic = { authorization: `Basic ${btoa(`${app.clientId}:${app.clientSecret}`)}` };
  const tokens = (await (await fetch(`${demo.tokenService}/v1/tokens`, { headers: basic })).json()) as {
    data: { id: string }[];
  };
  const first = app.districts[0]!;
  const asOperator = {
    authorization: `Bearer ${demo.operatorToken}`,
    'content-type': 'application/json',
  };
  const apps = (await (await fetch(`${demo.admin}/v1/apps`, { headers: asOperator })).json()) as {
    data: { id: string; name: string }[];
  };
  await cp(join(DOCS, 'examples'), join(folder, 'docs/examples'), { recursive: true });
  environment = {
    ...hallpass.environment,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    PYTHONPATH: join(ROOT, 'packages/client-python/src'),
    PYTHONDONTWRITEBYTECODE: '1',
    HALLPASS_DATA_API_URL: demo.dataApi,
    HALLPASS_TOKEN_SERVICE_URL: demo.tokenService,
    HALLPASS_ADMIN_URL: demo.admin,
    HALLPASS_OPERATOR_TOKEN: demo.operatorToken,
    HALLPASS_TOKEN: demo.sandbox.token,
    HALLPASS_CLIENT_ID: app.clientId,
    HALLPASS_CLIENT_SECRET: app.clientSecret,
    HALLPASS_API_KEY: demo.apps.find(({ apiKey }) => apiKey)?.apiKey,
    DISTRICT_ID: first.id,
    TOKEN_ID: tokens.data[0]!.id,
    APP_ID: apps.data.find(({ name }) => name === app.name)?.id,
    NO_COLOR: '1',
  };
});
afterAll(async () => {
  await hallpass.remove();
  await rm(folder, { recursive: true, force: true });
});

async function run({ language, code }: Sample): Promise<{ code: number | null; output: string }> {
  const [command, args] = {
    sh: ['bash', ['-euo', 'pipefail', '-c', code]],
    js: [process.execPath, ['--input-type=module', '--no-warnings', '-e', code]],
    python: ['python3', ['-W', 'ignore', '-c', code]],
  }[language] as [string, string[]];
  // In a group of its own, so that what it has started ends with it; nobody answers what it might ask.
  const child = spawn(command, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), 20_000);
  let output = '';
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [exit] = (await once(child, 'close')) as [number | null];
  clearTimeout(end);
  return { code: exit, output };
}

describe('every sample of the documentation', () => {
  it('runs against the running demo, or says why it does not', async () => {
    const pages = (await readdir(DOCS)).filter((name) => name.endsWith('.md')).toSorted();
    const failed: string[] = [];
    const ran: Record<Language, number> = { sh: 0, js: 0, python: 0 };
    for (const page of pages) {
      for (const sample of samplesOf(await readFile(join(DOCS, page), 'utf8'))) {
        if (sample.reason) continue;
        const { code, output } = await run(sample);
        ran[sample.language] += 1;
        if (code !== 0)
          failed.push(
            `${page}:${sample.line} (${sample.language}) ended with ${code}: ${output.slice(-600)}`,
          );
      }
    }
    expect(failed).toEqual([]);
    // So many there are at the least: a change of their form must not lose them.
    expect([ran.sh >= 12, ran.js >= 7, ran.python >= 6, ran]).toEqual([true, true, true, ran]);
  });
});
