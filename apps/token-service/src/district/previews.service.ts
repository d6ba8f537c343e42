import { setTimeout as wait } from 'node:timers/promises';
import {
  askPreview,
  findInvitation,
  Grants,
  rulesOfChange,
  rulesOfChoice,
  takePreview,
  type InstallationKeys,
  type PreviewAnswer,
  type PreviewedRules,
} from '@hallpass/database';
import {
  DomainError,
  newId,
  PREVIEW_KINDS,
  type AppId,
  type DistrictId,
  type FieldList,
  type GrantId,
  type PreviewId,
} from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, toFields, toSelection, toSharingChange } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ListedAppsRepository } from './apps.repository.js';
import type { PreviewRequestBody } from './preview.dto.js';

/** A preview of a large district takes seconds; whoever waits longer is told to ask again. */
const WAIT_MS = 25_000;
const LOOK_MS = 40;

/** Shows a district what a choice would share, before it shares anything. */
@Injectable()
export class Previews {
  constructor(
    private readonly dataSource: DataSource,
    private readonly apps: ListedAppsRepository,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async preview(
    districtId: DistrictId,
    request: PreviewRequestBody,
  ): Promise<PreviewAnswer & { fields: FieldList }> {
    const rules = await this.#rules(districtId, request);
    const { kind, search = '', after = '', limit, vanishing } = request;
    const query = kind ? { kind, isVanishing: vanishing ?? false, search, after, limit } : null;
    const id = newId<PreviewId>();
    await askPreview(this.dataSource, id, { rules, query });
    const answer = await this.#answer(id);
    const place = new Map(PREVIEW_KINDS.map((each, i) => [each, i]));
    const counts = answer.counts.toSorted((a, b) => (place.get(a.kind) ?? 0) - (place.get(b.kind) ?? 0));
    return { counts, fields: rules.rule.fields, page: answer.page };
  }

  async #rules(districtId: DistrictId, request: PreviewRequestBody): Promise<PreviewedRules> {
    const { manager } = this.dataSource;
    if (request.grantId !== undefined) {
      const id = request.grantId as GrantId;
      if (!(await manager.existsBy(Grants, { id, districtId })))
        throw new DomainError('not-found', 'The district has no grant of this id.');
      return rulesOfChange(manager, id, toSharingChange(request));
    }
    const appId = await this.#appOf(districtId, request);
    return rulesOfChoice(manager, {
      appId,
      districtId,
      selection: toSelection(request) ?? { type: 'everything' },
      hiddenFields: toFields(request.hideFields ?? []),
    });
  }

  /** An app that the district may know of: it is listed, has invited the district, or has a grant of it. */
  async #appOf(districtId: DistrictId, { code, appId }: PreviewRequestBody): Promise<AppId> {
    if (code !== undefined)
      return (await this.dataSource.transaction((tx) => findInvitation(tx, this.keys, districtId, { code })))
        .appId;
    if (!(await this.apps.isKnownTo(districtId, appId as AppId)))
      throw new DomainError('not-found', 'No app has this id.');
    return appId as AppId;
  }

  async #answer(id: PreviewId): Promise<PreviewAnswer> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const answer = await takePreview(this.dataSource, id);
      if (answer) return answer;
      if (performance.now() > deadline)
        throw new Problem('storage-unavailable', {
          detail: 'The preview is not ready yet; ask again in a moment.',
          headers: { 'retry-after': '5' },
        });
      await wait(LOOK_MS);
    }
  }
}
