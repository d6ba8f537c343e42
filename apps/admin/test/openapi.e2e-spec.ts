import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { contractText } from '../src/contract.js';

it('openapi.json is the contract of the code (pnpm openapi writes it)', async () => {
  expect(await contractText()).toBe(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'));
});
