import {
  ApiKeys,
  Apps,
  brokenConstraint,
  lookupOf,
  lookupsOf,
  recordAudit,
  recordAuthorityChange,
  rows,
  type Actor,
  type ApiKeyRow,
  type InstallationKeys,
} from '@hallpass/database';
import {
  DomainError,
  isImportableKey,
  maskSecret,
  newId,
  newSecret,
  type ApiKeyId,
  type AppId,
} from '@hallpass/domain';
import { INSTALLATION_KEYS } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

const UNUSABLE_KEY =
  'A key has 8 to 128 visible ASCII characters, no colon and no space, and is none of Hallpass’s own.';

/** A line of a list of keys: whose, by the app's id or client id, and which. */
export interface ListedKey {
  line: number;
  app: string;
  key: string;
}

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async issue(appId: AppId, actor: Actor): Promise<{ id: ApiKeyId; apiKey: string }> {
    await this.#requireApp(appId);
    return this.dataSource.transaction((tx) => this.issueIn(tx, appId, actor));
  }

  async issueIn(tx: EntityManager, appId: AppId, actor: Actor): Promise<{ id: ApiKeyId; apiKey: string }> {
    const apiKey = newSecret('apiKey');
    const id = await this.#insert(tx, appId, apiKey, 'issued', actor);
    return { id, apiKey };
  }

  /** Takes over a key of another system, so that there is something to retire. It is never shown again. */
  async import(appId: AppId, key: string, actor: Actor): Promise<{ id: ApiKeyId }> {
    await this.#requireApp(appId);
    if (!isImportableKey(key)) throw new DomainError('key-unusable', UNUSABLE_KEY);
    const insert = () => this.dataSource.transaction((tx) => this.#insert(tx, appId, key, 'imported', actor));
    return { id: await unlessKnown(insert) };
  }

  /** Takes over many keys at once, or none: what is wrong is told by line, and never repeats a key. */
  async importAll(list: readonly ListedKey[], actor: Actor): Promise<{ imported: number }> {
    const names = [...new Set(list.map(({ app }) => app))];
    const found = await rows<{ id: AppId; clientId: string }>(
      this.dataSource,
      'select id, client_id "clientId" from apps where id = any ($1) or client_id = any ($1)',
      [names],
    );
    const idOf = new Map(
      found.flatMap(
        ({ id, clientId }) =>
          [
            [id as string, id],
            [clientId, id],
          ] as const,
      ),
    );
    const lookups = list.map(({ key }) => lookupOf(this.keys, key).lookup);
    const known = await rows<{ lookup: Buffer }>(
      this.dataSource,
      'select lookup from api_keys where lookup = any ($1)',
      [list.flatMap(({ key }) => lookupsOf(this.keys, key))],
    );
    const taken = new Set(known.map(({ lookup }) => lookup.toString('hex')));
    const seen = new Map<string, number>();
    const faults = list.flatMap(({ app, key, line }, i) => {
      const own = (lookups[i] as Buffer).toString('hex');
      const earlier = seen.get(own);
      seen.set(own, earlier ?? line);
      const fault = (message: string) => [{ field: `line ${line}`, message }];
      if (!idOf.has(app)) return fault('no app has this id or client id');
      if (!isImportableKey(key)) return fault(UNUSABLE_KEY);
      if (earlier !== undefined) return fault(`the same key is in line ${earlier}`);
      const isTaken = lookupsOf(this.keys, key).some((lookup) => taken.has(lookup.toString('hex')));
      return isTaken ? fault('this key has been imported before') : [];
    });
    if (faults.length > 0)
      throw new DomainError(
        'keys-unreadable',
        'None of the keys was imported; `faults` names the lines.',
        faults,
      );
    await unlessKnown(() =>
      this.dataSource.transaction(async (tx) => {
        for (const { app, key } of list)
          await this.#insert(tx, idOf.get(app) as AppId, key, 'imported', actor);
      }),
    );
    return { imported: list.length };
  }

  async revoke(appId: AppId, id: ApiKeyId, actor: Actor): Promise<ApiKeyRow> {
    return this.dataSource.transaction(async (tx) => {
      const key = await tx.findOneBy(ApiKeys, { id, appId });
      if (!key) throw new DomainError('not-found', 'The app has no key of this id.');
      if (key.revokedAt) return key;
      const revokedAt = new Date();
      await tx.update(ApiKeys, { id }, { revokedAt });
      await recordAudit(tx, actor, {
        action: 'api-key.revoked',
        subjectType: 'api-key',
        subjectId: id,
        after: { appId },
      });
      await recordAuthorityChange(tx, 'api-key', id);
      return { ...key, revokedAt };
    });
  }

  async #insert(
    tx: EntityManager,
    appId: AppId,
    key: string,
    origin: ApiKeyRow['origin'],
    actor: Actor,
  ): Promise<ApiKeyId> {
    const id = newId<ApiKeyId>();
    const masked = maskSecret(key);
    await tx.insert(ApiKeys, { id, appId, origin, masked, ...lookupOf(this.keys, key) });
    await recordAudit(tx, actor, {
      action: `api-key.${origin}`,
      subjectType: 'api-key',
      subjectId: id,
      after: { appId, masked },
    });
    return id;
  }

  async #requireApp(id: AppId): Promise<void> {
    if (!(await this.dataSource.manager.existsBy(Apps, { id })))
      throw new DomainError('not-found', 'No app has this id.');
  }
}

/** Of two who import a key at once one does. */
async function unlessKnown<T>(insert: () => Promise<T>): Promise<T> {
  try {
    return await insert();
  } catch (error) {
    if (brokenConstraint(error) !== 'api_keys_lookup_key') throw error;
    throw new DomainError('key-known', 'This key has been imported before.');
  }
}
