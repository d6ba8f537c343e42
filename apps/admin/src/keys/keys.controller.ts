import { keyUse, recordAudit, rewrapDataKeys, type Actor, type InstallationKeys } from '@hallpass/database';
import { INSTALLATION_KEYS, OperatorAccess } from '@hallpass/service-kit';
import { Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';

/** The keys of the installation: what hangs on which version, and the move to a new one. */
@ApiTags('keys')
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Says how much hangs on each version of the master key and of the pepper' })
  async status() {
    const { masterKeys, peppers } = await keyUse(this.dataSource);
    const { keys } = this;
    return {
      masterKey: {
        primary: keys.masterKeys.primary,
        configured: [...keys.masterKeys.versions.keys()],
        uses: masterKeys,
      },
      pepper: {
        primary: keys.peppers.primary,
        configured: [...keys.peppers.versions.keys()],
        uses: peppers,
      },
    };
  }

  @Post('rotate')
  @HttpCode(200)
  @OperatorAccess('administer')
  @ApiOperation({ summary: 'Wraps every data key anew under the primary master key, beside everything else' })
  async rotate(@CurrentActor() actor: Actor) {
    const rewrapped = await rewrapDataKeys(this.dataSource, this.keys);
    const { primary } = this.keys.masterKeys;
    await recordAudit(this.dataSource.manager, actor, {
      action: 'keys.rotated',
      subjectType: 'master-key',
      subjectId: String(primary),
      after: { rewrapped, primary },
    });
    return { ...(await this.status()), rewrapped };
  }
}
