import {
  ApiKeys,
  Apps,
  brokenConstraint,
  lookupOf,
  recordAudit,
  recordAuthorityChange,
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
    if (!isImportableKey(key))
      throw new DomainError(
        'key-unusable',
        'A key has 8 to 128 visible ASCII characters, no colon and no space, and is none of Hallpass’s own.',
      );
    try {
      const id = await this.dataSource.transaction((tx) => this.#insert(tx, appId, key, 'imported', actor));
      return { id };
    } catch (error) {
      if (brokenConstraint(error) !== 'api_keys_lookup_key') throw error;
      throw new DomainError('key-known', 'This key has been imported before.');
    }
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
