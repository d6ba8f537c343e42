import { ServiceConfig } from '@hallpass/service-kit';

/** The data API is configured by what every service is. */
export class DataApiConfig extends ServiceConfig {
  override PORT: number = 4002;
}
