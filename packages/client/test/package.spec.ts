import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { VERSION } from '../src/version.js';
import { RosterServer } from './roster-server.js';

const run = promisify(execFile);
const HERE = resolve(import.meta.dirname, '..');
const SIZE_MAX = 12_000;
/** What the samples of the README run against. */
const server = new RosterServer();
let folder: string;
let url: string;

/** As an application has it: the packed file, unpacked where npm would unpack it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hallpass-client-'));
  const installed = join(folder, 'node_modules/@hallpass/client');
  await mkdir(installed, { recursive: true });
  const { packageManager } = JSON.parse(await readFile(join(HERE, '../../package.json'), 'utf8'));
  await run('npx', ['-y', packageManager, 'pack', '--pack-destination', folder], { cwd: HERE });
  await run('tar', [
    '-xzf',
    join(folder, `hallpass-client-${VERSION}.tgz`),
    '-C',
    installed,
    '--strip-components=1',
  ]);
  url = await server.start();
  server.reset([2, 1, 1, 3, 2, 0]);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function program(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  const env = { PATH: process.env['PATH'], HALLPASS_DATA_API_URL: url, HALLPASS_TOKEN: 'hptok_test' };
  const { stdout } = await run(process.execPath, [name], { cwd: folder, env });
  return stdout;
}

const USE = `
const ids = [];
(async () => {
  for await (const user of new Hallpass({ token: 'hptok_test' }).users.list({ pageSize: 2 })) ids.push(user.id.slice(-1));
  console.log(ids.join());
})();`;

describe('the packed package', () => {
  it('is imported', async () => {
    expect(await program('esm.mjs', `import { Hallpass } from '@hallpass/client';${USE}`)).toBe('1,2,3\n');
  });

  it('is required', async () => {
    expect(await program('cjs.cjs', `const { Hallpass } = require('@hallpass/client');${USE}`)).toBe(
      '1,2,3\n',
    );
  });

  it.each(['nodenext', 'bundler'])(
    'has types for modules of %s, without those of Node',
    async (resolution) => {
      const text = `import { Hallpass, type User } from '@hallpass/client';
      export const first = async (): Promise<User | undefined> => (await new Hallpass({ token: 'a' }).users.list().all())[0];
      // @ts-expect-error -- no such option
      new Hallpass({ tokn: 'a' });`;
      const names = resolution === 'nodenext' ? ['a.mts', 'a.cts'] : ['a.ts'];
      for (const name of names) await writeFile(join(folder, name), text);
      const compilerOptions = {
        noEmit: true,
        strict: true,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
        moduleResolution: resolution,
      };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
      const tsc = join(HERE, 'node_modules/typescript/bin/tsc');
      expect((await run(process.execPath, [tsc, '-p', folder])).stdout).toBe('');
    },
  );

  it('says of itself what package.json does, and needs nothing', async () => {
    const own = JSON.parse(
      await readFile(join(folder, 'node_modules/@hallpass/client/package.json'), 'utf8'),
    );
    expect([own.version, own.dependencies, own.license, own.publishConfig.provenance]).toEqual([
      VERSION,
      undefined,
      'Apache-2.0',
      true,
    ]);
    for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md'])
      expect(await readFile(join(folder, 'node_modules/@hallpass/client', name), 'utf8')).not.toBe('');
  });

  it(`is under ${SIZE_MAX / 1000} kB in a browser’s bundle`, async () => {
    const [rolldown, file] = [join(HERE, 'node_modules/.bin/rolldown'), join(folder, 'bundle.js')];
    const options = ['--platform', 'browser', '--format', 'esm', '--minify', '-o', file];
    await run(rolldown, [join(HERE, 'dist/esm/index.js'), ...options]);
    const code = await readFile(file);
    expect(code.includes('node:')).toBe(false);
    expect(gzipSync(code).length).toBeLessThan(SIZE_MAX);
  });

  it('has the types of the OpenAPI files as they are now', async () => {
    await expect(run(process.execPath, ['api-types.mjs', '--check'], { cwd: HERE })).resolves.toBeDefined();
  });
});

describe('the README', () => {
  it('has a first sample that runs as it stands', async () => {
    const readme = await readFile(join(HERE, 'README.md'), 'utf8');
    const [sample = ''] = [...readme.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1] as string);
    expect(sample).toContain("from '@hallpass/client'");
    expect(await program('sample.mjs', sample)).toBe('3 users, 9 records in the copy\n');
  });
});
