import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/**
 * Runs the pinned pnpm, which npx brings: nobody has to install it. What it runs finds pnpm on its path. When quiet, its
 * output shows only if it fails.
 */
export function pnpm(args, { env = {}, isQuiet = false } = {}) {
  const { status, error, stdout, stderr } = spawnSync('npx', ['-y', packageManager, ...args], {
    cwd: ROOT,
    stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    maxBuffer: 100_000_000,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', npm_config_loglevel: 'error', ...env },
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (isQuiet && status !== 0) process.stderr.write(Buffer.concat([stdout, stderr]));
  return status === 0;
}

/** True when what is installed is what the lockfile asks for. */
export function isInstalled() {
  const wanted = read('../pnpm-lock.yaml');
  return wanted !== undefined && wanted === read('../node_modules/.pnpm/lock.yaml');
}

/** Installs exactly the lockfile, unless that is there already. CI=true keeps pnpm from asking questions. */
export function install() {
  return isInstalled() || pnpm(['install', '--frozen-lockfile'], { env: { CI: 'true' } });
}

function read(path) {
  try {
    return readFileSync(new URL(path, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}
