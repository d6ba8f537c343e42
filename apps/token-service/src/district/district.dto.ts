import { SIGNUP_MODES, type SignupMode } from '@hallpass/domain';
import { ID_MESSAGE, ID_PATTERN, ListQuery, SharingRequest } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import { InvitationResponse } from '../invitations/invitations.dto.js';

export class DistrictResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastImportAt!: Date | null;
}

/** An app as districts get to know it. */
export class ListedAppResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty()
  partner!: string;

  @ApiProperty({ description: 'What it asks for and why, in its own words' })
  purpose!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The fields that it asks for, by kind',
  })
  requestedFields!: object;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Those that it cannot do without' })
  requiredFields!: object;

  @ApiProperty({ enum: SIGNUP_MODES, description: 'Whether it shares at once with a district that asks' })
  signup!: SignupMode;

  @ApiProperty({
    description: 'Whether it may be asked; else the district has a grant of it, or an invitation',
  })
  isListed!: boolean;
}

export class ListedAppsPage {
  @ApiProperty({ type: [ListedAppResponse] })
  data!: ListedAppResponse[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;
}

export class FindAppsQuery extends ListQuery {
  @ApiPropertyOptional({ maxLength: 100, description: 'A part of the app’s or its partner’s name' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  search?: string;
}

export class InvitationCode {
  @ApiProperty({ description: 'The code that the link carries behind #' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  code!: string;
}

export class InvitationWithApp extends InvitationResponse {
  @ApiProperty()
  app!: ListedAppResponse;
}

export class InvitationsWithApps {
  @ApiProperty({ type: [InvitationWithApp] })
  data!: InvitationWithApp[];
}

export class AcceptInvitationRequest extends SharingRequest {
  @ApiPropertyOptional({ description: 'The code that the link carries behind #; or else invitationId' })
  @ValidateIf((request: AcceptInvitationRequest) => request.invitationId === undefined)
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  code?: string;

  @ApiPropertyOptional({ description: 'Of an invitation that names this district' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  invitationId?: string;
}

export class AskAppRequest extends SharingRequest {
  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId!: string;
}
