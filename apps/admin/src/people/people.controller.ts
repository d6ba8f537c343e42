import type { Actor } from '@hallpass/database';
import type { DistrictId, PartnerId, PersonId } from '@hallpass/domain';
import {
  IdPipe,
  InvitePersonRequest,
  InvitedResponse,
  MemberResponse,
  MemberRoleRequest,
  MembersResponse,
  OperatorAccess,
  People,
} from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentActor } from '../current-actor.decorator.js';

const STAFF = { type: 'staff' } as const;

/** Staff who sign in, and the first people of partners and districts. */
@ApiTags('people')
@Controller('v1')
export class PeopleController {
  constructor(private readonly people: People) {}

  @Get('people')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists the staff who sign in' })
  @ApiOkResponse({ type: MembersResponse })
  list(): Promise<MembersResponse> {
    return this.people.list(STAFF);
  }

  @Post('people')
  @OperatorAccess('administer')
  @ApiOperation({ summary: 'Invites somebody to the staff by mail' })
  @ApiCreatedResponse({ type: InvitedResponse })
  invite(@Body() body: InvitePersonRequest, @CurrentActor() actor: Actor): Promise<InvitedResponse> {
    return this.people.invite(STAFF, body, actor);
  }

  @Patch('people/:id')
  @OperatorAccess('administer')
  @ApiOperation({ summary: 'Gives a member of staff another role' })
  @ApiOkResponse({ type: MemberResponse })
  change(
    @Param('id', IdPipe) id: PersonId,
    @Body() { role }: MemberRoleRequest,
    @CurrentActor() actor: Actor,
  ): Promise<MemberResponse> {
    return this.people.change(STAFF, id, role, actor);
  }

  @Delete('people/:id')
  @HttpCode(204)
  @OperatorAccess('administer')
  @ApiOperation({ summary: 'Ends somebody’s work on the staff at once' })
  remove(@Param('id', IdPipe) id: PersonId, @CurrentActor() actor: Actor): Promise<void> {
    return this.people.remove(STAFF, id, actor);
  }

  @Get('partners/:id/people')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists a partner’s people' })
  @ApiOkResponse({ type: MembersResponse })
  listOfPartner(@Param('id', IdPipe) id: PartnerId): Promise<MembersResponse> {
    return this.people.list({ type: 'partner', id });
  }

  @Post('partners/:id/people')
  @OperatorAccess('operate')
  @ApiOperation({ summary: 'Invites somebody to a partner by mail: its first owner, who invites the others' })
  @ApiCreatedResponse({ type: InvitedResponse })
  inviteToPartner(
    @Param('id', IdPipe) id: PartnerId,
    @Body() body: InvitePersonRequest,
    @CurrentActor() actor: Actor,
  ): Promise<InvitedResponse> {
    return this.people.invite({ type: 'partner', id }, body, actor);
  }

  @Get('districts/:id/people')
  @OperatorAccess('read')
  @ApiOperation({ summary: 'Lists a district’s people' })
  @ApiOkResponse({ type: MembersResponse })
  listOfDistrict(@Param('id', IdPipe) id: DistrictId): Promise<MembersResponse> {
    return this.people.list({ type: 'district', id });
  }

  @Post('districts/:id/people')
  @OperatorAccess('operate')
  @ApiOperation({
    summary: 'Invites somebody to a district by mail: its first owner, who invites the others',
  })
  @ApiCreatedResponse({ type: InvitedResponse })
  inviteToDistrict(
    @Param('id', IdPipe) id: DistrictId,
    @Body() body: InvitePersonRequest,
    @CurrentActor() actor: Actor,
  ): Promise<InvitedResponse> {
    return this.people.invite({ type: 'district', id }, body, actor);
  }
}
