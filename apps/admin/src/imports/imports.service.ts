import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  Imports,
  beginImport,
  confirmImport,
  discardImport,
  failImport,
  failInterruptedImports,
  importRoster,
  type Actor,
  type ImportRow,
  type RosterFiles,
} from '@hallpass/database';
import { DomainError, ProblemList, newId, type DistrictId, type ImportId } from '@hallpass/domain';
import { openArchive, type RosterSource } from '@hallpass/roster-formats';
import { SERVICE_CONFIG, limitedArchive } from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import type { AdminConfig } from '../config.js';
import { rosterFiles } from './roster-files.js';

/** Part of every content hash: a reader that yields something else for the same files has to change it. */
const READER_VERSION = 'reader 1';

/**
 * Receives rosters and brings districts up to them. An archive stays on disk while its import runs or waits for a
 * confirmation, and no longer.
 */
@Injectable()
export class ImportsService implements OnModuleInit {
  readonly #logger = new Logger('imports');
  readonly #folder: string;
  readonly #mibMax: number;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE_CONFIG) config: AdminConfig,
  ) {
    this.#folder = config.HALLPASS_DATA_DIR;
    this.#mibMax = config.UPLOAD_MAX_MIB;
  }

  async onModuleInit(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await failInterruptedImports(this.dataSource);
    await this.#removeStrays();
  }

  /** Takes an archive in and starts its import, which goes on after the answer. */
  async start(
    districtId: DistrictId,
    archive: Readable,
    actor: Actor,
    id = newId<ImportId>(),
  ): Promise<ImportRow> {
    await beginImport(this.dataSource, districtId, id, actor);
    try {
      await pipeline(
        limitedArchive(archive, this.#mibMax),
        createWriteStream(this.#fileOf(id), { mode: 0o600 }),
      );
    } catch (error) {
      await this.#fail(districtId, id);
      throw error;
    }
    void this.#run(districtId, id, actor);
    return this.one(districtId, id);
  }

  /** Publishes a held import, if the roster is still the one that its report compared it with. */
  async confirm(districtId: DistrictId, id: ImportId, actor: Actor): Promise<ImportRow> {
    const confirmed = await confirmImport(this.dataSource, districtId, id, actor).catch(
      async (error: unknown) => {
        // The import is over, and so is its archive.
        if (error instanceof DomainError && error.code === 'import-superseded')
          await rm(this.#fileOf(id), { force: true });
        throw error;
      },
    );
    void this.#run(districtId, id, actor, confirmed);
    return this.one(districtId, id);
  }

  /** Lets a held import go; nothing of it was published. */
  async discard(districtId: DistrictId, id: ImportId, actor: Actor): Promise<ImportRow> {
    await discardImport(this.dataSource, districtId, id, actor);
    await rm(this.#fileOf(id), { force: true });
    return this.one(districtId, id);
  }

  async one(districtId: DistrictId, id: ImportId): Promise<ImportRow> {
    const found = await this.dataSource.manager.findOneBy(Imports, { districtId, id });
    if (!found) throw new DomainError('not-found', 'The district has no import of this id.');
    return found;
  }

  async #run(
    districtId: DistrictId,
    importId: ImportId,
    actor: Actor,
    confirmed?: { baseSeq: number },
  ): Promise<void> {
    try {
      const files = await this.#files(importId);
      const { status } = await importRoster(
        this.dataSource,
        { districtId, importId },
        files,
        actor,
        confirmed,
      );
      // With it go the held ones in whose place it stands.
      await this.#removeStrays();
      this.#logger.log({ importId, districtId, status });
    } catch (error) {
      this.#logger.error({ importId, districtId, stack: (error as Error).stack });
      await this.#fail(districtId, importId).catch(() => undefined);
    }
  }

  async #files(id: ImportId): Promise<RosterFiles> {
    const path = this.#fileOf(id);
    return rosterFiles(await hashArchive(path), (problems) => openArchive(path, problems));
  }

  async #fail(districtId: DistrictId, id: ImportId): Promise<void> {
    await failImport(this.dataSource, districtId, id);
    await rm(this.#fileOf(id), { force: true });
  }

  #fileOf(id: ImportId): string {
    return join(this.#folder, `${id}.zip`);
  }

  /** Deletes the archives whose import has ended. */
  async #removeStrays(): Promise<void> {
    // Listed first: whose file comes in meanwhile is not looked at.
    const files = await readdir(this.#folder);
    const needed = await this.dataSource.manager.find(Imports, {
      where: { status: In(['running', 'held']) },
      select: { id: true },
    });
    const wanted = new Set(needed.map(({ id }) => `${id}.zip`));
    for (const file of files) {
      if (file.endsWith('.zip') && !wanted.has(file)) await rm(join(this.#folder, file), { force: true });
    }
  }
}

/** Hash of the files in the archive, whatever the archive's own times and order. Faults are left to the reading itself. */
async function hashArchive(path: string): Promise<Buffer> {
  const source = await openArchive(path, new ProblemList());
  const hash = createHash('sha256').update(READER_VERSION);
  if (!source) return hash.digest();
  try {
    await hashFiles(source, hash);
  } catch {
    hash.update(path);
  } finally {
    await source.close();
  }
  return hash.digest();
}

async function hashFiles(source: RosterSource, hash: ReturnType<typeof createHash>): Promise<void> {
  for (const file of source.list().toSorted()) {
    hash.update(`\0${file}\0`);
    for await (const chunk of source.open(file)) hash.update(chunk);
  }
}
