import {
  CurrentUser,
  LinkCodeRequest,
  MemberAccess,
  Public,
  SessionResponse,
  Sessions,
  SignIns,
  type MemberPrincipal,
} from '@hallpass/service-kit';
import { Body, Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ViewingsRepository } from './viewings.repository.js';

class ViewedApp {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;
}

class ShownViewing {
  @ApiProperty() id!: string;

  @ApiProperty({ description: 'Who of the staff' }) operatorName!: string;

  @ApiProperty() reason!: string;

  @ApiProperty({ type: ViewedApp, nullable: true, description: 'Null: the district itself' })
  app!: ViewedApp | null;

  @ApiProperty({ format: 'date-time' }) begunAt!: Date;

  @ApiProperty({ format: 'date-time', description: 'When it ends, or ended, at the latest' }) endsAt!: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was ended before that',
  })
  endedAt!: Date | null;
}

class ViewingsResponse {
  @ApiProperty({ type: [ShownViewing], description: 'The latest hundred, the latest first' })
  data!: ShownViewing[];
}

/** Staff of the platform who look at these pages: how they come in, and what is told of it. */
@ApiTags('viewings')
@Controller('v1/viewings')
export class ViewingsController {
  constructor(
    private readonly signIns: SignIns,
    private readonly sessions: Sessions,
    private readonly viewings: ViewingsRepository,
  ) {}

  @Get()
  @MemberAccess()
  @ApiOperation({
    summary:
      'Lists who of the staff has looked at the pages of the partner’s apps or of the district, and why',
  })
  @ApiOkResponse({ type: ViewingsResponse })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  async list(@CurrentUser() member: MemberPrincipal): Promise<ViewingsResponse> {
    return { data: await this.viewings.of(member) };
  }

  @Post('begin')
  @HttpCode(200)
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Begins to look, by the code that the pages of staff gave; once' })
  @ApiOkResponse({ type: SessionResponse })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  @ApiResponse({ status: 403, description: 'The call does not come from these pages.' })
  @ApiResponse({ status: 404, description: 'The code has run out or has been used.' })
  @ApiResponse({ status: 429, description: 'Too many tries have failed.' })
  async begin(
    @Body() { code }: LinkCodeRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionResponse> {
    const { secret, session } = await this.signIns.beginViewing(request, code, new Date());
    reply.header('set-cookie', this.sessions.cookieOf(secret, 'viewing'));
    return session;
  }
}
