import { NO_KEYS, type Audience, type InstallationKeys } from '@hallpass/database';
import {
  IsBoolean,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { IsKeyring, readKeyring } from './keyring.js';

/** What every service is configured by. Each field is an environment variable of that name. */
export class ServiceConfig {
  /** Address to listen on. */
  @IsString()
  HOST: string = '127.0.0.1';

  /** Port to listen on; 0: one that is free. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT: number = 0;

  /** Addresses and networks, with commas, of the proxies before the service: of them alone X-Forwarded-For is believed. */
  @IsString()
  TRUSTED_PROXIES: string = '';

  /** Port on which Prometheus finds /metrics; 0: none. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  METRICS_PORT: number = 0;

  /** Address of METRICS_PORT: one that strangers do not reach. */
  @IsString()
  METRICS_HOST: string = '127.0.0.1';

  /** Postgres, as a user that is the service's role or may take it on. */
  @IsNotEmpty({ message: 'DATABASE_URL is missing: the address of the Postgres database' })
  DATABASE_URL: string = '';

  /** Connections to Postgres kept at the most; one of them watches for changes of authority. */
  @IsInt()
  @Min(2)
  @Max(200)
  DATABASE_POOL_SIZE: number = 10;

  /** Redis or Valkey, in which processes share the counters of [limits](limits.md); without it each process counts for itself. */
  @IsString()
  @Matches(/^(rediss?:\/\/\S+)?$/, { message: 'REDIS_URL begins with redis:// or rediss://' })
  REDIS_URL: string = '';

  /**
   * The pepper: keys the hashes of secrets, equal in all services. 32 bytes of base64, or several with versions,
   * `2:base64,1:base64`, the primary one first; see [keys](operations.md#keys).
   */
  @IsKeyring()
  HALLPASS_TOKEN_PEPPER: string = '';

  /** File that holds HALLPASS_TOKEN_PEPPER. */
  @IsString()
  HALLPASS_TOKEN_PEPPER_FILE: string = '';

  /** Command that prints HALLPASS_TOKEN_PEPPER, as a key management service's client does. */
  @IsString()
  HALLPASS_TOKEN_PEPPER_COMMAND: string = '';

  /** Where partners reach the token service: the issuer of its tokens. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  TOKEN_SERVICE_URL: string = 'http://127.0.0.1:4001';

  /** Where partners reach the data API: the resource that tokens are for. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  DATA_API_URL: string = 'http://127.0.0.1:4002';

  /** Where headers and errors say that the documentation is. */
  @IsString()
  DOCS_URL: string = 'http://127.0.0.1:4002/docs';

  /**
   * Whether the documentation's pages may try the token service's contract: it then answers browsers on pages of the origin of DOCS_URL,
   * for the routes of apps and districts, without cookies. Set it alike in the token service and the data API.
   */
  @IsBoolean()
  DOCS_TRY_TOKEN_SERVICE: boolean = false;

  /** In a demo on loopback alone: whether the sunset plan, credentials and grants go by a clock that `hallpass demo clock` moves. */
  @IsBoolean()
  MOVABLE_CLOCK: boolean = false;

  /** Whether each request is logged, as one line of JSON. */
  @IsOptional()
  @IsBoolean()
  LOG_REQUESTS: boolean = true;
}

/** What a service that seals or opens secrets is configured by besides: token-service and admin. */
export class SealingServiceConfig extends ServiceConfig {
  /** The master key: wraps the keys under which tokens and webhook secrets are sealed. Equal in both services, written as the pepper is. */
  @IsKeyring()
  HALLPASS_MASTER_KEY: string = '';

  /** File that holds HALLPASS_MASTER_KEY. */
  @IsString()
  HALLPASS_MASTER_KEY_FILE: string = '';

  /** Command that prints HALLPASS_MASTER_KEY, as a key management service's client does. */
  @IsString()
  HALLPASS_MASTER_KEY_COMMAND: string = '';

  /** Where the portal's pages are, for sign-in and the links of mails and invitations; codes stand behind `#`, where no server sees them. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  PORTAL_URL: string = 'http://127.0.0.1:4001';

  /** Where the pages of staff are, for the same. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  ADMIN_URL: string = 'http://127.0.0.1:4003';

  pagesUrl(audience: Audience): string {
    return audience === 'staff' ? this.ADMIN_URL : this.PORTAL_URL;
  }

  /** Whether the mails that it writes are sent. */
  get sendsMail(): boolean {
    return false;
  }
}

/** The keys that a service is configured with; reads their files and runs their commands. */
export function keysOf(config: ServiceConfig): InstallationKeys {
  return {
    peppers: readKeyring('HALLPASS_TOKEN_PEPPER', {
      text: config.HALLPASS_TOKEN_PEPPER,
      file: config.HALLPASS_TOKEN_PEPPER_FILE,
      command: config.HALLPASS_TOKEN_PEPPER_COMMAND,
    }),
    masterKeys:
      config instanceof SealingServiceConfig
        ? readKeyring('HALLPASS_MASTER_KEY', {
            text: config.HALLPASS_MASTER_KEY,
            file: config.HALLPASS_MASTER_KEY_FILE,
            command: config.HALLPASS_MASTER_KEY_COMMAND,
          })
        : NO_KEYS,
  };
}
