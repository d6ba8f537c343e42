import type { PersonId } from '@hallpass/domain';
import {
  CurrentUser,
  IdPipe,
  InvitePersonRequest,
  InvitedResponse,
  MemberAccess,
  MemberResponse,
  MemberRoleRequest,
  MembersResponse,
  People,
  actorOf,
  requireMay,
  type MemberPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Delete, Get, Param, Patch, Post, HttpCode, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Last = () => ApiResponse({ status: 409, description: 'The last owner stays.' });

/** The people of a partner or of a district: its owners manage them. */
@ApiTags('people')
@Controller('v1/people')
@MemberAccess()
export class PeopleController {
  constructor(private readonly people: People) {}

  @Get()
  @ApiOperation({ summary: 'Lists who belongs to the partner or district' })
  @ApiOkResponse({ type: MembersResponse })
  @Malformed()
  list(@CurrentUser() { scope }: MemberPrincipal): Promise<MembersResponse> {
    return this.people.list(scope);
  }

  @Post()
  @ApiOperation({ summary: 'Invites somebody by mail; again, where they have not followed the link' })
  @ApiCreatedResponse({ type: InvitedResponse })
  @Malformed()
  @ApiResponse({ status: 409, description: 'The person is a member already.' })
  invite(
    @CurrentUser() member: MemberPrincipal,
    @Body() body: InvitePersonRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<InvitedResponse> {
    requireMay(member.person, 'manage-people');
    return this.people.invite(member.scope, body, actorOf(member, requestId));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Gives somebody another role' })
  @ApiOkResponse({ type: MemberResponse })
  @Malformed()
  @Last()
  change(
    @CurrentUser() member: MemberPrincipal,
    @Param('id', IdPipe) id: PersonId,
    @Body() { role }: MemberRoleRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<MemberResponse> {
    requireMay(member.person, 'manage-people');
    return this.people.change(member.scope, id, role, actorOf(member, requestId));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends somebody’s membership at once' })
  @Last()
  remove(
    @CurrentUser() member: MemberPrincipal,
    @Param('id', IdPipe) id: PersonId,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<void> {
    requireMay(member.person, 'manage-people');
    return this.people.remove(member.scope, id, actorOf(member, requestId));
  }
}
