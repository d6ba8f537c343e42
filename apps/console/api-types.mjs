// Writes the types of the services' answers, from their OpenAPI files, and the domain's words to where the sources import them: the
// domain itself is a server's.
import { mkdir, writeFile } from 'node:fs/promises';
import { CHOSEN_KINDS, FIELD_CATALOGUE, OPERATORS, attributesOf } from '@hallpass/domain';
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

const words = {
  FIELD_CATALOGUE,
  OPERATORS,
  ATTRIBUTES: Object.fromEntries(CHOSEN_KINDS.map((kind) => [kind, attributesOf(kind)])),
};
await writeFile(
  new URL('words.ts', TYPES),
  Object.entries(words)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)} as const;\n`)
    .join(''),
);
