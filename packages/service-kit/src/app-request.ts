import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsObject, IsOptional, IsString, IsUrl, MaxLength } from 'class-validator';

/** What staff and a partner's own people both set of an app; what is left out stays as it is. */
export class AppRequest {
  @ApiPropertyOptional({ maxLength: 2000, description: 'What it asks for and why, for districts to read' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  purpose?: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'The first is called with a code when a district has authorised the app',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @IsUrl(
    { require_tld: false, require_protocol: true, protocols: ['http', 'https'], allow_fragments: false },
    { each: true },
  )
  redirectUris?: string[];

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object', additionalProperties: { type: 'string' } },
    description: 'Public keys (JWK) with which its assertions are signed',
  })
  @IsOptional()
  @IsArray()
  @IsObject({ each: true })
  publicKeys?: Record<string, unknown>[];
}
