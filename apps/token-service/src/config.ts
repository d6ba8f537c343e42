import { ServiceConfig } from '@hallpass/service-kit';

/** The token service is configured by what every service is. */
export class TokenServiceConfig extends ServiceConfig {
  override PORT: number = 4001;
}
