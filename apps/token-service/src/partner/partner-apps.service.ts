import { Apps, changeApp, type Actor, type AppRow } from '@hallpass/database';
import {
  DomainError,
  parseFieldRequest,
  requireFields,
  viewingShows,
  type AppId,
  type PartnerId,
} from '@hallpass/domain';
import { Problem, requirePublicKeys, type MemberPrincipal } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PartnerAppRequest, PartnerAppResponse, PartnerAppsResponse } from './partner-apps.dto.js';

/** What a partner's people see and set of its apps. */
@Injectable()
export class PartnerApps {
  constructor(private readonly dataSource: DataSource) {}

  async list(member: MemberPrincipal): Promise<PartnerAppsResponse> {
    const where = { partnerId: partnerOf(member) };
    const apps = await this.dataSource.manager.find(Apps, { where, order: { name: 'ASC' } });
    return { data: apps.filter(({ id }) => isShownTo(member, id)).map(shown) };
  }

  /** The app, if it is the partner's and the person is shown it. */
  async require(member: MemberPrincipal, id: AppId): Promise<AppRow> {
    const app = await this.dataSource.manager.findOneBy(Apps, { id, partnerId: partnerOf(member) });
    if (!app || !isShownTo(member, id))
      throw new DomainError('not-found', 'The partner has no app of this id.');
    return app;
  }

  async change(
    member: MemberPrincipal,
    id: AppId,
    request: PartnerAppRequest,
    actor: Actor,
  ): Promise<PartnerAppResponse> {
    const app = await this.require(member, id);
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

/** Staff who look at one app of a partner are not shown the others. */
function isShownTo({ viewing }: MemberPrincipal, id: AppId): boolean {
  return !viewing || viewingShows(viewing, id);
}

/** The partner for which a person acts. */
function partnerOf({ scope }: MemberPrincipal): PartnerId {
  if (scope.type === 'partner') return scope.id;
  throw new Problem('request-invalid', { detail: 'Say for which partner you act: Hallpass-Partner.' });
}
