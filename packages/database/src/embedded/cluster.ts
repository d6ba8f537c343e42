import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { asOwnerOf, giveAway, isReachable, isRoot, publicFolder } from './unprivileged.js';

const run = promisify(execFile);

/** The Postgres major version that wrote a data folder; another cannot read it. */
const MAJOR_VERSION = '18';

export interface Cluster {
  readonly dataFolder: string;
  readonly password: string;
}

/** The data folder and the superuser's password, made on the first start and found again on later ones. */
export async function openCluster(folder: string, binaries: Binaries, isDurable: boolean): Promise<Cluster> {
  await mkdir(folder, { recursive: true });
  const dataFolder = await placeData(join(folder, 'postgres'));
  const passwordFile = join(folder, 'postgres-password');
  const version = await readVersion(dataFolder);
  if (version === undefined) return initialise(dataFolder, passwordFile, binaries, isDurable);
  if (version !== MAJOR_VERSION) {
    throw new EmbeddedPostgresError(
      `The data in ${dataFolder} was written by Postgres ${version}; this is ${MAJOR_VERSION}. ` +
        'Move the folder away to begin again.',
    );
  }
  await refuseForeignOwner(dataFolder);
  return { dataFolder, password: await readPassword(passwordFile) };
}

async function readVersion(dataFolder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    await refuseForeignOwner(dataFolder);
    throw error;
  }
}

/** Where the data really lie: behind a link when the server's user cannot walk to the folder asked for. */
async function placeData(wanted: string): Promise<string> {
  const existing = await realpath(wanted).catch(() => undefined);
  if (existing) return existing;
  await rm(wanted, { force: true });
  const parent = await realpath(dirname(wanted));
  if (await isReachable(parent)) return join(parent, 'postgres');
  const digest = createHash('sha256').update(parent).digest('hex').slice(0, 12);
  const elsewhere = await publicFolder('data', digest);
  await mkdir(elsewhere, { recursive: true, mode: 0o700 });
  await symlink(elsewhere, wanted);
  return elsewhere;
}

async function initialise(
  dataFolder: string,
  passwordFile: string,
  binaries: Binaries,
  isDurable: boolean,
): Promise<Cluster> {
  const password = randomBytes(24).toString('base64url');
  const fresh = `${dataFolder}.new`;
  const handedOver = `${dataFolder}.password`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  giveAway(fresh);
  await writeFile(handedOver, password, { mode: 0o600 });
  giveAway(handedOver);
  try {
    await runInitdb(binaries.initdb, fresh, handedOver, isDurable);
  } finally {
    await unlink(handedOver);
  }
  await writeFile(passwordFile, password, { mode: 0o600 });
  // Only a finished cluster gets the name, so that an interrupted first start is simply done again.
  await rm(dataFolder, { recursive: true, force: true });
  await rename(fresh, dataFolder);
  return { dataFolder, password };
}

async function runInitdb(
  initdb: string,
  data: string,
  passwordFile: string,
  isDurable: boolean,
): Promise<void> {
  const options = [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(isDurable ? [] : ['--no-sync']),
  ];
  try {
    await run(initdb, options, {
      ...(await asOwnerOf(data)),
      cwd: dirname(data),
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim() ?? String(cause);
    throw new EmbeddedPostgresError(`Postgres could not create its data folder ${data}: ${said}`, { cause });
  }
}

/** Postgres serves its owner only. Root may take any owner's part; an ordinary user only his own. */
async function refuseForeignOwner(dataFolder: string): Promise<void> {
  const { uid } = await stat(dataFolder);
  if (process.getuid === undefined || isRoot() || uid === process.getuid()) return;
  throw new EmbeddedPostgresError(
    `The data in ${dataFolder} belong to another user (uid ${uid}), perhaps from a start as root. ` +
      'Start as that user, or move the folder away to begin again.',
  );
}

async function readPassword(file: string): Promise<string> {
  const { mode } = await stat(file).catch(() => {
    throw new EmbeddedPostgresError(
      `${file} is missing: without it the data beside it cannot be opened. Put it back, or move the folder away to begin again.`,
    );
  });
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new EmbeddedPostgresError(`Others can read ${file}. Close it with: chmod 600 ${file}`);
  }
  return readFile(file, 'utf8');
}
