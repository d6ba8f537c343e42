// Writes the types of the services' answers, from their OpenAPI files, to where the sources import them.
import { mkdir, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';

const TYPES = new URL('dist/api/', import.meta.url);
await mkdir(TYPES, { recursive: true });
for (const [service, name] of [
  ['token-service', 'portal'],
  ['admin', 'admin'],
]) {
  const ast = await openapi(new URL(`../${service}/openapi.json`, import.meta.url));
  await writeFile(new URL(`${name}.d.ts`, TYPES), astToString(ast));
}
