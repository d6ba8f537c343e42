// npm start: installs and builds what is missing or stale, then runs the launcher in this same process.
import './node-version.mjs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, install, isInstalled } from './pnpm.mjs';
import { build } from './build.mjs';

if (!isInstalled()) console.log('Installing (the first time takes about a minute)…');
if (!install()) stop('Installing failed; what pnpm said stands above.');
if (!build()) stop('Building failed; what the compiler said stands above.');
await import(pathToFileURL(join(ROOT, 'packages', 'launcher', 'dist', 'main.js')).href);

function stop(message) {
  console.error(message);
  process.exit(1);
}
