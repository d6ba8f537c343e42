import {
  Apps,
  Partners,
  brokenConstraint,
  changeApp,
  issueClientSecret,
  recordAudit,
  type Actor,
  type AppRow,
  type InstallationKeys,
} from '@hallpass/database';
import {
  DomainError,
  newId,
  parseFieldRequest,
  requireFields,
  type AppId,
  type Id,
  type PartnerId,
} from '@hallpass/domain';
import { INSTALLATION_KEYS, requirePublicKeys } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { AppSettingsRequest } from './app-settings.dto.js';
import type { CreateAppRequest } from './apps.dto.js';

export interface CreatedApp extends AppRow {
  /** Shown this once. */
  clientSecret: string;
  apiKey?: string;
}

@Injectable()
export class AppsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly apiKeys: ApiKeysService,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async create(request: CreateAppRequest, actor: Actor): Promise<CreatedApp> {
    const requestedFields = parseFieldRequest(request.request?.kinds);
    const required = request.request?.required;
    const requiredFields = required ? parseFieldRequest(required) : {};
    requireFields(requiredFields, requestedFields);
    const partnerId = request.partnerId as PartnerId;
    if (!(await this.dataSource.manager.existsBy(Partners, { id: partnerId })))
      throw new DomainError('not-found', 'No partner has this id.');
    const id = newId<AppId>();
    const app = {
      id,
      partnerId,
      name: request.name,
      clientId: newId<Id<'client'>>(),
      requestedFields,
      requiredFields,
    };
    try {
      const secrets = await this.dataSource.transaction(async (tx) => {
        await tx.insert(Apps, app);
        const { clientSecret } = await issueClientSecret(tx, this.keys, id);
        await recordAudit(tx, actor, {
          action: 'app.created',
          subjectType: 'app',
          subjectId: id,
          after: app,
        });
        const apiKey = request.apiKey ? (await this.apiKeys.issueIn(tx, id, actor)).apiKey : undefined;
        return { clientSecret, ...(apiKey === undefined ? {} : { apiKey }) };
      });
      return { ...(await this.one(id)), ...secrets };
    } catch (error) {
      if (brokenConstraint(error) !== 'apps_partner_name_key') throw error;
      throw new DomainError('name-taken', 'The partner has another app of this name.');
    }
  }

  async change(id: AppId, { publicKeys, ...settings }: AppSettingsRequest, actor: Actor): Promise<AppRow> {
    const keys = publicKeys ? { publicKeys: await requirePublicKeys(publicKeys) } : {};
    return changeApp(this.dataSource, id, { ...settings, ...keys }, actor);
  }

  async one(id: AppId): Promise<AppRow> {
    const app = await this.dataSource.manager.findOneBy(Apps, { id });
    if (!app) throw new DomainError('not-found', 'No app has this id.');
    return app;
  }
}
