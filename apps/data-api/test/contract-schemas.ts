import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ALL_VERSIONS } from '../src/versions/all-versions.js';

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
for (const { version } of ALL_VERSIONS) {
  const file = new URL(`../openapi/${version}.json`, import.meta.url);
  ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, version);
}

const validators = new Map<string, ValidateFunction>();

/** What is wrong with an answer by the OpenAPI file of its version; empty when nothing is. `path` has its {id}. */
export function contractFaults(path: string, body: unknown): string[] {
  let validate = validators.get(path);
  if (!validate) {
    const version = path.split('/')[1] ?? '';
    const pointer = path
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
      .replaceAll('{', '%7B')
      .replaceAll('}', '%7D');
    const schema = `${version}#/paths/${pointer}/get/responses/200/content/application~1json/schema`;
    validators.set(path, (validate = ajv.compile({ $ref: schema })));
  }
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
