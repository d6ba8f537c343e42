import { ServiceConfig } from '@hallpass/service-kit';
import { IsBoolean } from 'class-validator';

/** What configures the token service beyond what configures every service. */
export class TokenServiceConfig extends ServiceConfig {
  override PORT: number = 4001;

  /** Whether webhooks may go to private and loopback addresses, and by plain http: for one's own network and for trials. */
  @IsBoolean()
  WEBHOOKS_ALLOW_PRIVATE: boolean = false;
}
