import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { contractTexts } from '../dist/contract.js';

const ROOT = new URL('../', import.meta.url);
const run = promisify(execFile);

describe('the OpenAPI files', () => {
  // The built code: the compiler's metadata is part of the contract, and the test transform's differs.
  it('are the contract of the code (pnpm openapi writes them)', async () => {
    const texts = await contractTexts();
    for (const [name, text] of Object.entries(texts))
      expect([name, text === (await readFile(new URL(name, ROOT), 'utf8'))]).toEqual([name, true]);
    const versions = (await readdir(new URL('openapi/', ROOT))).map((name) => `openapi/${name}`);
    expect([...versions, 'openapi.json'].sort()).toEqual(Object.keys(texts).sort());
  });

  it('pass the linter', async () => {
    const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json');
    const command = join(dirname(manifest), 'bin', 'cli.js');
    const files = Object.keys(await contractTexts());
    // The strict rules: what is not quite right fails as well, and the command with it.
    await run(process.execPath, [command, 'lint', ...files, '--format=summary'], {
      cwd: fileURLToPath(ROOT),
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' },
    });
  });
});
