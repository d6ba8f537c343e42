import { ROLE_BITS } from '@hallpass/database';
import {
  parseId,
  type DistrictId,
  type RecordDocument,
  type RecordId,
  type RecordKind,
  type Relation,
  type UserRole,
} from '@hallpass/domain';
import type { VerifiedAccess } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { addressOf, pairsButPlaces } from '../reading/page-links.js';
import {
  notThere,
  parsePageQuery,
  parseRecordId,
  type ListParameter,
  type PageQuery,
} from '../reading/page-query.js';
import { HandOver } from '../events/hand-over.js';
import { Scan } from '../reading/scan.js';
import { ScopeReader, type OpenScopes } from '../reading/scopes.js';
import type { SourceOf } from '../reading/source-of.js';
import { Sources, type Found, type Source } from '../reading/sources.js';
import { Renderer, type RenderOptions, type Shown } from '../versions/renderer.js';
import { kindOf, storedId, type View } from '../versions/view.js';
import { parseFields } from '../versions/fields.js';
import { parseSort } from '../where/sort.js';
import { parseWhere, type Where } from '../where/where.js';
import type { ListJob } from './list-job.js';
import { ListWriter } from './list-writer.js';
import { Parents, type Parent } from './parents.js';
import { notePicture } from '../wire/entity-tag.js';
import { pathId, queryOf, type RosterCall } from './roster-call.js';

/** How a list is asked for and given. */
export interface ListOptions {
  parameters: readonly ListParameter[];
  /** Items come bare, without their address: always, or unless `show_links=true`. */
  bare?: 'always' | 'by-default';
  hasPaging?: boolean;
}

/** What a record leads to: over links, or by the ids that it holds or that follow from its sections. */
export interface SubList {
  of: View;
  /** Of users, those of this role alone. */
  role?: UserRole;
  over?: (query: PageQuery) => readonly Relation[];
  ids?: (parent: Parent, query: PageQuery, parents: Parents) => RecordId[] | Promise<RecordId[]>;
  /** Which of them belong in the list, where links lead to more. */
  keeps?: (document: RecordDocument, parentId: RecordId) => boolean;
  /** A student's contacts: each says what it is to that student. */
  isOfStudent?: boolean;
}

/** Answers lists: of collections, of a district's, and of what records lead to. */
@Injectable()
export class ListAnswers {
  constructor(
    private readonly scopes: ScopeReader,
    private readonly sources: Sources,
    private readonly parents: Parents,
    private readonly renderer: Renderer,
    private readonly writer: ListWriter,
    private readonly events: HandOver,
  ) {}

  /** `GET /<collection>`. */
  list(call: RosterCall, view: View, options: ListOptions): Promise<string> {
    return this.#whole(call, view, options, (open) => open);
  }

