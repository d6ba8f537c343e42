import type { DistrictId } from '@hallpass/domain';
import { Problem } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { addressOf, pageLinks, selfLink } from '../reading/page-links.js';
import { notThere, parsePageQuery, parseRecordId, type PageQuery } from '../reading/page-query.js';
import { RosterRepository, type DistrictReading } from '../reading/roster.repository.js';
import { projectorOf } from '../versions/project.js';
import { documentOf, type Properties } from '../versions/renderer.js';
import type { ObjectShape } from '../versions/shape.js';
import { kindOf, uriOf, type View } from '../versions/view.js';
import { noteServed } from '../wire/served.js';
import { parseWhere } from '../where/where.js';
import { countBody, dataBody } from './bodies.js';
import { INCLUDED_MAX, includedNames, tooManyIncluded } from './includes.js';
import { ListAnswers, type ListOptions } from './list-answers.js';
import { pagingOf } from './paging.js';
import { Parents } from './parents.js';
import { pathId, queryOf, type RosterCall } from './roster-call.js';

/** What a version shows of districts; their documents are made of the district's own row. */
export interface DistrictView extends View {
  build(reading: DistrictReading): object;
}

/** Answers what is asked about districts, and who a credential is. */
@Injectable()
export class DistrictAnswers {
  constructor(
    private readonly repository: RosterRepository,
    private readonly parents: Parents,
    private readonly lists: ListAnswers,
  ) {}

  /** `GET /districts`: those of the credential, one for a token. */
  async list(call: RosterCall, view: DistrictView, { parameters }: ListOptions): Promise<string> {
    const query = parsePageQuery(queryOf(call), parameters);
    const where = parseWhere(query.where, view.shape);
    const address = addressOf(call.request.url);
    const ids = districtIdsOf(call).filter((id) => !where?.ids || where.ids.includes(id));
    const all = where ? (await this.#read(view, ids)).filter((each) => where.matches(each)) : undefined;
    const left = all ? all.map(({ id }) => id as DistrictId) : ids;
    if (query.isCount) return countBody(left.length, selfLink(address));
    const page = pageOf(left, query);
    const documents = all
      ? all.filter(({ id }) => page.includes(id as DistrictId))
      : await this.#read(view, page);
    const data = documents.map((each) => ({ data: each, uri: uriOf(view, String(each['id'])) }));
    const links = pageLinks(address, query, { ids: page, pin: undefined });
    const hasPaging = view.hasPaging && !query.hasCursor;
    const paging = hasPaging ? pagingOf(left.length, query.page ?? 1, query.limit) : undefined;
    return JSON.stringify({ ...(paging ? { paging } : {}), data, links });
  }

  /** `GET /districts/{id}`, with what is to be included of its collections. */
  async one(
    call: RosterCall,
    view: DistrictView,
    includes: Readonly<Record<string, View>> = {},
  ): Promise<string> {
    const names = includedNames(call, Object.keys(includes));
    const id = ownDistrict(call);
    const [data] = await this.#read(view, [id]);
    if (!data) throw notThere();
    for (const name of names) {
      const all = await this.lists.allOfDistrict(call.access, id, includes[name] as View, INCLUDED_MAX);
      if (!all) throw tooManyIncluded(name);
      noteServed(call, kindOf(includes[name] as View), all);
      data[name] = all.map(documentOf);
    }
    const uri = uriOf(view, id);
    const links = [{ rel: 'self', uri }, ...view.links.map((rel) => ({ rel, uri: `${uri}/${rel}` }))];
    return dataBody(JSON.stringify(data), links);
  }

  /** `GET /<collection>/{id}/district`. */
  async ofRecord(call: RosterCall, of: View, view: DistrictView): Promise<string> {
    const { scope } = await this.parents.find(call.access, of, pathId(call));
    const [data] = await this.#read(view, [scope.districtId]);
    if (!data) throw notThere();
    return dataBody(JSON.stringify(data), [{ rel: 'self', uri: uriOf(view, scope.districtId) }]);
  }

  /** `GET /districts/{id}/status`. */
  async status(call: RosterCall, shape: ObjectShape): Promise<string> {
    const reading = await this.repository.district(ownDistrict(call));
    if (!reading) throw notThere();
    const { id, lastImportAt } = reading;
    const data = projectorOf(shape)({
      id,
      state: lastImportAt ? 'running' : 'pending',
      last_sync: lastImportAt?.toISOString(),
    });
    return dataBody(JSON.stringify([{ data }]), [selfLink(addressOf(call.request.url))]);
  }

  /** `GET /me`: the district that the credential is of. A key of several districts is none of them. */
  me(call: RosterCall, view: DistrictView): string {
    const [id, ...others] = districtIdsOf(call);
    if (id === undefined || others.length > 0)
      throw new Problem('not-found', {
        detail: `This key is of ${id === undefined ? 'no district' : 'several districts'} now. /districts lists them.`,
      });
    const links = [selfLink(addressOf(call.request.url)), { rel: 'canonical', uri: uriOf(view, id) }];
    return JSON.stringify({ type: 'district', data: { id, district: id, type: 'district' }, links });
  }

  async #read(view: DistrictView, ids: readonly DistrictId[]): Promise<Properties[]> {
    const project = projectorOf(view.shape);
    const readings = await Promise.all(ids.map((id) => this.repository.district(id)));
    return readings.flatMap((each) => (each ? [project(view.build(each))] : []));
  }
}

function districtIdsOf({ access }: RosterCall): DistrictId[] {
  return access.decision.scopes.map(({ districtId }) => districtId).sort();
}

function ownDistrict(call: RosterCall): DistrictId {
  const id: string = parseRecordId(pathId(call));
  const own = districtIdsOf(call).find((each) => each === id);
  if (!own) throw notThere();
  return own;
}

/** The part of the list that a query names. */
function pageOf(ids: readonly DistrictId[], { after, before, limit, page }: PageQuery): DistrictId[] {
  if (before !== undefined) return ids.filter((id) => id < before).slice(-limit);
  const rest = ids.filter((id) => id > after);
  const start = ((page ?? 1) - 1) * limit;
  return rest.slice(start, start + limit);
}
