import { parseKeys, type InstallationKeys } from '@hallpass/database';
import { IsBase64, IsBoolean, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';

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

  /** Connections to Postgres kept at the most. */
  @IsInt()
  @Min(1)
  @Max(200)
  DATABASE_POOL_SIZE: number = 10;

  /** 32 bytes of base64, equal in all services: keys the hashes of secrets. */
  @IsBase64({}, { message: 'HALLPASS_TOKEN_PEPPER has to be 32 bytes of base64 (openssl rand -base64 32)' })
  HALLPASS_TOKEN_PEPPER: string = '';

  /** 32 bytes of base64, equal in all services: wraps the keys under which tokens are sealed. */
  @IsBase64({}, { message: 'HALLPASS_MASTER_KEY has to be 32 bytes of base64 (openssl rand -base64 32)' })
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
