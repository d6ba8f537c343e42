import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

// Bodies in the words of Clever (contract 1.6) and of the OAuth RFCs: snake_case, ids of 24 hex characters.

/** Query of GET /oauth/tokens, each as it came. */
export type TokenListQuery = Partial<
  Record<'owner_type' | 'district' | 'limit' | 'starting_after' | 'updated_since', string>
>;

export class TokenOwner {
  @ApiProperty({ enum: ['district'] })
  type!: 'district';

  @ApiProperty({ description: 'The district’s id: store it, and fetch the token anew when it is refused' })
  id!: string;
}

export class TokenEntry {
  @ApiProperty()
  id!: string;

  @ApiProperty({ format: 'date-time' })
  created!: string;

  @ApiProperty()
  owner!: TokenOwner;

  @ApiPropertyOptional({
    description:
      'The token itself: the bearer secret of this app in this district. Absent where the app’s setting does not show it.',
  })
  access_token?: string;

  @ApiProperty({ description: 'As much of the token as people and logs may see' })
  masked!: string;

  @ApiProperty({ type: [String] })
  scopes!: string[];

  @ApiProperty({ format: 'date-time', description: 'When the token or its grant last changed' })
  updated!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expires!: string | null;
}

export class TokenListLink {
  @ApiProperty()
  rel!: string;

  @ApiProperty()
  uri!: string;
}

export class TokenListResponse {
  @ApiProperty({ type: [TokenEntry] })
  data!: TokenEntry[];

  @ApiProperty({ type: [TokenListLink] })
  links!: TokenListLink[];
}

export class TokenInfoResponse {
  @ApiProperty()
  client_id!: string;

  @ApiProperty({ type: [String] })
  scopes!: string[];
}

/** How a client proves itself in a form, where it does not use HTTP Basic. */
class ClientForm {
  @ApiPropertyOptional()
  client_id?: string;

  @ApiPropertyOptional()
  client_secret?: string;

  @ApiPropertyOptional({ description: 'A JWT signed by one of the app’s public keys (RFC 7523)' })
  client_assertion?: string;

  @ApiPropertyOptional({ enum: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'] })
  client_assertion_type?: string;
}

export class CodeForm extends ClientForm {
  @ApiProperty({ enum: ['authorization_code'] })
  grant_type!: string;

  @ApiProperty({ description: 'The code that was sent to the app’s redirect URI, within a minute' })
  code!: string;

  @ApiProperty({ description: 'The URI that it was sent to' })
  redirect_uri!: string;
}

export class TokenForm extends ClientForm {
  @ApiProperty({ enum: ['client_credentials', 'authorization_code'] })
  grant_type!: string;

  @ApiPropertyOptional({ description: 'The district, as <data API>/districts/<id> (RFC 8707)' })
  resource?: string;

  @ApiPropertyOptional({ description: 'The district, by its id' })
  district?: string;

  @ApiPropertyOptional()
  code?: string;

  @ApiPropertyOptional()
  redirect_uri?: string;
}

export class TokenReferenceForm extends ClientForm {
  @ApiProperty()
  token!: string;

  @ApiPropertyOptional()
  token_type_hint?: string;
}

export class AccessTokenResponse {
  @ApiProperty()
  access_token!: string;

  @ApiProperty()
  token_type!: string;

  @ApiPropertyOptional({ description: 'Seconds; absent of a district’s lasting token' })
  expires_in?: number;

  @ApiPropertyOptional()
  scope?: string;

  @ApiProperty({ description: 'The district’s id' })
  district!: string;
}

export class IntrospectionResponse {
  @ApiProperty()
  active!: boolean;

  @ApiPropertyOptional()
  token_type?: string;

  @ApiPropertyOptional()
  client_id?: string;

  @ApiPropertyOptional()
  scope?: string;

  @ApiPropertyOptional()
  iss?: string;

  @ApiPropertyOptional({ description: 'The district as a resource' })
  aud?: string;

  @ApiPropertyOptional({ description: 'The grant’s id' })
  sub?: string;

  @ApiPropertyOptional({ description: 'The token’s id' })
  jti?: string;

  @ApiPropertyOptional({ description: 'The district’s id' })
  district?: string;

  @ApiPropertyOptional()
  iat?: number;

  @ApiPropertyOptional()
  exp?: number;
}
