import { Partners, brokenConstraint, recordAudit, type Actor, type PartnerRow } from '@hallpass/database';
import { DomainError, newId, type PartnerId } from '@hallpass/domain';
import { IdPipe, ListQuery, OperatorAccess, listPage } from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { NameRequest } from '../names.js';

/** Companies that make applications. */
@ApiTags('partners')
@Controller('v1/partners')
export class PartnersController {
  constructor(private readonly dataSource: DataSource) {}

  @Post()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Creates a partner' })
  async create(@Body() { name }: NameRequest, @CurrentActor() actor: Actor): Promise<PartnerRow> {
    const id = newId<PartnerId>();
    try {
      await this.dataSource.transaction(async (tx) => {
        await tx.insert(Partners, { id, name });
        await recordAudit(tx, actor, {
          action: 'partner.created',
          subjectType: 'partner',
          subjectId: id,
          after: { name },
        });
      });
    } catch (error) {
      if (brokenConstraint(error) !== 'partners_name_key') throw error;
      throw new DomainError('name-taken', 'Another partner has this name.');
    }
    return this.one(id);
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists partners' })
  list(@Query() query: ListQuery) {
    return listPage(this.dataSource.manager, Partners, query, (row) => row);
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives a partner' })
  async one(@Param('id', IdPipe) id: PartnerId): Promise<PartnerRow> {
    const partner = await this.dataSource.manager.findOneBy(Partners, { id });
    if (!partner) throw new DomainError('not-found', 'No partner has this id.');
    return partner;
  }
}
