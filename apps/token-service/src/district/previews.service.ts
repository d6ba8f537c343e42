import {
  askPreview,
  findInvitation,
  Grants,
  rulesOfChange,
  rulesOfChoice,
  takePreview,
  type ImportChangesPage,
  type ImportChangesQuery,
  type InstallationKeys,
  type PreviewAnswer,
  type PreviewPage,
  type RosterQuestion,
  type PreviewedRules,
} from '@hallpass/database';
import {
  DomainError,
  PREVIEW_KINDS,
  allFields,
  newId,
  type AppId,
  type DistrictId,
  type FieldList,
  type GrantId,
  type PreviewId,
} from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, toFields, toSelection, toSharingChange } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { answered } from '../errands/waiting.js';
import { ListedAppsRepository } from './apps.repository.js';
import type { PreviewRequestBody, RecordsRequest } from './preview.dto.js';

/** A preview of a large district takes seconds; whoever waits longer is told to ask again. */
const PATIENCE_MS = 25_000;

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
    const answer = await this.#ask({ rules, query });
    const place = new Map(PREVIEW_KINDS.map((each, i) => [each, i]));
    const counts = answer.counts.toSorted((a, b) => (place.get(a.kind) ?? 0) - (place.get(b.kind) ?? 0));
    return { counts, fields: rules.rule.fields, page: answer.page };
  }

  /** The district's own records, as it sent them; of those that a choice selects, where one is named. */
  async records(districtId: DistrictId, request: RecordsRequest): Promise<PreviewPage> {
    const { kind, search = '', after = '', limit } = request;
    const selection = toSelection(request) ?? { type: 'everything' };
    const rules = { districtId, rule: { selection, fields: allFields() }, before: null };
    const { page } = await this.#ask({ rules, query: { kind, isVanishing: false, search, after, limit } });
    return page ?? { records: [], next: null };
  }

  /** What an import did to the records of a kind, or would do. */
  changes(query: ImportChangesQuery): Promise<ImportChangesPage> {
    return this.#ask<ImportChangesPage>({ changes: query });
  }

  async #ask<Answer = PreviewAnswer>(question: RosterQuestion): Promise<Answer> {
    const id = newId<PreviewId>();
    await askPreview(this.dataSource, id, question);
    return answered(() => takePreview<Answer>(this.dataSource, id), {
      patience: AbortSignal.timeout(PATIENCE_MS),
      tooLate: () =>
        new Problem('storage-unavailable', {
          detail: 'The preview is not ready yet; ask again in a moment.',
          headers: { 'retry-after': '5' },
        }),
    });
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
}
