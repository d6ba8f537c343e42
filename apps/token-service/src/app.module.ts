import { ServiceKitModule } from '@hallpass/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import type { TokenServiceConfig } from './config.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { OAuthService } from './oauth/oauth.service.js';
import { TokensRepository } from './oauth/tokens.repository.js';
import { SafeFetch } from './outbound/safe-fetch.js';
import { EventPruning } from './platform-events/event-pruning.service.js';
import { PlatformEventSignal } from './platform-events/platform-event-signal.js';
import { PlatformEventsController } from './platform-events/platform-events.controller.js';
import { PlatformEventsRepository } from './platform-events/platform-events.repository.js';
import { PlatformEventsService } from './platform-events/platform-events.service.js';
import { KeyStagesRepository } from './sunset/key-stages.repository.js';
import { KeyStages } from './sunset/key-stages.service.js';
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
      imports: [ServiceKitModule.for('token-service', config)],
      controllers: [OAuthController, WebhooksController, PlatformEventsController],
      providers: [
        OAuthService,
        TokensRepository,
        SafeFetch,
        PlatformEventSignal,
        PlatformEventsRepository,
        PlatformEventsService,
        EventPruning,
        WebhooksRepository,
        WebhookSecrets,
        WebhooksService,
        DeliveriesRepository,
        Deliverer,
        KeyStagesRepository,
        KeyStages,
      ],
    };
  }
}
