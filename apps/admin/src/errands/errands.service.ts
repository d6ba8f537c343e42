import { Readable } from 'node:stream';
import { ErrandDesk, errandFile, type TakenErrand } from '@hallpass/database';
import { SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AdminConfig } from '../config.js';
import { ImportsService } from '../imports/imports.service.js';
import { SandboxesService } from '../sandboxes/sandboxes.service.js';
import { WokenWork } from '../woken-work.js';

/** Does what people ask for in the service that may not publish rosters. */
@Injectable()
export class Errands implements OnModuleInit, OnModuleDestroy {
  readonly #work: WokenWork;

  constructor(
    private readonly dataSource: DataSource,
    private readonly imports: ImportsService,
    private readonly sandboxes: SandboxesService,
    @Inject(SERVICE_CONFIG) config: AdminConfig,
  ) {
    const desk = new ErrandDesk(
      dataSource,
      (taken) => this.#run(taken),
      (error) => this.#work.log(error),
    );
    const place = { url: config.DATABASE_URL, channel: 'errands_ready' };
    this.#work = new WokenWork(place, () => desk.runAll());
  }

  onModuleInit(): Promise<void> {
    return this.#work.open();
  }

  onModuleDestroy(): Promise<void> {
    return this.#work.close();
  }

  async #run({ id, errand, actor }: TakenErrand): Promise<void> {
    switch (errand.kind) {
      case 'start-import': {
        const archive = Readable.from(errandFile(this.dataSource, id));
        await this.imports.start(errand.districtId, archive, actor, errand.importId);
        return;
      }
      case 'confirm-import':
        await this.imports.confirm(errand.districtId, errand.importId, actor);
        return;
      case 'discard-import':
        await this.imports.discard(errand.districtId, errand.importId, actor);
        return;
      case 'create-sandbox':
        await this.sandboxes.create(errand.appId, actor);
    }
  }
}
