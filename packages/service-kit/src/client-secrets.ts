import {
  ClientSecrets,
  changeClientSecretGrace,
  revokeClientSecret,
  rotateClientSecret,
  usesOf,
  type Actor,
  type ClientSecretRow,
  type InstallationKeys,
} from '@hallpass/database';
import {
  SECRET_STATES,
  secretState,
  type AppId,
  type ClientSecretId,
  type SecretState,
} from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { DataSource } from 'typeorm';
import { RotateRequest } from './rotation-request.js';
import { INSTALLATION_KEYS } from './tokens.js';

/** The longest life that a policy may give a secret, in days. */
export const AGE_DAYS_MAX = 3650;

const INSTANT_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;

/** How a client secret is replaced. */
export class RotateSecretRequest extends RotateRequest {
  @ApiPropertyOptional({
    minimum: 1,
    maximum: AGE_DAYS_MAX,
    description: 'After so many days the new one ends',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(AGE_DAYS_MAX)
  ageDays?: number;
}

/** From where a client secret was used. */
export class ClientSecretUse {
  @ApiProperty({ description: 'Empty: several, counted together' }) address!: string;
  @ApiProperty() userAgent!: string;
  @ApiProperty({ format: 'date-time' }) firstAt!: Date;
  @ApiProperty({ format: 'date-time' }) lastAt!: Date;
  @ApiProperty() uses!: number;
}

export class ClientSecretResponse {
  @ApiProperty() id!: string;
  @ApiProperty() appId!: string;
  @ApiProperty() masked!: string;
  @ApiProperty({ enum: SECRET_STATES }) state!: SecretState;
  @ApiProperty({ format: 'date-time' }) createdAt!: Date;
  @ApiProperty({
    ...INSTANT_OR_NULL,
    description: 'When the grace ends in which it goes on beside its successor',
  })
  retiresAt!: Date | null;
  @ApiProperty(INSTANT_OR_NULL) expiresAt!: Date | null;
  @ApiProperty(INSTANT_OR_NULL) revokedAt!: Date | null;
  @ApiProperty({ type: String, nullable: true, description: 'The secret whose place it took' })
  replaces!: string | null;
}

export class ListedClientSecret extends ClientSecretResponse {
  @ApiProperty({ type: [ClientSecretUse], description: 'The latest first; within a minute' })
  uses!: ClientSecretUse[];
}

export class ClientSecretsResponse {
  @ApiProperty({ type: [ListedClientSecret] }) data!: ListedClientSecret[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

export class IssuedClientSecretResponse {
  @ApiProperty() clientSecretId!: string;
  @ApiProperty({ description: 'Shown this once' }) clientSecret!: string;
}

export class RotatedClientSecretResponse extends IssuedClientSecretResponse {
  @ApiProperty({ type: String, nullable: true }) replaces!: string | null;
  @ApiProperty({
    ...INSTANT_OR_NULL,
    description: 'When the one before retires; null: with the first use of the new one',
  })
  retiresAt!: Date | null;
}

export class RevokedClientSecretResponse extends ClientSecretResponse {
  @ApiProperty({
    type: IssuedClientSecretResponse,
    nullable: true,
    description: 'What takes its place, where no other was live that lasts; shown this once',
  })
  successor!: IssuedClientSecretResponse | null;
}

/** A client secret as staff and its app's people may see it. */
function shown({ lookup: _hash, pepperVersion: _version, ...row }: ClientSecretRow) {
  return { ...row, state: secretState(row, new Date()) };
}

/** The client secrets of an app, whose life is that of tokens. Whether the caller may is seen to before. */
@Injectable()
export class ClientSecretsService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async list(appId: AppId): Promise<ClientSecretsResponse> {
    const found = await this.dataSource.manager.find(ClientSecrets, {
      where: { appId },
      order: { id: 'ASC' },
    });
    const uses = await usesOf(
      this.dataSource,
      found.map(({ id }) => id),
    );
    const usesOfOne = (secretId: string) =>
      uses.filter(({ id }) => (id as string) === secretId).map(({ id: _id, ...use }) => use);
    return { data: found.map((row) => ({ ...shown(row), uses: usesOfOne(row.id) })), next: null };
  }

  rotate(
    appId: AppId,
    { graceSeconds, start, ageDays }: RotateSecretRequest,
    actor: Actor,
  ): Promise<RotatedClientSecretResponse> {
    const command = { appId, graceSeconds, start, ageDays: ageDays ?? null };
    return rotateClientSecret(this.dataSource, this.keys, command, actor);
  }

  async changeGrace(
    appId: AppId,
    id: ClientSecretId,
    graceSeconds: number,
    actor: Actor,
  ): Promise<ClientSecretResponse> {
    return shown(await changeClientSecretGrace(this.dataSource, { appId, id, graceSeconds }, actor));
  }

  async revoke(appId: AppId, id: ClientSecretId, actor: Actor): Promise<RevokedClientSecretResponse> {
    const { secret, successor } = await revokeClientSecret(this.dataSource, this.keys, { appId, id }, actor);
    return { ...shown(secret), successor };
  }
}
