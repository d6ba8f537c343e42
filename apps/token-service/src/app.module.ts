import { ServiceKitModule } from '@hallpass/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import type { TokenServiceConfig } from './config.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { OAuthService } from './oauth/oauth.service.js';
import { TokensRepository } from './oauth/tokens.repository.js';

@Module({})
export class AppModule {
  static for(config: TokenServiceConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceKitModule.for('token-service', config)],
      controllers: [OAuthController],
      providers: [OAuthService, TokensRepository],
    };
  }
}