  /** `GET /districts/{id}/<collection>`. */
  listOfDistrict(call: RosterCall, view: View, options: ListOptions): Promise<string> {
    const id: string = parseRecordId(pathId(call));
    return this.#whole(call, view, options, (open) => {
      const scopes = open.scopes.filter(({ districtId }) => districtId === id);
      if (scopes.length === 0) throw notThere();
      return { ...open, scopes };
    });
  }

  /** `GET /<collection>/{id}/<others>`. */
  subList(call: RosterCall, view: View, list: SubList, options: ListOptions): Promise<string> {
    return this.#write(call, list.of, options, async (at, query) => {
      const parent = await this.parents.find(call.access, view, pathId(call), at);
      return { source: await this.#sourceOf(parent, list, query), render: renderOptions(parent, list) };
    });
  }

  /** Every record of a sub-list, or undefined when there are more than so many. */
  async allOf(parent: Parent, list: SubList, max: number): Promise<Shown[] | undefined> {
    const source = await this.#sourceOf(parent, list, parsePageQuery({}, []));
    const pick = (found: readonly Found[]) =>
      this.renderer.render(list.of, found, renderOptions(parent, list));
    const start = { after: '', before: undefined };
    const scan = new Scan(source, pick, list.keeps && { budget: Infinity }, start);
    const shown = await scan.take(max + 1);
    return shown.length > max ? undefined : shown;
  }

  /** Every record of a district's collection, or undefined when there are more than so many. */
  async allOfDistrict(
    access: VerifiedAccess,
    districtId: DistrictId,
    view: View,
    max: number,
  ): Promise<Shown[] | undefined> {
    const open = await this.scopes.open(access, undefined);
    const scopes = open.scopes.filter((scope) => scope.districtId === districtId);
    const source = this.#wholeList({ ...open, scopes }, view, parsePageQuery({}, []), undefined);
    const pick = (found: readonly Found[]) => this.renderer.render(view, found);
    const shown = await new Scan(source, pick, undefined, { after: '', before: undefined }).take(max + 1);
    return shown.length > max ? undefined : shown;
  }

  #whole(
    call: RosterCall,
    view: View,
    options: ListOptions,
    narrow: (open: OpenScopes) => OpenScopes,
  ): Promise<string> {
    return this.#write(call, view, options, async (at, query, where) => {
      const open = narrow(await this.scopes.open(call.access, at));
      const [only] = open.scopes;
      const handOver = (pin: string) => this.events.handOver(view.version, only, pin);
      return { source: this.#wholeList(open, view, query, where), render: {}, handOver };
    });
  }

  async #write(
    call: RosterCall,
    view: View,
    { parameters, bare, hasPaging = view.hasPaging }: ListOptions,
    read: (
      at: string | undefined,
      query: PageQuery,
      where: Where | undefined,
    ) => Promise<Pick<ListJob, 'source' | 'render'> & { handOver?: ListJob['handOver'] }>,
  ): Promise<string> {
    const query = parsePageQuery(queryOf(call), parameters);
    const where = parseWhere(query.where, view.shape);
    const sort = parseSort(query.sort, view.shape);
    const fields = parseFields(query.fields, view.shape);
    const address = addressOf(call.request.url);
    const isBare = bare === 'always' || (bare === 'by-default' && !query.showsLinks);
    const pullKey = [call.access.credential.id, address.path, ...pairsButPlaces(address)].join(' ');
    let source: Source | undefined;
    const body = await this.writer.write(pullKey, query, async (at) => {
      const job = {
        call,
        handOver: undefined,
        ...(await read(at, query, where)),
        view,
        address,
        query,
        where,
        sort,
        fields,
        isBare,
        hasPaging,
      };
      ({ source } = job);
      return job;
    });
    notePicture(call, query.at === undefined ? source?.pin() : undefined);
    return body;
  }

  #wholeList(open: OpenScopes, view: View, query: PageQuery, where: Where | undefined): Source {
    const of = sourceOf(kindOf(view), query.role ?? view.role);
    if (!where?.ids) return this.sources.whole(open, of);
    const ids = where.ids.flatMap((text) => {
      const id = parseId<RecordId>(text);
      return id ? [storedId(view, id)] : [];
    });
    return this.sources.named(open, [...new Set(ids)], of);
  }

  async #sourceOf(parent: Parent, list: SubList, query: PageQuery): Promise<Source> {
    const { scope, pin, id } = parent;
    const of = sourceOf(kindOf(list.of), query.role ?? list.role ?? list.of.role);
    if (list.over) return this.sources.linked(scope, pin, list.over(query), id, of);
    const ids = (await list.ids?.(parent, query, this.parents)) ?? [];
    return this.sources.referred(scope, pin, ids, of);
  }
}

/** Only users have roles: what other lists are asked about them is left alone, as every parameter they do not know. */
function sourceOf(kind: RecordKind, role: UserRole | undefined): SourceOf {
  return { kind, roleBit: role === undefined || kind !== 'user' ? 0 : ROLE_BITS[role] };
}

function renderOptions({ id }: Parent, { keeps, isOfStudent }: SubList): RenderOptions {
  return {
    around: isOfStudent ? { student: id } : {},
    keeps: keeps && ((document) => keeps(document, id)),
  };
}
