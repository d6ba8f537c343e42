import { SealingServiceConfig } from '@hallpass/service-kit';
import { IsBoolean, IsInt, IsString, Max, Min } from 'class-validator';

/** What configures the token service beyond what configures every service that seals. */
export class TokenServiceConfig extends SealingServiceConfig {
  override PORT: number = 4001;

  /** How long an access token is good for that is given for client credentials. */
  @IsInt()
  @Min(60)
  @Max(86_400)
  ACCESS_TOKEN_SECONDS: number = 3600;

  /** Whether webhooks may go to private and loopback addresses, and by plain http: for one's own network and for trials. */
  @IsBoolean()
  WEBHOOKS_ALLOW_PRIVATE: boolean = false;

  /** Mail server for notices, such as smtps://user:password@mail.example.org; without it none is sent. */
  @IsString()
  SMTP_URL: string = '';

  /** From whom notices come. */
  @IsString()
  MAIL_FROM: string = 'Hallpass <hallpass@localhost>';

  /** How long the receiver of a webhook may take to answer. */
  @IsInt()
  @Min(1)
  @Max(30)
  WEBHOOKS_TIMEOUT_SECONDS: number = 15;

  /** The largest roster archive that districts may send, in MiB. */
  @IsInt()
  @Min(1)
  @Max(16_384)
  UPLOAD_MAX_MIB: number = 2048;

  override get sendsMail(): boolean {
    return this.SMTP_URL !== '';
  }
}
