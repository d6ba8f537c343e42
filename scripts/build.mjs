import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, pnpm } from './pnpm.mjs';

const STAMP = join(ROOT, 'node_modules', '.cache', 'hallpass-build');
const SOURCES =
  /^(src|migrations|package\.json|tsconfig.*\.json|openapi\.json|api-types\.mjs|vite\.config\..*)$/;

/** Builds what has changed. Turbo would find out too, but takes seconds to say that nothing has. */
export function build() {
  const state = fingerprint();
  if (isBuilt() && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === state) return true;
  console.log('Building…');
  if (
    !pnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', '--ui=stream'], { isQuiet: true })
  ) {
    return false;
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, state);
  return true;
}

function isBuilt() {
  return packages().every((folder) => {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return !scripts.build || existsSync(join(folder, 'dist'));
  });
}

/** Every source file's name, size and time: what a build follows from, without reading it. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  for (const name of ['tsconfig.base.json', 'turbo.json', 'pnpm-lock.yaml']) add(join(ROOT, name));
  for (const folder of packages()) {
    for (const name of readdirSync(folder).filter((each) => SOURCES.test(each)))
      walk(join(folder, name), add);
  }
  return hash.digest('hex');
}

function packages() {
  return ['packages', 'apps']
    .map((group) => join(ROOT, group))
    .filter(existsSync)
    .flatMap((group) => readdirSync(group).map((name) => join(group, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

function walk(path, visit) {
  if (!statSync(path).isDirectory()) return visit(path);
  for (const name of readdirSync(path).sort()) walk(join(path, name), visit);
}
