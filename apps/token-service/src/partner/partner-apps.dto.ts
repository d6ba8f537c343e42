import { AppRequest } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsOptional } from 'class-validator';

/** What a partner's people set of an app; what is left out stays as it is. */
export class PartnerAppRequest extends AppRequest {
  @ApiPropertyOptional({
    type: Object,
    description:
      'What it asks districts for from now on: {"<kind>": ["<field>", …] or "all"}. What districts have agreed to stays as it is.',
  })
  @IsOptional()
  @IsObject()
  requestedFields?: Record<string, unknown>;

  @ApiPropertyOptional({ type: Object, description: 'In the same form, what of it districts cannot hide' })
  @IsOptional()
  @IsObject()
  requiredFields?: Record<string, unknown>;
}

const FIELDS = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string' } },
  description: 'Fields by kind',
} as const;

export class PartnerAppResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty()
  clientId!: string;

  @ApiProperty()
  isEnabled!: boolean;

  @ApiProperty()
  purpose!: string;

  @ApiProperty(FIELDS)
  requestedFields!: object;

  @ApiProperty(FIELDS)
  requiredFields!: object;

  @ApiProperty()
  isListed!: boolean;

  @ApiProperty()
  signup!: string;

  @ApiProperty()
  reveal!: string;

  @ApiProperty({ type: [String] })
  revealAddresses!: string[];

  @ApiProperty({ type: Number, nullable: true })
  tokenMaxAgeDays!: number | null;

  @ApiProperty({ type: [String] })
  redirectUris!: string[];

  @ApiProperty({ type: [Object] })
  publicKeys!: object[];

  @ApiProperty({ format: 'date-time' })
  createdAt!: Date;
}

export class PartnerAppsResponse {
  @ApiProperty({ type: [PartnerAppResponse] })
  data!: PartnerAppResponse[];
}
