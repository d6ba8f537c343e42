import { ServiceConfig } from '@hallpass/service-kit';
import { IsString } from 'class-validator';

/** What configures the data API beyond what configures every service. */
export class DataApiConfig extends ServiceConfig {
  override PORT: number = 4002;

  /** File with the token of a sandbox district of made-up people, which the documentation shows to everybody; none: it shows none. */
  @IsString()
  DOCS_SANDBOX_TOKEN_FILE: string = '';
}
