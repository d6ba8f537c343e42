import {
  INVITATION_DAYS_DEFAULT,
  INVITATION_DAYS_MAX,
  INVITATION_STATES,
  invitationState,
  type InvitationState,
} from '@hallpass/domain';
import type { InvitationRow } from '@hallpass/database';
import { ID_MESSAGE, ID_PATTERN } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

export class InviteRequest {
  @ApiPropertyOptional({ description: 'The district that is invited; whoever holds the code, when left out' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  districtId?: string;

  @ApiPropertyOptional({ maxLength: 500, description: 'What the district’s people read beside it' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  note?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: INVITATION_DAYS_MAX, default: INVITATION_DAYS_DEFAULT })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(INVITATION_DAYS_MAX)
  days?: number;
}

export class InvitationResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  appId!: string;

  @ApiProperty({ type: String, nullable: true })
  districtId!: string | null;

  @ApiProperty()
  note!: string;

  @ApiProperty({ enum: INVITATION_STATES })
  state!: InvitationState;

  @ApiProperty({ format: 'date-time' })
  createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  expiresAt!: Date;

  @ApiProperty({ type: String, nullable: true, description: 'The grant that came of it' })
  grantId!: string | null;
}

export class MadeInvitationResponse extends InvitationResponse {
  @ApiProperty({ description: 'Shown this once' })
  code!: string;

  @ApiProperty({ description: 'The link for the district’s administrator; the code stands behind #' })
  url!: string;
}

export class InvitationsPage {
  @ApiProperty({ type: [InvitationResponse] })
  data!: InvitationResponse[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;
}

export function toInvitationResponse(row: InvitationRow): InvitationResponse {
  const { id, appId, districtId, note, createdAt, expiresAt, grantId } = row;
  return {
    id,
    appId,
    districtId,
    note,
    state: invitationState(row, new Date()),
    createdAt,
    expiresAt,
    grantId,
  };
}
