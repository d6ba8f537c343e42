// Brings together what the site is built of: the pages of the repository's docs folder, where this package's modules are found, the
// services' contracts, and what renders them.
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const at = (path) => new URL(path, import.meta.url);
const PUBLIC = at('dist/public/');
const PAGES = at('dist/pages/');
await rm(PAGES, { recursive: true, force: true });
await cp(at('../../docs/'), PAGES, {
  recursive: true,
  filter: (path) => !/[\\/](screenshots|examples)$/.test(path),
});
await rm(PUBLIC, { recursive: true, force: true });
await mkdir(new URL('openapi/', PUBLIC), { recursive: true });
for (const service of ['token-service', 'admin'])
  await cp(at(`../${service}/openapi.json`), new URL(`openapi/${service}.json`, PUBLIC));
for (const version of await readdir(at('../data-api/openapi/')))
  await cp(at(`../data-api/openapi/${version}`), new URL(`openapi/data-api-${version}`, PUBLIC));
await cp(at('public/'), PUBLIC, { recursive: true });
await cp(at('../../docs/examples/'), new URL('examples/', PUBLIC), { recursive: true });

const ui = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
await mkdir(new URL('reference-ui/', PUBLIC));
for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css'])
  await cp(join(ui, file), new URL(`reference-ui/${file}`, PUBLIC));
