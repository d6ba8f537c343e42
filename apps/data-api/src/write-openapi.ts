import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { contractTexts } from './contract.js';

const ROOT = new URL('../', import.meta.url);

await mkdir(new URL('openapi/', ROOT), { recursive: true });
for (const [name, text] of Object.entries(await contractTexts())) await writeFile(new URL(name, ROOT), text);
