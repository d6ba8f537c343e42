import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { contractText } from '../dist/contract.js';

// The built code: the compiler's metadata is part of the contract, and the test transform's differs.
it('openapi.json is the contract of the code (pnpm openapi writes it)', async () => {
  expect(await contractText()).toBe(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'));
});
