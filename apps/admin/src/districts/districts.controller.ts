import { randomBytes } from 'node:crypto';
import { Districts, brokenConstraint, recordAudit, type Actor, type DistrictRow } from '@hallpass/database';
import { DomainError, newId, type DistrictId } from '@hallpass/domain';
import { OperatorAccess } from '@hallpass/service-kit';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { ID_MESSAGE, ID_PATTERN, IdPipe } from '../ids.js';
import { ListQuery, listPage } from '@hallpass/service-kit';
import { NameRequest } from '../names.js';

class CreateDistrictRequest extends NameRequest {
  @ApiPropertyOptional({ description: 'The id that the district has elsewhere, for those who migrate' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  id?: string;
}

function shown({ id, name, seq, lastImportAt, createdAt }: DistrictRow) {
  return { id, name, seq, lastImportAt, createdAt };
}

/** Owners of roster data. */
@ApiTags('districts')
@Controller('v1/districts')
export class DistrictsController {
  constructor(private readonly dataSource: DataSource) {}

  @Post()
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Creates a district' })
  async create(@Body() request: CreateDistrictRequest, @CurrentActor() actor: Actor) {
    const id = (request.id ?? newId()) as DistrictId;
    const { name } = request;
    try {
      await this.dataSource.transaction(async (tx) => {
        await tx.insert(Districts, { id, name, recordKey: randomBytes(32) });
        await recordAudit(tx, actor, {
          action: 'district.created',
          subjectType: 'district',
          subjectId: id,
          districtId: id,
          after: { name },
        });
      });
    } catch (error) {
      if (brokenConstraint(error) !== 'districts_pkey') throw error;
      throw new DomainError('id-taken', 'Another district has this id.');
    }
    return this.one(id);
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists districts' })
  list(@Query() query: ListQuery) {
    return listPage(this.dataSource.manager, Districts, query, shown);
  }

  @Get(':id')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Gives a district' })
  async one(@Param('id', IdPipe) id: DistrictId) {
    const district = await this.dataSource.manager.findOneBy(Districts, { id });
    if (!district) throw new DomainError('not-found', 'No district has this id.');
    return shown(district);
  }
}
