import { ServiceKitModule } from '@hallpass/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { DistrictAnswers } from './answers/district-answers.js';
import { ListAnswers } from './answers/list-answers.js';
import { ListWriter } from './answers/list-writer.js';
import { Parents } from './answers/parents.js';
import { RecordAnswers } from './answers/record-answers.js';
import type { DataApiConfig } from './config.js';
import { LiveController } from './docs/live.controller.js';
import { ChangeReader } from './events/change-reader.js';
import { EventAnswers } from './events/event-answers.js';
import { HandOver } from './events/hand-over.js';
import { EventWriter } from './events/event-writer.js';
import { CountBook } from './reading/count-book.js';
import { PageBook } from './reading/page-book.js';
import { RosterRepository } from './reading/roster.repository.js';
import { ScopeReader } from './reading/scopes.js';
import { Sources } from './reading/sources.js';
import { AccessController } from './access/access.controller.js';
import { ExportController } from './export/export.controller.js';
import { MetadataController } from './metadata/metadata.controller.js';
import { ALL_VERSIONS } from './versions/all-versions.js';
import { controllersOf } from './versions/controllers.js';
import { ElsewhereController } from './versions/elsewhere.controller.js';
import { Renderer } from './versions/renderer.js';
import { Answers } from './versions/route.js';
import { UnversionedMeController } from './versions/unversioned-me.controller.js';

@Module({})
export class AppModule {
  static for(config: DataApiConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceKitModule.for('data-api', config)],
      controllers: [
        ...ALL_VERSIONS.flatMap(controllersOf),
        UnversionedMeController,
        ExportController,
        AccessController,
        LiveController,
        MetadataController,
        ElsewhereController,
      ],
      providers: [
        RosterRepository,
        ScopeReader,
        CountBook,
        Sources,
        Renderer,
        Parents,
        PageBook,
        ListWriter,
        ListAnswers,
        RecordAnswers,
        DistrictAnswers,
        ChangeReader,
        EventWriter,
        EventAnswers,
        HandOver,
        Answers,
      ],
    };
  }
}
