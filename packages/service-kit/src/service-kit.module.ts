import { createDataSource, type ServiceName } from '@hallpass/database';
import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { DataSource } from 'typeorm';
import { AuthorityWatch } from './access/authority-watch.js';
import { Clock } from './clock.js';
import { ClientVerifier } from './access/client-access.js';
import { CredentialVerifier } from './access/credential-verifier.js';
import { CredentialUses } from './access/credential-uses.js';
import { FailedSignIns } from './access/failed-sign-ins.js';
import { DistrictVerifier } from './access/district-access.js';
import {
  AppGuard,
  ClientGuard,
  DistrictGuard,
  MemberGuard,
  OperatorGuard,
  PersonGuard,
  TokenEndpointGuard,
  TokenGuard,
} from './access/guards.js';
import { OperatorVerifier } from './access/operator-access.js';
import { RequireDeclaredAccess } from './access/require-declared-access.js';
import { RosterAccessGuard } from './access/roster-access.guard.js';
import {
  AppStrategy,
  ClientStrategy,
  DistrictStrategy,
  MemberStrategy,
  OperatorStrategy,
  PersonStrategy,
  RosterStrategy,
} from './access/strategies.js';
import { keysOf, type ServiceConfig } from './config/service-config.js';
import { HealthController } from './health/health.controller.js';
import { FairTurns } from './limits/fair-turns.js';
import { RateLimiter } from './limits/rate-limiter.js';
import { RedisStore } from './limits/redis-store.js';
import { Metrics } from './metrics/metrics.js';
import { Sessions } from './people/sessions.js';
import { INSTALLATION_KEYS, SERVICE_CONFIG, SERVICE_NAME } from './tokens.js';
import { UsageCounter } from './usage/usage-counter.js';

/** What every service has: its database, its configuration, who is let in, how often, and whether it is well. */
@Global()
@Module({})
export class ServiceKitModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  static for(service: ServiceName, config: ServiceConfig): DynamicModule {
    const shared = [
      AuthorityWatch,
      Clock,
      FailedSignIns,
      FairTurns,
      CredentialVerifier,
      CredentialUses,
      UsageCounter,
      ClientVerifier,
      DistrictVerifier,
      OperatorVerifier,
      Metrics,
      RosterAccessGuard,
      Sessions,
      AppGuard,
      ClientGuard,
      PersonGuard,
      MemberGuard,
      TokenEndpointGuard,
      TokenGuard,
      DistrictGuard,
      OperatorGuard,
    ];
    return {
      module: ServiceKitModule,
      imports: [PassportModule, DiscoveryModule],
      controllers: [HealthController],
      providers: [
        { provide: SERVICE_NAME, useValue: service },
        { provide: SERVICE_CONFIG, useValue: config },
        { provide: INSTALLATION_KEYS, useValue: keysOf(config) },
        { provide: DataSource, useFactory: () => openDatabase(service, config) },
        { provide: RateLimiter, useFactory: () => limiterOf(config) },
        ...shared,
        RosterStrategy,
        ClientStrategy,
        AppStrategy,
        PersonStrategy,
        MemberStrategy,
        DistrictStrategy,
        OperatorStrategy,
        RequireDeclaredAccess,
      ],
      exports: [SERVICE_CONFIG, INSTALLATION_KEYS, DataSource, RateLimiter, ...shared],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

/** Counters of this process alone, or shared by all that name the same store. */
function limiterOf({ REDIS_URL: url }: ServiceConfig): RateLimiter {
  return new RateLimiter(url === '' ? undefined : new RedisStore(url));
}

function openDatabase(service: ServiceName, config: ServiceConfig): Promise<DataSource> {
  const { DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize } = config;
  return createDataSource({ url, service, poolSize }).initialize();
}
