import { ServiceKitModule } from '@hallpass/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import type { DataApiConfig } from './config.js';
import { DocsController } from './docs/docs.controller.js';
import { ChangeReader } from './events/change-reader.js';
import { RosterReader } from './reading/roster-reader.js';
import { RosterRepository } from './reading/roster.repository.js';
import { CoursesController } from './v3/courses.controller.js';
import { DistrictsController } from './v3/districts.controller.js';
import { SchoolsController } from './v3/schools.controller.js';
import { SectionsController } from './v3/sections.controller.js';
import { TermsController } from './v3/terms.controller.js';
import { UsersController } from './v3/users.controller.js';

@Module({})
export class AppModule {
  static for(config: DataApiConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceKitModule.for('data-api', config)],
      controllers: [
        DistrictsController,
        SchoolsController,
        UsersController,
        SectionsController,
        CoursesController,
        TermsController,
        DocsController,
      ],
      providers: [RosterRepository, RosterReader, ChangeReader],
    };
  }
}
