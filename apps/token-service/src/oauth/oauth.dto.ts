import { ApiProperty } from '@nestjs/swagger';

// Bodies in Clever's words (contract 1.6): snake_case, ids of 24 hex characters.

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

  @ApiProperty({ description: 'The token itself: the bearer secret of this app in this district' })
  access_token!: string;

  @ApiProperty({ type: [String] })
  scopes!: string[];
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
