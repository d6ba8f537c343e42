import {
  DISTRICT_ROLES,
  PARTNER_ROLES,
  PERSON_LINK_PURPOSES,
  type PersonLinkPurpose,
} from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';

/** Passwords may be long; the rules on new ones are domain's. */
const TEXT_MAX = 1024;

export class PasswordRequest {
  @ApiProperty({ maxLength: TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(TEXT_MAX)
  password!: string;

  @ApiPropertyOptional({
    description: 'What the authenticator app shows now, or a recovery code',
    maxLength: 32,
  })
  @IsOptional()
  @IsString()
  @MaxLength(32)
  totp?: string;
}

export class SignInRequest extends PasswordRequest {
  @ApiProperty({ maxLength: 254 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(254)
  email!: string;
}

export class ChangePasswordRequest {
  @ApiProperty({ maxLength: TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(TEXT_MAX)
  password!: string;

  @ApiProperty({ minLength: 12, maxLength: 256 })
  @IsString()
  @MaxLength(TEXT_MAX)
  newPassword!: string;
}

export class TotpCodeRequest {
  @ApiProperty({ maxLength: 32 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(32)
  code!: string;
}

export class EndTotpRequest extends TotpCodeRequest {
  @ApiProperty({ maxLength: TEXT_MAX })
  @IsString()
  @IsNotEmpty()
  @MaxLength(TEXT_MAX)
  password!: string;
}

export class EmailRequest {
  @ApiProperty({ format: 'email', maxLength: 254 })
  @IsEmail()
  @MaxLength(254)
  email!: string;
}

export class LinkCodeRequest {
  @ApiProperty({ description: 'What stands behind # in the link', maxLength: 128 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  code!: string;
}

export class AcceptLinkRequest extends PasswordRequest {
  @ApiProperty({ description: 'What stands behind # in the link', maxLength: 128 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  code!: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  name?: string;
}

class SignedInPerson {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty()
  email!: string;

  @ApiProperty({ description: 'Whether an authenticator app is set up' })
  hasTotp!: boolean;
}

class NamedApp {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;
}

class PartnerMembership extends NamedApp {
  @ApiProperty({ enum: PARTNER_ROLES })
  role!: string;

  @ApiProperty({ type: [NamedApp] })
  apps!: NamedApp[];
}

class DistrictMembership extends NamedApp {
  @ApiProperty({ enum: DISTRICT_ROLES })
  role!: string;
}

class StaffMembership {
  @ApiProperty()
  operatorId!: string;

  @ApiProperty()
  role!: string;
}

class Memberships {
  @ApiProperty({ type: [PartnerMembership] })
  partners!: PartnerMembership[];

  @ApiProperty({ type: [DistrictMembership] })
  districts!: DistrictMembership[];

  @ApiProperty({ type: StaffMembership, nullable: true, description: 'At the pages of staff alone' })
  staff!: StaffMembership | null;
}

class ActingAs {
  @ApiProperty({ description: 'Who looks' })
  staffName!: string;

  @ApiProperty()
  reason!: string;

  @ApiProperty({ format: 'date-time', description: 'When the looking ends' })
  until!: string;

  @ApiProperty({ enum: ['app', 'district'] })
  place!: 'app' | 'district';

  @ApiProperty({ description: 'Of the app or district' })
  id!: string;
}

export class SessionResponse {
  @ApiProperty({ type: SignedInPerson })
  person!: SignedInPerson;

  @ApiProperty({ description: 'Sent as `Hallpass-CSRF` with what changes anything' })
  csrfToken!: string;

  @ApiProperty({ format: 'date-time', description: 'When the password was last given' })
  authenticatedAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When the session ends if nobody uses it again' })
  expiresAt!: string;

  @ApiProperty({ type: Memberships })
  memberships!: Memberships;

  @ApiProperty({
    type: ActingAs,
    nullable: true,
    description: 'Set where a member of staff looks at these pages; null of everybody else',
  })
  actingAs!: ActingAs | null;
}

export class TotpBegun {
  @ApiProperty({ description: 'The secret, in base32' })
  secret!: string;

  @ApiProperty({ description: 'The same for a QR code' })
  uri!: string;
}

export class RecoveryCodesResponse {
  @ApiProperty({ type: [String], description: 'Each is good once in the place of a code; shown this once' })
  recoveryCodes!: string[];
}

export class PersonLinkResponse {
  @ApiProperty({ enum: PERSON_LINK_PURPOSES })
  purpose!: PersonLinkPurpose;

  @ApiProperty()
  email!: string;

  @ApiPropertyOptional({ description: 'The partner or district by its name' })
  invitedTo?: string;
}

/** Somebody of a partner, a district or the staff. */
export class MemberResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty()
  email!: string;

  @ApiProperty()
  role!: string;

  @ApiProperty({ description: 'False until the invitation has been followed' })
  isHere!: boolean;

  @ApiProperty()
  hasTotp!: boolean;

  @ApiProperty({ format: 'date-time' })
  memberSince!: Date;
}

export class InvitedResponse extends MemberResponse {
  @ApiPropertyOptional({ description: 'To be handed on, where no mail is sent from here' })
  link?: string;
}

export class MembersResponse {
  @ApiProperty({ type: [MemberResponse] })
  data!: MemberResponse[];
}

export class InvitePersonRequest extends EmailRequest {
  @ApiProperty({
    description: 'owner, developer or viewer of a partner; owner, editor or viewer of a district',
  })
  @IsString()
  @IsNotEmpty()
  role!: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  name?: string;
}

export class MemberRoleRequest {
  @ApiProperty()
  @IsString()
  @IsNotEmpty()
  role!: string;
}
