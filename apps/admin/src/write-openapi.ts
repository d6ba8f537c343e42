import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { contractText } from './contract.js';

await writeFile(new URL('../openapi.json', import.meta.url), await contractText());
