import { chmod, cp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { isReachable, publicFolder } from './unprivileged.js';

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/** The programs of this machine's npm package, made runnable by the user that the server runs as. */
export async function findBinaries(): Promise<Binaries> {
  const { root, version } = await findPackage();
  await linkLibraries(root);
  const native = join(root, 'native');
  return within(
    (await isReachable(join(native, 'bin', program('postgres')))) ? native : await copyOut(native, version),
  );
}

async function findPackage(): Promise<{ root: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `There is no embedded Postgres for ${process.platform} on ${process.arch} (${name} is not installed). ` +
        'Install the workspace again, or set DATABASE_URL to use a Postgres of your own.',
      { cause },
    );
  }
}

/** The package lists the links between its libraries in a file, because npm packages cannot hold links. */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** A copy that every user may read, kept for later starts. Renamed into place, so that a half-made one never counts. */
async function copyOut(native: string, version: string): Promise<string> {
  const copy = await publicFolder(`postgres-${version}`);
  if (await stat(copy).catch(() => undefined)) return copy;
  const fresh = `${copy}.${process.pid}`;
  await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
  await openToAll(fresh);
  await rename(fresh, copy).catch(async (error: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return copy;
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

function within(native: string): Binaries {
  const at = (name: string): string => join(native, 'bin', program(name));
  return { initdb: at('initdb'), pgCtl: at('pg_ctl'), postgres: at('postgres') };
}

function program(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}
