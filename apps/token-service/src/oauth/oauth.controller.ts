import {
  ClientAccess,
  CurrentUser,
  TokenAccess,
  type ClientPrincipal,
  type JudgedAccess,
} from '@hallpass/service-kit';
import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { TokenInfoResponse, TokenListResponse } from './oauth.dto.js';
import { OAuthService } from './oauth.service.js';

@ApiTags('oauth')
@Controller('oauth')
export class OAuthController {
  constructor(private readonly oauth: OAuthService) {}

  @Get('tokens')
  @ClientAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Lists the app’s tokens: one for each district that shares with it now' })
  @ApiQuery({ name: 'owner_type', required: true, schema: { type: 'string', enum: ['district'] } })
  @ApiQuery({ name: 'district', required: false, schema: { type: 'string', pattern: '^[0-9a-f]{24}$' } })
  @ApiOkResponse({ type: TokenListResponse })
  @ApiResponse({ status: 400, description: 'A parameter is not as it should be.' })
  tokens(
    @CurrentUser() client: ClientPrincipal,
    @Query('owner_type') ownerType?: string,
    @Query('district') district?: string,
  ): Promise<TokenListResponse> {
    return this.oauth.list(client.appId, ownerType, district);
  }

  @Get('tokeninfo')
  @TokenAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Says what the token that is sent is for' })
  @ApiOkResponse({ type: TokenInfoResponse })
  tokenInfo(@CurrentUser() judged: JudgedAccess): TokenInfoResponse {
    return this.oauth.info(judged);
  }
}
