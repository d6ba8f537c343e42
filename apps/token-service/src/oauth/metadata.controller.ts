import { allFields, scopesOf } from '@hallpass/domain';
import { ASSERTION_ALGORITHMS, Public, SERVICE_CONFIG } from '@hallpass/service-kit';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TokenServiceConfig } from '../config.js';

const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** What an OAuth client can find out by itself (RFC 8414). */
@ApiTags('oauth')
@Public()
@Controller('.well-known')
export class MetadataController {
  constructor(@Inject(SERVICE_CONFIG) private readonly config: TokenServiceConfig) {}

  @Get('oauth-authorization-server')
  @Header('cache-control', 'public, max-age=3600')
  @ApiOperation({ summary: 'Describes this authorization server (RFC 8414)' })
  @ApiOkResponse({ description: 'The members that RFC 8414 and RFC 9728 define' })
  authorizationServer() {
    const issuer = this.config.TOKEN_SERVICE_URL;
    const at = (path: string) => `${issuer.replace(/\/$/, '')}${path}`;
    const methods = (endpoint: string) => ({
      [`${endpoint}_endpoint_auth_methods_supported`]: AUTH_METHODS,
      [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: ASSERTION_ALGORITHMS,
    });
    return {
      issuer,
      token_endpoint: at('/oauth/token'),
      ...methods('token'),
      revocation_endpoint: at('/oauth/revoke'),
      ...methods('revocation'),
      introspection_endpoint: at('/oauth/introspect'),
      ...methods('introspection'),
      grant_types_supported: ['client_credentials', 'authorization_code'],
      response_types_supported: [],
      scopes_supported: scopesOf(allFields()),
      protected_resources: [this.config.DATA_API_URL],
      service_documentation: this.config.DOCS_URL,
    };
  }
}
