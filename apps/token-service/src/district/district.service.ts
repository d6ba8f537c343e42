import {
  Districts,
  Invitations,
  acceptInvitation,
  findInvitation,
  moveGrant,
  requestGrant,
  requestNarrowing,
  type Actor,
  type GrantRow,
  type InstallationKeys,
  type InvitationRow,
} from '@hallpass/database';
import { DomainError, type AppId, type DistrictId, type GrantId, type InvitationId } from '@hallpass/domain';
import {
  INSTALLATION_KEYS,
  answerAccessLog,
  toFields,
  toSelection,
  toSharingChange,
  toTerm,
  type AccessLogQuery,
  type ChangeGrantRequest,
  type SharingRequest,
} from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource, IsNull, MoreThan } from 'typeorm';
import { GrantsService } from '../grants/grants.service.js';
import { toInvitationResponse } from '../invitations/invitations.dto.js';
import { ListedAppsRepository, type ListedApp } from './apps.repository.js';
import type {
  AcceptInvitationRequest,
  AskAppRequest,
  FindAppsQuery,
  InvitationWithApp,
} from './district.dto.js';

/** An app has one open invitation to a district at the most. */
const INVITATIONS_MAX = 1000;

/** What a district's people do: find apps, say what is shared with whom, and end it. */
@Injectable()
export class DistrictService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly apps: ListedAppsRepository,
    private readonly grants: GrantsService,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async district(id: DistrictId) {
    const { name, lastImportAt } = await this.dataSource.manager.findOneByOrFail(Districts, { id });
    return { id, name, lastImportAt };
  }

  async findApps(districtId: DistrictId, { search, startingAfter: after, limit }: FindAppsQuery) {
    const found = await this.apps.find(districtId, { search, after, limit: limit + 1 });
    const data = found.slice(0, limit);
    return { data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
  }

  /** The open invitations that name the district. */
  async invitations(districtId: DistrictId): Promise<InvitationWithApp[]> {
    const found = await this.dataSource.manager.find(Invitations, {
      where: { districtId, acceptedAt: IsNull(), withdrawnAt: IsNull(), expiresAt: MoreThan(new Date()) },
      order: { id: 'ASC' },
      take: INVITATIONS_MAX,
    });
    return this.#withApps(found);
  }

  async lookUp(districtId: DistrictId, code: string): Promise<InvitationWithApp> {
    const found = await this.dataSource.transaction((tx) =>
      findInvitation(tx, this.keys, districtId, { code }),
    );
    const [shown] = await this.#withApps([found]);
    if (!shown) throw new Error('an invitation without an app');
    return shown;
  }

  async accept(districtId: DistrictId, request: AcceptInvitationRequest, actor: Actor): Promise<GrantRow> {
    const { code, invitationId } = request;
    const key = code === undefined ? { invitationId: invitationId as InvitationId } : { code };
    const command = { districtId, key, ...choiceOf(request) };
    const { id } = await acceptInvitation(this.dataSource, this.keys, command, actor);
    return this.grants.settled(id);
  }

  /** Asks an app that the district has found; one that takes districts at once is opened at once. */
  async ask(districtId: DistrictId, request: AskAppRequest, actor: Actor): Promise<GrantRow> {
    const app = await this.apps.asked(request.appId as AppId);
    if (!app) throw new DomainError('not-found', 'No app has this id.');
    const awaits = app.signup === 'at-once' ? 'publication' : 'app';
    const { id } = await this.dataSource.transaction((tx) =>
      requestGrant(tx, { appId: app.id, districtId, awaits, ...choiceOf(request) }, actor),
    );
    return this.grants.settled(id);
  }

  async change(
    districtId: DistrictId,
    id: GrantId,
    request: ChangeGrantRequest,
    actor: Actor,
  ): Promise<GrantRow> {
    await this.grants.one({ districtId }, id);
    await this.dataSource.transaction((tx) => requestNarrowing(tx, id, toSharingChange(request), actor));
    return this.grants.settled(id);
  }

  async move(
    districtId: DistrictId,
    id: GrantId,
    action: 'pause' | 'resume' | 'revoke',
    actor: Actor,
  ): Promise<GrantRow> {
    await this.grants.one({ districtId }, id);
    return moveGrant(this.dataSource, id, action, actor);
  }

  accessLog(districtId: DistrictId, query: AccessLogQuery, request: FastifyRequest, reply: FastifyReply) {
    return answerAccessLog(this.dataSource, districtId, query, request, reply);
  }

  async #withApps(invitations: readonly InvitationRow[]): Promise<InvitationWithApp[]> {
    const apps = await this.apps.named(invitations.map(({ appId }) => appId));
    const byId = new Map<string, ListedApp>(apps.map((app) => [app.id, app]));
    return invitations.flatMap((each) => {
      const app = byId.get(each.appId);
      return app ? [Object.assign(toInvitationResponse(each), { app })] : [];
    });
  }
}

function choiceOf(request: SharingRequest) {
  return {
    selection: toSelection(request) ?? ({ type: 'everything' } as const),
    hiddenFields: toFields(request.hideFields ?? []),
    ...toTerm(request),
  };
}
