import {
  Invitations,
  invite,
  withdrawInvitation,
  type Actor,
  type InstallationKeys,
} from '@hallpass/database';
import type { AppId, DistrictId, InvitationId } from '@hallpass/domain';
import {
  INSTALLATION_KEYS,
  LATEST_FIRST,
  SERVICE_CONFIG,
  listPage,
  type ListQuery,
} from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import {
  toInvitationResponse,
  type InvitationsPage,
  type InviteRequest,
  type MadeInvitationResponse,
} from './invitations.dto.js';

/** The invitations that an app makes. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_CONFIG) private readonly config: TokenServiceConfig,
  ) {}

  async invite(appId: AppId, request: InviteRequest, actor: Actor): Promise<MadeInvitationResponse> {
    const { districtId, note = '', days } = request;
    const command = {
      appId,
      districtId: (districtId ?? null) as DistrictId | null,
      note,
      ...(days === undefined ? {} : { days }),
    };
    const { invitation, code } = await invite(this.dataSource, this.keys, command, actor);
    const url = `${this.config.PORTAL_URL.replace(/\/$/, '')}/invitations#${code}`;
    return Object.assign(toInvitationResponse(invitation), { code, url });
  }

  list(appId: AppId, query: ListQuery): Promise<InvitationsPage> {
    return listPage(this.dataSource.manager, Invitations, query, toInvitationResponse, {
      order: LATEST_FIRST,
      of: { appId },
    });
  }

  withdraw(appId: AppId, id: InvitationId, actor: Actor): Promise<void> {
    return withdrawInvitation(this.dataSource, { appId, id }, actor);
  }
}
