import { setTimeout as wait } from 'node:timers/promises';
import { Grants, type GrantRow } from '@hallpass/database';
import type { GrantId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const WAIT_MS = 8000;
const LOOK_MS = 60;

/**
 * This service may read no roster, so what a new rule shows is made ready by the admin service. Most rules stand within a moment;
 * callers wait that long, and are told what is left to wait for.
 */
@Injectable()
export class GrantSettlement {
  constructor(private readonly dataSource: DataSource) {}

  /** The grant once nothing is being made ready for it, or as it is after eight seconds. */
  async settled(id: GrantId): Promise<GrantRow> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const grant = await this.dataSource.manager.findOneByOrFail(Grants, { id });
      if (grant.awaits !== 'publication' || performance.now() > deadline) return grant;
      await wait(LOOK_MS);
    }
  }
}
