// Follows every link and anchor of the built site: none leads nowhere, and no page asks another site for anything.
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SITE = fileURLToPath(new URL('dist/site/', import.meta.url));
const BASE = '/docs/';
const files = readdirSync(SITE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(SITE.length).replaceAll('\\', '/'));
const pages = new Map(
  files
    .filter((name) => name.endsWith('.html'))
    .map((name) => [name, readFileSync(join(SITE, name), 'utf8')]),
);
const all = new Set(files);
const idsOf = (html) => new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
const ids = new Map([...pages].map(([name, html]) => [name, idsOf(html)]));
const faults = [];
let links = 0;

/** The file behind a path of the site. */
function fileOf(path) {
  const bare = path.slice(BASE.length);
  if (bare === '' || bare.endsWith('/')) return `${bare}index.html`;
  return all.has(bare) ? bare : `${bare}.html`;
}

for (const [name, html] of pages) {
  for (const [, tag, attribute, value] of html.matchAll(
    /<(a|link|script|img)\s[^>]*?(href|src)="([^"]*)"/g,
  )) {
    if (tag !== 'a' && /^(https?:)?\/\//.test(value)) faults.push(`${name} loads ${value}`);
    const url = new URL(value, `http://site${BASE}${name}`);
    if (url.host !== 'site' || !/^https?:$/.test(url.protocol)) continue;
    links += 1;
    // Files of the repository, which stand beside the pages there and not here.
    if (/\/(README|SECURITY|CONTRIBUTING|CHANGELOG)$/.test(url.pathname)) continue;
    const target = url.pathname.startsWith(BASE) ? fileOf(url.pathname) : undefined;
    if (!target || !all.has(target)) faults.push(`${name}: ${attribute} ${value} leads nowhere`);
    else if (url.hash && !ids.get(target)?.has(decodeURIComponent(url.hash.slice(1))))
      faults.push(`${name}: ${value} names no part of ${target}`);
  }
}
if (pages.size < 20 || links < 500) faults.push(`only ${pages.size} pages with ${links} links were found`);
console.log(`${pages.size} pages, ${links} links`);
for (const fault of new Set(faults)) console.error(fault);
const counts = { name: 'docs', passed: faults.length === 0 ? 1 : 0, failed: faults.length, skipped: 0 };
const countsFile = process.env.HALLPASS_TEST_COUNTS;
if (countsFile) appendFileSync(countsFile, `${JSON.stringify(counts)}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
