import { SECRET_PATTERN, SECRET_PREFIXES } from '@hallpass/domain';
import { Public } from '@hallpass/service-kit';
import { Body, Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ExposureService } from './exposure.service.js';

export class ExposureReport {
  @ApiProperty({ maxLength: 500, description: 'The secret as it was found' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  token!: string;
}

class ReceivedReport {
  @ApiProperty({ enum: ['received'] })
  status!: 'received';
}

/** For secret scanners and finders: what our secrets look like, and where to report one. */
@ApiTags('exposure')
@Controller('v1')
@Public()
export class ExposureController {
  constructor(private readonly exposure: ExposureService) {}

  @Get('secret-patterns')
  @Header('cache-control', 'public, max-age=86400')
  @ApiOperation({ summary: 'What secrets of Hallpass look like, for secret scanners' })
  @ApiOkResponse({ description: 'A regular expression, the prefixes, and how the checksum is made' })
  patterns() {
    return {
      pattern: SECRET_PATTERN.source,
      prefixes: SECRET_PREFIXES,
      checksum: 'The last 6 characters are CRC-32 of all that stands before, in base62 (0-9A-Za-z).',
      reportTo: '/v1/exposed-tokens',
    };
  }

  @Post('exposed-tokens')
  @HttpCode(202)
  @ApiOperation({
    summary:
      'Reports a secret that was found where it should not be; the answer is the same whether it exists or not',
  })
  @ApiAcceptedResponse({ type: ReceivedReport })
  @ApiResponse({ status: 400, description: 'The report is not as it should be.' })
  @ApiResponse({ status: 429, description: 'Too many reports from this address.' })
  async report(
    @Body() { token }: ExposureReport,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceivedReport> {
    reply.headers(await this.exposure.requireRoom(request.ip, new Date()));
    // Not waited for: the time of the answer would tell what the answer does not.
    this.exposure.receive(token.trim());
    return { status: 'received' };
  }
}
