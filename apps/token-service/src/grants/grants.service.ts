import { setTimeout as wait } from 'node:timers/promises';
import { Grants, acceptRequest, lockGrant, moveGrant, type Actor, type GrantRow } from '@hallpass/database';
import { DomainError, type AppId, type DistrictId, type GrantId } from '@hallpass/domain';
import { LATEST_FIRST, listPage, toGrantResponse, type ListQuery } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const WAIT_MS = 8000;
const LOOK_MS = 60;

/** Whose grants are spoken of: an app's or a district's own. */
export type GrantOwner = { appId: AppId } | { districtId: DistrictId };

/** Grants as their app and their district see them. */
@Injectable()
export class GrantsService {
  constructor(private readonly dataSource: DataSource) {}

  list(owner: GrantOwner, query: ListQuery) {
    return listPage(this.dataSource.manager, Grants, query, toGrantResponse, {
      order: LATEST_FIRST,
      of: owner,
    });
  }

  async one(owner: GrantOwner, id: GrantId): Promise<GrantRow> {
    const grant = await this.dataSource.manager.findOneBy(Grants, { id, ...owner });
    if (!grant) throw new DomainError('not-found', 'No grant has this id.');
    return grant;
  }

  /** The app says yes to a district that asked. */
  async accept(appId: AppId, id: GrantId, actor: Actor): Promise<GrantRow> {
    const { districtId } = await this.one({ appId }, id);
    await this.dataSource.transaction(async (tx) => {
      await acceptRequest(tx, await lockGrant(tx, { id, districtId }), actor);
    });
    return this.settled(id);
  }

  /** The app says no. */
  async decline(appId: AppId, id: GrantId, actor: Actor): Promise<GrantRow> {
    const { status } = await this.one({ appId }, id);
    if (status !== 'requested')
      throw new DomainError('request-answered', `This request was answered before: the grant is ${status}.`);
    return moveGrant(this.dataSource, id, 'revoke', actor);
  }

  /**
   * The grant once nothing is being made ready for it, or as it is after eight seconds. This service may read no roster, so what a
   * new rule shows is made ready by the admin service; most rules stand within a moment.
   */
  async settled(id: GrantId): Promise<GrantRow> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const grant = await this.dataSource.manager.findOneByOrFail(Grants, { id });
      if (grant.awaits !== 'publication' || performance.now() > deadline) return grant;
      await wait(LOOK_MS);
    }
  }
}
