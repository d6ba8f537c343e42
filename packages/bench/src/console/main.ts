// `pnpm bench:console`: how smooth the pages are where there is much: staff's list of districts, and a district's preview.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext } from 'playwright-core';
import { writeRoster } from '../workbench.js';
import { measureDistricts, measurePreview, type Line } from './measure-pages.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu'];
const SEEDERS = 8;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((each) => each !== '--'),
  options: {
    districts: { type: 'string', default: '13000' },
    students: { type: 'string', default: '100000' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const [districts, students] = [Number(values.districts), Number(values.students)];
const ports = { TOKEN_SERVICE_PORT: '4871', DATA_API_PORT: '4872', ADMIN_PORT: '4873', METRICS_PORT: '0' };

interface Demo {
  admin: string;
  tokenService: string;
  operatorToken: string;
  people: { email: string; password: string; of: string; url: string }[];
}

const folder = await mkdtemp(join(tmpdir(), 'hallpass-bench-'));
await chmod(folder, 0o755);
const env = { ...process.env, ...ports, HALLPASS_FOLDER: join(folder, '.hallpass'), DATABASE_URL: '' };
const hallpass = spawn(process.execPath, [join(ROOT, 'packages/launcher/dist/main.js')], {
  cwd: ROOT,
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((done) => hallpass.once('exit', done));
hallpass.once('exit', (code, signal) => console.log(`console: Hallpass ended with ${code ?? signal}`));
try {
  await new Promise<void>((ready, failed) => {
    let text = '';
    hallpass.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('is ready')) ready();
    });
    hallpass.once('exit', (code) => failed(new Error(`it ended with ${code}`)));
  });
  const demo = JSON.parse(await readFile(join(folder, '.hallpass/demo.json'), 'utf8')) as Demo;
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${demo.admin}${path}`, {
      method,
      headers: { authorization: `Bearer ${demo.operatorToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  // Nobody is slowed: what is measured is the pages.
  for (const name of ['operator', 'portal'])
    await call('PUT', `/v1/rate-policies/${name}`, { requestsMax: 10_000_000, windowSeconds: 60 });

  console.log(`console: making ${districts} districts`);
  let made = (await call<{ districts: number }>('GET', '/v1/system')).districts;
  const seed = async () => {
    while (made < districts) await call('POST', '/v1/districts', { name: `Bench District ${(made += 1)}` });
  };
  await Promise.all(Array.from({ length: SEEDERS }, seed));

  console.log(`console: importing ${students} students`);
  const { data } = await call<{ data: { id: string; name: string }[] }>('GET', '/v1/districts?search=Alder');
  const alder = data[0];
  if (!alder) throw new Error('the demo has no Alder County Schools');
  const roster = await writeRoster(folder, students);
  // The files replace the demo's roster: they would delete it all, which is held until it is confirmed.
  await hallpassCommand(['import', '--district', alder.id, roster]);
  const imports = await call<{ data: { id: string; status: string }[] }>(
    'GET',
    `/v1/districts/${alder.id}/imports`,
  );
  const held = imports.data.find(({ status }) => status === 'held');
  if (held) await hallpassCommand(['import', 'confirm', held.id, '--district', alder.id]);

  const browser = await chromium.launch({ executablePath: values.browser, args: FLAGS });
  const signedIn = async (of: string): Promise<BrowserContext> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const person = demo.people.find((each) => each.of === of);
    if (!person) throw new Error(`the demo has nobody of ${of}`);
    const { email, password, url } = person;
    const answer = await context.request.post(`${url}/v1/session`, { data: { email, password } });
    if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}`);
    return context;
  };
  print(await measureDistricts(await signedIn('Hallpass staff'), demo.admin, districts));
  const grants = await call<{ data: { id: string; selection: { type: string } }[] }>(
    'GET',
    `/v1/grants?districtId=${alder.id}`,
  );
  const grant = grants.data.find(({ selection }) => selection.type === 'everything');
  if (grant) {
    const url = `${demo.tokenService}/districts/${alder.id}/grants/${grant.id}`;
    print(await measurePreview(await signedIn('Alder County Schools'), url));
  }
  await browser.close();
} finally {
  hallpass.kill('SIGTERM');
  await ended;
  await rm(folder, { recursive: true, force: true });
}

function print(lines: readonly Line[]): void {
  console.log(lines.map(([what, value]) => `| ${what} | ${value} |`).join('\n'));
}

/** Runs `hallpass …`; an import that is held ends with another code than 0, which is no fault here. */
async function hallpassCommand(args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'packages/cli/bin/hallpass.js'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  await new Promise((done) => child.once('exit', done));
}
