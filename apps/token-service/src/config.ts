import { ServiceConfig } from '@hallpass/service-kit';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';

/** What configures the token service beyond what configures every service. */
export class TokenServiceConfig extends ServiceConfig {
  override PORT: number = 4001;

  /** Whether webhooks may go to private and loopback addresses, and by plain http: for one's own network and for trials. */
  @IsBoolean()
  WEBHOOKS_ALLOW_PRIVATE: boolean = false;

  /** How long the receiver of a webhook may take to answer. */
  @IsInt()
  @Min(1)
  @Max(30)
  WEBHOOKS_TIMEOUT_SECONDS: number = 15;
}
