import type { openApiDocument } from '@hallpass/service-kit';
import { ALL_VERSIONS } from './all-versions.js';
import { componentsOf, type Schema } from './schema.js';

type OpenApi = Awaited<ReturnType<typeof openApiDocument>>;

/** The contract by file: `openapi/v1.1.json` and its like, with the schemas of each, and `openapi.json` for the rest. */
export function splitByVersion(whole: OpenApi): Record<string, OpenApi> {
  const isVersioned = (path: string) => ALL_VERSIONS.some(({ version }) => path.startsWith(`/${version}/`));
  const newest = ALL_VERSIONS.at(-1);
  const files: Record<string, OpenApi> = {
    'openapi.json': part(whole, (path) => !isVersioned(path), '', pick(newest ? componentsOf(newest) : {})),
  };
  for (const table of ALL_VERSIONS) {
    const isIn = (path: string) => path.startsWith(`/${table.version}/`);
    files[`openapi/${table.version}.json`] = part(whole, isIn, ` ${table.version}`, componentsOf(table));
  }
  return files;
}

/** What routes without a version refer to. */
function pick(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(['Link', 'Links', 'Me', 'Problem'].map((name) => [name, schemas[name] ?? {}]));
}

function part(
  whole: OpenApi,
  isIn: (path: string) => boolean,
  suffix: string,
  schemas: Record<string, Schema>,
): OpenApi {
  const paths = Object.entries(whole.paths).filter(([path]) => isIn(path));
  for (const [, item] of paths) {
    // What is open to all says so.
    for (const operation of Object.values(item) as { security?: unknown[] }[]) operation.security ??= [];
  }
  const text = JSON.stringify(Object.fromEntries(paths)).replaceAll(
    /"operationId":"V\d+(\w+\.\w+)"/g,
    '"operationId":"$1"',
  );
  const { token, apiKey } = whole.components?.securitySchemes ?? {};
  return {
    ...whole,
    info: { ...whole.info, title: `${whole.info.title}${suffix}`, license: LICENSE },
    paths: JSON.parse(text) as OpenApi['paths'],
    components: {
      securitySchemes: { ...(token && { token }), ...(apiKey && { apiKey }) },
      schemas: schemas,
    },
  };
}

const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' } as never;
