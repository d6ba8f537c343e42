// Brings together what the site is built of: the pages of the repository's docs folder, where this package's modules are found, the
// services' contracts, and what renders them.
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';

const at = (path) => new URL(path, import.meta.url);
const PUBLIC = at('dist/public/');
const PAGES = at('dist/pages/');
await rm(PAGES, { recursive: true, force: true });
await cp(at('../../docs/'), PAGES, {
  recursive: true,
  filter: (path) => !/[\\/](screenshots|examples)$/.test(path),
});

/** The list of decisions, by their numbers. */
const decisions = await Promise.all(
  (await readdir(new URL('adr/', PAGES))).toSorted().map(async (file) => {
    const [title = ''] = (await readFile(new URL(`adr/${file}`, PAGES), 'utf8')).split('\n', 1);
    return `- [${title.slice(2)}](./${file})`;
  }),
);
await writeFile(
  new URL('adr/index.md', PAGES),
  `# Decisions\n\nWhat was to be decided, what was, and what was weighed.\n\n${decisions.join('\n')}\n`,
);

/** Files of the repository that are pages of the site as well, and where. */
const ELSEWHERE = {
  'packages/client/README.md': 'clients/typescript.md',
  'packages/client-python/README.md': 'clients/python.md',
  'SECURITY.md': 'security.md',
  'CHANGELOG.md': 'changes.md',
  'README.md': 'index.md',
  'apps/data-api/openapi/v3.1.json': 'reference/data-api.md',
  'docs/examples/oneroster-1.1': 'examples/oneroster-1.1.zip',
  'docs/examples/clever-csv': 'examples/clever-csv.zip',
};
await mkdir(new URL('clients/', PAGES));
for (const [file, page] of Object.entries(ELSEWHERE))
  if (page.endsWith('.md') && !/^README|json$/.test(file))
    await cp(at(`../../${file}`), new URL(page, PAGES));

// A link to a file of the repository becomes one to its page.
for (const name of await readdir(PAGES, { recursive: true })) {
  if (!name.endsWith('.md')) continue;
  const page = name.replaceAll('\\', '/');
  const original = Object.entries(ELSEWHERE).find(([, to]) => to === page && to !== 'index.md')?.[0];
  const from = original && !original.endsWith('.json') ? original : `docs/${page}`;
  const text = await readFile(new URL(page, PAGES), 'utf8');
  const linked = text.replaceAll(/\]\((\.\.?\/[^)#\s]*)(#[^)]*)?\)/g, (whole, path, anchor = '') => {
    const target = posix.join(posix.dirname(from), path);
    const to = ELSEWHERE[target] ?? (target.startsWith('docs/') ? target.slice('docs/'.length) : undefined);
    if (to === undefined) return whole;
    const relative = posix.relative(posix.dirname(page), to);
    return `](${relative.startsWith('.') ? relative : `./${relative}`}${anchor})`;
  });
  if (linked !== text) await writeFile(new URL(page, PAGES), linked);
}
await rm(PUBLIC, { recursive: true, force: true });
await mkdir(new URL('openapi/', PUBLIC), { recursive: true });
for (const service of ['token-service', 'admin'])
  await cp(at(`../${service}/openapi.json`), new URL(`openapi/${service}.json`, PUBLIC));
for (const version of await readdir(at('../data-api/openapi/')))
  await cp(at(`../data-api/openapi/${version}`), new URL(`openapi/data-api-${version}`, PUBLIC));
await cp(at('public/'), PUBLIC, { recursive: true });
const EXAMPLES = at('../../docs/examples/');
await mkdir(new URL('examples/', PUBLIC));
for (const entry of await readdir(EXAMPLES, { withFileTypes: true })) {
  const from = new URL(entry.name, EXAMPLES);
  const to = new URL(`examples/${entry.name}`, PUBLIC);
  if (!entry.isDirectory()) await cp(from, to);
  else await writeFile(`${fileURLToPath(to)}.zip`, await zipOf(fileURLToPath(from)));
}

/** A folder as people upload it, the same for the same files. */
async function zipOf(folder) {
  const names = (await readdir(folder)).toSorted();
  const files = await Promise.all(
    names.map(async (name) => [name, [await readFile(join(folder, name)), { mtime: '2026-08-01' }]]),
  );
  return zipSync(Object.fromEntries(files));
}

const ui = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
await mkdir(new URL('reference-ui/', PUBLIC));
for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css'])
  await cp(join(ui, file), new URL(`reference-ui/${file}`, PUBLIC));
