import {
  ClientSecretsService,
  MigrationReading,
  PeopleModule,
  ServiceKitModule,
} from '@hallpass/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { ApiKeysController, KeyListsController } from './api-keys/api-keys.controller.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AppsController } from './apps/apps.controller.js';
import { AppsService } from './apps/apps.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditRepository } from './audit/audit.repository.js';
import type { AdminConfig } from './config.js';
import { DemoClockController } from './demo/clock.controller.js';
import { DemoMailsController } from './demo/mails.controller.js';
import { DistrictsController } from './districts/districts.controller.js';
import { Errands } from './errands/errands.service.js';
import { GrantsController } from './grants/grants.controller.js';
import { Previews } from './grants/previews.service.js';
import { GrantPublication } from './grants/grant-publication.js';
import { TokensController } from './grants/tokens.controller.js';
import { ClientSecretsController } from './apps/client-secrets.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { AllImportsController } from './imports/all-imports.controller.js';
import { ImportsController } from './imports/imports.controller.js';
import { ImportsService } from './imports/imports.service.js';
import { Pruning } from './imports/pruning.js';
import { ImportLag } from './metrics/import-lag.js';
import { MigrationController } from './migration/migration.controller.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcSignIn } from './oidc/oidc-sign-in.service.js';
import { OperatorsController } from './operators/operators.controller.js';
import { OverviewController } from './overview/overview.controller.js';
import { OverviewRepository } from './overview/overview.repository.js';
import { PartnersController } from './partners/partners.controller.js';
import { PeopleController } from './people/people.controller.js';
import { RateOverridesController } from './rate-policies/rate-overrides.controller.js';
import { RatePoliciesController } from './rate-policies/rate-policies.controller.js';
import { SandboxesService } from './sandboxes/sandboxes.service.js';
import { RehearsalService } from './sunset/rehearsal.service.js';
import { SunsetController } from './sunset/sunset.controller.js';
import { SunsetRepository } from './sunset/sunset.repository.js';
import { SunsetService } from './sunset/sunset.service.js';
import { ViewingsController } from './viewings/viewings.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WatchedWebhooks } from './webhooks/webhooks.repository.js';

@Module({})
export class AppModule {
  static for(config: AdminConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceKitModule.for('admin', config), PeopleModule],
      controllers: [
        PartnersController,
        AppsController,
        ApiKeysController,
        KeyListsController,
        ClientSecretsController,
        KeysController,
        DistrictsController,
        AllImportsController,
        ImportsController,
        GrantsController,
        TokensController,
        SunsetController,
        MigrationController,
        RatePoliciesController,
        RateOverridesController,
        AuditController,
        OperatorsController,
        PeopleController,
        OverviewController,
        OidcController,
        ViewingsController,
        WebhooksController,
        ...(config.MOVABLE_CLOCK ? [DemoClockController, DemoMailsController] : []),
      ],
      providers: [
        AppsService,
        ApiKeysService,
        ImportsService,
        GrantPublication,
        Previews,
        SandboxesService,
        Errands,
        Pruning,
        SunsetRepository,
        SunsetService,
        RehearsalService,
        OverviewRepository,
        OidcSignIn,
        AuditRepository,
        WatchedWebhooks,
        MigrationReading,
        ClientSecretsService,
        ImportLag,
      ],
    };
  }
}
