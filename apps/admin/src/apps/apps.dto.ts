import { ID_MESSAGE, ID_PATTERN } from '@hallpass/service-kit';
import { FIELD_CATALOGUE, RECORD_KINDS } from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsObject, IsOptional, Matches } from 'class-validator';
import { NameRequest } from '../names.js';

export class CreateAppRequest extends NameRequest {
  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  partnerId!: string;

  @ApiPropertyOptional({
    description: `What the app asks for: {"kinds": {"<kind>": ["<field>", …] or "all"}}, all by default; in the same form under "required" what of it districts cannot hide. Kinds: ${RECORD_KINDS.join(', ')}.`,
    example: { kinds: { school: 'all', user: FIELD_CATALOGUE.user.slice(0, 5) } },
  })
  @IsOptional()
  @IsObject()
  request?: { kinds?: Record<string, unknown>; required?: Record<string, unknown> };

  @ApiPropertyOptional({ description: 'Whether a legacy API key is issued as well' })
  @IsOptional()
  @IsBoolean()
  apiKey?: boolean;
}
