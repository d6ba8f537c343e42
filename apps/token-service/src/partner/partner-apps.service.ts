import { Apps, changeApp, type Actor, type AppRow } from '@hallpass/database';
import { DomainError, parseFieldRequest, requireFields, type AppId, type PartnerId } from '@hallpass/domain';
import { Problem, requirePublicKeys, type MemberPrincipal } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PartnerAppRequest, PartnerAppResponse, PartnerAppsResponse } from './partner-apps.dto.js';

/** What a partner's people see and set of its apps. */
@Injectable()
export class PartnerApps {
  constructor(private readonly dataSource: DataSource) {}

  async list(partnerId: PartnerId): Promise<PartnerAppsResponse> {
    const apps = await this.dataSource.manager.find(Apps, { where: { partnerId }, order: { name: 'ASC' } });
    return { data: apps.map(shown) };
  }

  /** The app, if it is the partner's. */
  async require(partnerId: PartnerId, id: AppId): Promise<AppRow> {
    const app = await this.dataSource.manager.findOneBy(Apps, { id, partnerId });
    if (!app) throw new DomainError('not-found', 'The partner has no app of this id.');
    return app;
  }

  async change(
    partnerId: PartnerId,
    id: AppId,
    request: PartnerAppRequest,
    actor: Actor,
  ): Promise<PartnerAppResponse> {
    const app = await this.require(partnerId, id);
    const { purpose, redirectUris, requestedFields, requiredFields, publicKeys } = request;
    const requested = requestedFields ? parseFieldRequest(requestedFields) : app.requestedFields;
    const required = requiredFields ? fieldsIn(requiredFields) : app.requiredFields;
    requireFields(required, requested);
    const settings = {
      ...(purpose === undefined ? {} : { purpose }),
      ...(redirectUris === undefined ? {} : { redirectUris }),
      ...(publicKeys === undefined ? {} : { publicKeys: await requirePublicKeys(publicKeys) }),
      requestedFields: requested,
      requiredFields: required,
    };
    return shown(await changeApp(this.dataSource, id, settings, actor));
  }
}

function fieldsIn(kinds: Record<string, unknown>) {
  return Object.keys(kinds).length === 0 ? {} : parseFieldRequest(kinds);
}

function shown({ partnerId: _partner, ...app }: AppRow): PartnerAppResponse {
  return app;
}

/** The partner for which a person acts. */
export function partnerOf({ scope }: MemberPrincipal): PartnerId {
  if (scope.type === 'partner') return scope.id;
  throw new Problem('request-invalid', { detail: 'Say for which partner you act: Hallpass-Partner.' });
}
