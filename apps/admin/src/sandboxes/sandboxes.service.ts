import { createHash } from 'node:crypto';
import {
  Grants,
  approveGrant,
  beginImport,
  importRoster,
  takeSandbox,
  type Actor,
  type InstallationKeys,
  type SandboxDistrict,
} from '@hallpass/database';
import { generateDistrict } from '@hallpass/demo';
import { newId, type AppId, type ImportId } from '@hallpass/domain';
import type { RosterSource } from '@hallpass/roster-formats';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rosterFiles } from '../imports/roster-files.js';

/** Enough that lists have pages, few enough that it is there in a moment. */
const STUDENTS = 240;

/** Makes the districts of made-up people in which apps are tried out. */
@Injectable()
export class SandboxesService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  /** Makes an app's sandbox, or finishes what of it is missing: the district, its roster, a grant of everything the app asks for. */
  async create(appId: AppId, actor: Actor): Promise<void> {
    const sandbox = await takeSandbox(this.dataSource, appId, actor);
    const { id: districtId } = sandbox;
    if (!sandbox.hasRoster) await this.#fill(sandbox, appId, actor);
    if (await this.dataSource.manager.existsBy(Grants, { districtId, appId })) return;
    const choice = { selection: { type: 'everything' as const }, hiddenFields: [] };
    await approveGrant(this.dataSource, this.keys, { appId, districtId, ...choice }, actor);
  }

  async #fill({ id: districtId, name }: SandboxDistrict, appId: AppId, actor: Actor): Promise<void> {
    const importId = newId<ImportId>();
    await beginImport(this.dataSource, districtId, importId, actor);
    const contentHash = createHash('sha256').update(`sandbox|${appId}`).digest();
    const open = () => Promise.resolve(madeUpRoster(appId, name));
    await importRoster(this.dataSource, { districtId, importId }, rosterFiles(contentHash, open), actor);
  }
}

/** The same for the same app, and another one for every other. */
function madeUpRoster(appId: AppId, name: string): RosterSource {
  const roster = generateDistrict({
    seed: Number.parseInt(appId.slice(0, 7), 16),
    students: STUDENTS,
    name,
    domain: 'sandbox.example',
  });
  const files = new Map([...roster.files()].map((file) => [file.name, file]));
  return {
    name,
    list: () => [...files.keys()],
    async *open(file) {
      for (const text of files.get(file)?.chunks() ?? []) yield Buffer.from(text);
    },
    close: () => Promise.resolve(),
  };
}
