import {
  ClientSecretsService,
  MigrationReading,
  PeopleModule,
  ServiceKitModule,
} from '@hallpass/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import type { TokenServiceConfig } from './config.js';
import { ListedAppsRepository } from './district/apps.repository.js';
import { DistrictController } from './district/district.controller.js';
import { Previews } from './district/previews.service.js';
import { DistrictImportsController } from './district/district-imports.controller.js';
import { DistrictImportsRepository } from './district/district-imports.repository.js';
import { DistrictService } from './district/district.service.js';
import { AppDistrictsController } from './districts/app-districts.controller.js';
import { AppDistrictsRepository } from './districts/app-districts.repository.js';
import { Errands } from './errands/errands.service.js';
import { ExposureController } from './exposure/exposure.controller.js';
import { ExposureRepository } from './exposure/exposure.repository.js';
import { ExposureService } from './exposure/exposure.service.js';
import { GrantsController } from './grants/grants.controller.js';
import { GrantsService } from './grants/grants.service.js';
import { Housekeeping } from './housekeeping/housekeeping.service.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { AccessTokensRepository } from './oauth/access-tokens.repository.js';
import { AccessTokensService } from './oauth/access-tokens.service.js';
import { CodesRepository } from './oauth/codes.repository.js';
import { CodesService } from './oauth/codes.service.js';
import { Mailer } from './mail/mailer.service.js';
import { MailsRepository } from './mail/mails.repository.js';
import { MigrationController } from './migration/migration.controller.js';
import { MetadataController } from './oauth/metadata.controller.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { RedirectCallsRepository } from './oauth/redirect-calls.repository.js';
import { RedirectCalls } from './oauth/redirect-calls.js';
import { Reveals } from './oauth/reveals.service.js';
import { TokenListService } from './oauth/token-list.service.js';
import { TokensRepository } from './oauth/tokens.repository.js';
import { OutboxLag } from './metrics/outbox-lag.js';
import { SafeFetch } from './outbound/safe-fetch.js';
import { AppSecretsController } from './partner/app-secrets.controller.js';
import { PartnerApps } from './partner/partner-apps.service.js';
import { PartnerAppsController } from './partner/partner-apps.controller.js';
import { PeopleController } from './people/people.controller.js';
import { SandboxController } from './sandbox/sandbox.controller.js';
import { SandboxRepository } from './sandbox/sandbox.repository.js';
import { ViewingsController } from './people/viewings.controller.js';
import { ViewingsRepository } from './people/viewings.repository.js';
import { TokensController } from './tokens/tokens.controller.js';
import { TokenTrial } from './tokens/token-trial.service.js';
import { TokensService } from './tokens/tokens.service.js';
import { EventPruning } from './platform-events/event-pruning.service.js';
import { PlatformEventSignal } from './platform-events/platform-event-signal.js';
import { PlatformEventsController } from './platform-events/platform-events.controller.js';
import { PlatformEventsRepository } from './platform-events/platform-events.repository.js';
import { PlatformEventsService } from './platform-events/platform-events.service.js';
import { KeyStagesRepository } from './sunset/key-stages.repository.js';
import { KeyStages } from './sunset/key-stages.service.js';
import { UsageController } from './usage/usage.controller.js';
import { UsageRepository } from './usage/usage.repository.js';
import { DeliveriesRepository } from './webhooks/deliveries.repository.js';
import { Deliverer } from './webhooks/deliverer.service.js';
import { WebhookSecrets } from './webhooks/webhook-secrets.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksRepository } from './webhooks/webhooks.repository.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

@Module({})
export class AppModule {
  static for(config: TokenServiceConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceKitModule.for('token-service', config), PeopleModule],
      controllers: [
        OAuthController,
        MetadataController,
        TokensController,
        GrantsController,
        InvitationsController,
        DistrictController,
        ExposureController,
        WebhooksController,
        PlatformEventsController,
        MigrationController,
        UsageController,
        DistrictImportsController,
        PeopleController,
        ViewingsController,
        PartnerAppsController,
        AppSecretsController,
        SandboxController,
        AppDistrictsController,
      ],
      providers: [
        ViewingsRepository,
        TokensRepository,
        PartnerApps,
        Reveals,
        TokenListService,
        AccessTokensRepository,
        AccessTokensService,
        CodesRepository,
        CodesService,
        SafeFetch,
        RedirectCallsRepository,
        RedirectCalls,
        TokensService,
        TokenTrial,
        UsageRepository,
        DistrictImportsRepository,
        GrantsService,
        InvitationsService,
        ListedAppsRepository,
        DistrictService,
        Previews,
        Errands,
        SandboxRepository,
        AppDistrictsRepository,
        ExposureRepository,
        ExposureService,
        Housekeeping,
        PlatformEventSignal,
        PlatformEventsRepository,
        PlatformEventsService,
        EventPruning,
        WebhooksRepository,
        WebhookSecrets,
        WebhooksService,
        DeliveriesRepository,
        Deliverer,
        MailsRepository,
        Mailer,
        KeyStagesRepository,
        KeyStages,
        MigrationReading,
        ClientSecretsService,
        OutboxLag,
      ],
    };
  }
}
