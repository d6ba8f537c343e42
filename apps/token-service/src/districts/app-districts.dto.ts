import { DISTRICT_STATES, GRANT_WAITS, type DistrictState, type GrantWait } from '@hallpass/domain';
import { ID_MESSAGE, ID_PATTERN, ListQuery } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

export class AppDistrictsQuery extends ListQuery {
  @ApiPropertyOptional({ maxLength: 100, description: 'A part of the district’s name' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  search?: string;

  @ApiPropertyOptional({ enum: DISTRICT_STATES })
  @IsOptional()
  @IsIn(DISTRICT_STATES)
  state?: DistrictState;

  @ApiPropertyOptional({ description: 'The one of this grant alone' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  grantId?: string;
}

const INSTANT_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;

export class AppDistrictToken {
  @ApiProperty() id!: string;
  @ApiProperty() masked!: string;
}

export class AppDistrictResponse {
  @ApiProperty() grantId!: string;
  @ApiProperty() districtId!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'Whether it is the app’s own sandbox, of made-up people' })
  isSandbox!: boolean;
  @ApiProperty({
    enum: DISTRICT_STATES,
    description:
      'requested: waits for an answer; none: no live token; ending: it ends within 14 days; unused: it never came',
  })
  state!: DistrictState;
  @ApiProperty({ type: String, enum: GRANT_WAITS, nullable: true }) awaits!: GrantWait | null;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Which records' })
  selection!: object;
  @ApiProperty(INSTANT_OR_NULL) startsAt!: Date | null;
  @ApiProperty(INSTANT_OR_NULL) endsAt!: Date | null;
  @ApiProperty({ type: AppDistrictToken, nullable: true, description: 'The newest live token' })
  token!: AppDistrictToken | null;
  @ApiProperty({ ...INSTANT_OR_NULL, description: 'When any of its tokens was last used; within a minute' })
  lastUsedAt!: Date | null;
}

export class AppDistrictsPage {
  @ApiProperty({ type: [AppDistrictResponse] }) data!: AppDistrictResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'How many match the search, by state',
  })
  counts!: Partial<Record<DistrictState, number>>;
  @ApiProperty({ description: 'How many of them were used in the last 14 days' }) usedLately!: number;
}
