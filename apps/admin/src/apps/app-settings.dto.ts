import { isIP } from 'node:net';
import { REVEAL_MODES, SIGNUP_MODES, type RevealMode, type SignupMode } from '@hallpass/domain';
import { AGE_DAYS_MAX, AppRequest } from '@hallpass/service-kit';
import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
} from 'class-validator';

function IsNetwork(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isNetwork',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isNetwork(value),
        defaultMessage: () => 'revealAddresses are IP addresses or networks, as 192.0.2.7 or 2001:db8::/32',
      },
    },
    { each: true },
  );
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** What staff set of an app; what is left out stays as it is. */
export class AppSettingsRequest extends AppRequest {
  @ApiPropertyOptional({ description: 'Whether districts find it by themselves' })
  @IsOptional()
  @IsBoolean()
  isListed?: boolean;

  @ApiPropertyOptional({ description: 'An app that is not enabled reads nothing' })
  @IsOptional()
  @IsBoolean()
  isEnabled?: boolean;

  @ApiPropertyOptional({ enum: SIGNUP_MODES, description: 'How it answers districts that ask' })
  @IsOptional()
  @IsIn(SIGNUP_MODES)
  signup?: SignupMode;

  @ApiPropertyOptional({ enum: REVEAL_MODES, description: 'What /oauth/tokens shows it of its tokens' })
  @IsOptional()
  @IsIn(REVEAL_MODES)
  reveal?: RevealMode;

  @ApiPropertyOptional({
    type: [String],
    example: ['192.0.2.0/24'],
    description: 'From where it may be shown them; empty: from anywhere',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsNetwork()
  revealAddresses?: string[];

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    minimum: 1,
    maximum: AGE_DAYS_MAX,
    description: 'After so many days its tokens are replaced; null: never',
  })
  @IsOptional()
  @ValidateIf((_, value) => value !== null)
  @IsInt()
  @Min(1)
  @Max(AGE_DAYS_MAX)
  tokenMaxAgeDays?: number | null;
}
