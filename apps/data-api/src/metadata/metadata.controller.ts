import { allFields, parseId, scopesOf, type DistrictId } from '@hallpass/domain';
import { Problem, Public, SERVICE_CONFIG, type ServiceConfig } from '@hallpass/service-kit';
import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';

/** What an OAuth client can find out about this API by itself (RFC 9728): as a whole, and as one district's. */
@ApiTags('metadata')
@Public()
@Controller('.well-known')
export class MetadataController {
  constructor(@Inject(SERVICE_CONFIG) private readonly config: ServiceConfig) {}

  @Get('oauth-protected-resource')
  @Header('cache-control', 'public, max-age=3600')
  @ApiOperation({ summary: 'Describes this API to OAuth clients (RFC 9728)' })
  @ApiResponse({ status: 200, description: 'The members that RFC 9728 defines' })
  whole() {
    return this.#describe(this.config.DATA_API_URL);
  }

  @Get('oauth-protected-resource/districts/:id')
  @Header('cache-control', 'public, max-age=3600')
  @ApiOperation({
    summary: 'The same of one district, as the `resource` of a token request; of any id, known or not',
  })
  @ApiResponse({ status: 200, description: 'The members that RFC 9728 defines' })
  @ApiResponse({ status: 404, description: 'This is no id.' })
  ofDistrict(@Param('id') text: string) {
    const id = parseId<DistrictId>(text);
    if (!id) throw new Problem('not-found', { detail: 'Nothing has this id; ids are 24 hex characters.' });
    return this.#describe(`${this.config.DATA_API_URL.replace(/\/$/, '')}/districts/${id}`);
  }

  #describe(resource: string) {
    return {
      resource,
      authorization_servers: [this.config.TOKEN_SERVICE_URL],
      bearer_methods_supported: ['header'],
      scopes_supported: scopesOf(allFields()),
      resource_name: 'Hallpass data API',
      resource_documentation: this.config.DOCS_URL,
    };
  }
}
