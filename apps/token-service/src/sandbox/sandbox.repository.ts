import { Grants, sandboxOf } from '@hallpass/database';
import type { AppId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SandboxResponse } from './sandbox.dto.js';

/** The sandbox districts of apps. */
@Injectable()
export class SandboxRepository {
  constructor(private readonly dataSource: DataSource) {}

  async one(appId: AppId): Promise<SandboxResponse | undefined> {
    const found = await sandboxOf(this.dataSource, appId);
    if (!found) return undefined;
    const { id: districtId, name } = found;
    const grant = await this.dataSource.manager.findOneBy(Grants, { districtId, appId });
    return { districtId, name, grantId: grant?.id ?? null };
  }
}
