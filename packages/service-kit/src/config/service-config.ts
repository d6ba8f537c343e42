import { parseKeys, type InstallationKeys } from '@hallpass/database';
import { IsBoolean, IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

/** 32 bytes are 43 digits of base64 and a filler; @IsBase64 would also take nothing at all, and a key too short. */
const KEY_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;

/** What every service is configured by. Each field is an environment variable of that name. */
export class ServiceConfig {
  /** Address to listen on. */
  @IsString()
  HOST: string = '127.0.0.1';

  /** Port to listen on. */
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT: number = 0;

  /** Postgres, as a user that may take on the service's role. */
  @IsNotEmpty({ message: 'DATABASE_URL is missing: the address of the Postgres database' })
  DATABASE_URL: string = '';

  /** Connections to Postgres kept at the most; one of them watches for changes of authority. */
  @IsInt()
  @Min(2)
  @Max(200)
  DATABASE_POOL_SIZE: number = 10;

  /** 32 bytes of base64, equal in all services: keys the hashes of secrets. */
  @Matches(KEY_OF_32_BYTES, {
    message: 'HALLPASS_TOKEN_PEPPER has to be 32 bytes of base64 (openssl rand -base64 32)',
  })
  HALLPASS_TOKEN_PEPPER: string = '';

  /** 32 bytes of base64, equal in all services: wraps the keys under which tokens are sealed. */
  @Matches(KEY_OF_32_BYTES, {
    message: 'HALLPASS_MASTER_KEY has to be 32 bytes of base64 (openssl rand -base64 32)',
  })
  HALLPASS_MASTER_KEY: string = '';

  /** Where the documentation is served, for links in headers and errors. */
  @IsString()
  DOCS_URL: string = 'http://127.0.0.1:4002/docs';

  /** Whether each request is logged. */
  @IsOptional()
  @IsBoolean()
  LOG_REQUESTS: boolean = true;
}

export function keysOf(config: ServiceConfig): InstallationKeys {
  return parseKeys({ pepper: config.HALLPASS_TOKEN_PEPPER, masterKey: config.HALLPASS_MASTER_KEY });
}
