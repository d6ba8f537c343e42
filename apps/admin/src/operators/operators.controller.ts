import {
  Operators,
  brokenConstraint,
  disableOperator,
  lookupOf,
  recordAudit,
  type Actor,
  type InstallationKeys,
  type OperatorRow,
} from '@hallpass/database';
import {
  DomainError,
  OPERATOR_ROLES,
  maskSecret,
  newId,
  newSecret,
  type Id,
  type OperatorRole,
} from '@hallpass/domain';
import {
  BY_NAME,
  INSTALLATION_KEYS,
  IdPipe,
  ListQuery,
  OperatorAccess,
  listPage,
} from '@hallpass/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { DataSource } from 'typeorm';
import { CurrentActor } from '../current-actor.decorator.js';
import { NameRequest } from '../names.js';

class CreateOperatorRequest extends NameRequest {
  @ApiProperty({ enum: OPERATOR_ROLES })
  @IsIn(OPERATOR_ROLES)
  role!: OperatorRole;
}

function shown({ lookup: _hash, pepperVersion: _version, ...row }: OperatorRow) {
  return row;
}

/** Staff of the platform. */
@ApiTags('operators')
@Controller('v1/operators')
export class OperatorsController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  @Post()
  @OperatorAccess('administer')
  @ApiOperation({ summary: 'Appoints an operator; the token is shown this once' })
  async create(@Body() { name, role }: CreateOperatorRequest, @CurrentActor() actor: Actor) {
    const id = newId<Id<'operator'>>();
    const token = newSecret('operatorToken');
    const masked = maskSecret(token);
    try {
      await this.dataSource.transaction(async (tx) => {
        await tx.insert(Operators, { id, name, role, masked, ...lookupOf(this.keys, token) });
        await recordAudit(tx, actor, {
          action: 'operator.created',
          subjectType: 'operator',
          subjectId: id,
          after: { name, role, masked },
        });
      });
    } catch (error) {
      if (brokenConstraint(error) !== 'operators_name_key') throw error;
      throw new DomainError('name-taken', 'Another operator has this name.');
    }
    return { id, name, role, token };
  }

  @Get()
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists operators' })
  list(@Query() query: ListQuery) {
    return listPage(this.dataSource.manager, Operators, query, shown, { order: BY_NAME });
  }

  @Post(':id/disable')
  @HttpCode(200)
  @OperatorAccess('administer')
  @ApiOperation({ summary: 'Ends an operator’s access at once' })
  @ApiResponse({ status: 409, description: 'The last administrator stays.' })
  async disable(@Param('id', IdPipe) id: Id<'operator'>, @CurrentActor() actor: Actor) {
    return shown(await disableOperator(this.dataSource, id, actor));
  }
}
