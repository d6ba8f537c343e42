import { Partners, brokenConstraint, recordAudit, type Actor, type PartnerRow } from '@hallpass/database';
import { DomainError, newId, type PartnerId } from '@hallpass/domain';
import { IdPipe, ListQuery, OperatorAccess, namedPage } from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsEmail, IsOptional } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { NameRequest } from '../names.js';

class PartnerSettingsRequest {
  @ApiPropertyOptional({ type: [String], maxItems: 20, description: 'E-mail addresses' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsEmail({}, { each: true })
  noticeAddresses?: string[];
}

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

  @Patch(':id')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Changes who is told by mail of what happens to a partner’s apps' })
  async change(
    @Param('id', IdPipe) id: PartnerId,
    @Body() { noticeAddresses }: PartnerSettingsRequest,
    @CurrentActor() actor: Actor,
  ): Promise<PartnerRow> {
    const before = await this.one(id);
    if (noticeAddresses === undefined) return before;
    await this.dataSource.transaction(async (tx) => {
      await tx.update(Partners, { id }, { noticeAddresses });
      // Addresses are people's: the log says how many.
      await recordAudit(tx, actor, {
        action: 'partner.changed',
        subjectType: 'partner',
        subjectId: id,
        before: { noticeAddresses: before.noticeAddresses.length },
        after: { noticeAddresses: noticeAddresses.length },
      });
    });
    return { ...before, noticeAddresses };
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists partners' })
  list(@Query() query: ListQuery) {
    return namedPage(this.dataSource.manager, Partners, query, (row) => row);
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
