import { SECRET_STATES, secretState, type SecretState } from '@hallpass/domain';
import type { CredentialUse, TokenRow } from '@hallpass/database';
import { ID_MESSAGE, ID_PATTERN, ListQuery } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

export class UseResponse {
  @ApiProperty({ description: 'Empty: several, counted together' })
  address!: string;

  @ApiProperty()
  userAgent!: string;

  @ApiProperty({ format: 'date-time' })
  firstAt!: Date;

  @ApiProperty({ format: 'date-time' })
  lastAt!: Date;

  @ApiProperty()
  uses!: number;
}

export class TokenResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  districtId!: string;

  @ApiProperty()
  grantId!: string;

  @ApiProperty()
  masked!: string;

  @ApiProperty({ enum: SECRET_STATES })
  state!: SecretState;

  @ApiProperty({ format: 'date-time' })
  createdAt!: Date;

  @ApiProperty({ type: String, nullable: true, description: 'The token whose place it took' })
  replaces!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was first used; within a minute',
  })
  confirmedAt!: Date | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the grace ends in which it goes on beside its successor',
  })
  retiresAt!: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expiresAt!: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revokedAt!: Date | null;

  @ApiProperty({
    type: [UseResponse],
    description: 'From where it was used, the latest first; within a minute',
  })
  uses!: UseResponse[];
}

export class TokensQuery extends ListQuery {
  @ApiPropertyOptional({ description: 'Those of this grant alone' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  grantId?: string;
}

export class TokensPage {
  @ApiProperty({ type: [TokenResponse] })
  data!: TokenResponse[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;
}

export class RotatedTokenResponse {
  @ApiProperty()
  id!: string;

  @ApiPropertyOptional({ description: 'The new token; absent where the app’s setting does not show it' })
  token?: string;

  @ApiProperty()
  masked!: string;

  @ApiProperty()
  replaces!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the present one retires; null: so long after the first use of the new one',
  })
  retiresAt!: Date | null;
}

export class RevealedTokenResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty({ description: 'The token itself' })
  token!: string;
}

export class RevokedTokenResponse {
  @ApiProperty()
  token!: TokenResponse;

  @ApiProperty({ type: String, nullable: true, description: 'The id of the token that takes its place' })
  successorId!: string | null;
}

/** A token as its app and its district may see it. */
export function toTokenResponse(row: TokenRow, uses: readonly CredentialUse[], now: Date): TokenResponse {
  const {
    id,
    districtId,
    grantId,
    masked,
    createdAt,
    replaces,
    confirmedAt,
    retiresAt,
    expiresAt,
    revokedAt,
  } = row;
  return {
    id,
    districtId,
    grantId,
    masked,
    state: secretState(row, now),
    createdAt,
    replaces,
    confirmedAt,
    retiresAt,
    expiresAt,
    revokedAt,
    uses: uses
      .filter((use) => use.id === id)
      .map(({ address, userAgent, firstAt, lastAt, uses: count }) => ({
        address,
        userAgent,
        firstAt,
        lastAt,
        uses: count,
      })),
  };
}

/** A path of the data API with its version, and a query. */
const READ_PATH = /^\/v[1-9]\.[0-9](\/[A-Za-z0-9_-]{1,64}){1,4}(\?[\x21-\x7e]{0,1000})?$/;

export class TokenTrialRequest {
  @ApiPropertyOptional({
    default: '/v3.1/schools?limit=1',
    pattern: READ_PATH.source,
    description: 'What is read: a path of the data API, with its version and query',
  })
  @IsOptional()
  @Matches(READ_PATH, { message: 'path is one of the data API, such as /v3.1/users?limit=10' })
  path: string = '/v3.1/schools?limit=1';
}

export class TokenTrialResponse {
  @ApiProperty({ description: 'The address that was called' }) url!: string;
  @ApiProperty({ description: 'Method and path of the call that was made' }) request!: string;
  @ApiProperty() status!: number;
  @ApiProperty() milliseconds!: number;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) headers!: Record<string, string>;
  @ApiProperty({ description: 'As it was answered, cut at 200,000 characters' }) body!: string;
}
