// Writes the types of what the services answer, from their OpenAPI files, to src/api; with --check it only compares.
import { readFile, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';

const APPS = new URL('../../apps/', import.meta.url);
const SOURCES = { 'data-api': 'data-api/openapi/v3.1.json', 'token-service': 'token-service/openapi.json' };
const NOTE = '// Generated from the OpenAPI file by `pnpm run api`. Not edited by hand.\n\n';

const isCheck = process.argv.includes('--check');
for (const [name, file] of Object.entries(SOURCES)) {
  const target = new URL(`src/api/${name}.ts`, import.meta.url);
  const nodes = await openapi(new URL(file, APPS));
  // Paths are what the resource classes are for; bodies alone are taken from here.
  const text = NOTE + astToString(nodes.filter((node) => node.name?.text === 'components'));
  if (!isCheck) await writeFile(target, text);
  else if ((await readFile(target, 'utf8')) !== text) {
    process.stderr.write(`src/api/${name}.ts is not of ${file}: run \`pnpm run api\`.\n`);
    process.exitCode = 1;
  }
}
