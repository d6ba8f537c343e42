import { ROLE_BITS } from '@hallpass/database';
import type {
  DistrictScope,
  DocumentOf,
  RecordId,
  RecordKind,
  Relation,
  SectionDocument,
  UserRole,
} from '@hallpass/domain';
import { Problem, type VerifiedAccess } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { compileRule } from './compiled-rule.js';
import { addressOf, pageLinks, selfLink, type Address, type Link } from './page-links.js';
import { LIMIT_MAX, parsePageQuery, parseRecordId, type PageQuery } from './page-query.js';
import {
  RosterRepository,
  idIn,
  type DistrictReading,
  type Place,
  type Range,
  type Reading,
} from './roster.repository.js';

/** The collection of each kind, as it stands in paths. */
export const COLLECTIONS = {
  school: 'schools',
  term: 'terms',
  course: 'courses',
  user: 'users',
  section: 'sections',
} as const satisfies Record<RecordKind, string>;

/** One district that a request may read. */
type Scope = Place;

/** A request to a roster route: what the credential opens, and the address asked for. */
export interface RosterCall {
  access: VerifiedAccess;
  request: FastifyRequest;
}

/** What a sub-list is made of: links, or ids that a body holds. */
type SubList =
  | { kind: RecordKind; over: readonly Relation[] | ((query: PageQuery) => readonly Relation[]) }
  | { kind: RecordKind; role?: UserRole; ids: (parent: ParentRecord) => Promise<RecordId[]> | RecordId[] };

interface ParentRecord {
  scope: Scope;
  id: RecordId;
  /** The pin that the request came with, or that a key's reading stands on. */
  pin: string | undefined;
  document: DocumentOf[RecordKind];
  query: PageQuery;
}

const VERSION = '/v3.0';
const ALL: Range = { after: '', before: undefined, limit: LIMIT_MAX, roleBit: 0 };
const notThere = () =>
  new Problem('not-found', { detail: 'No record that this credential may see has this id.' });

/** Answers roster routes with bodies as text: stored documents are joined, and parsed only where a rule cuts fields. */
@Injectable()
export class RosterReader {
  constructor(private readonly repository: RosterRepository) {}

  /** `GET /<kind>`: a page, or with `count=true` the number of them. */
  async list({ access, request }: RosterCall, kind: RecordKind): Promise<string> {
    const query = parsePageQuery(request.query as Record<string, string>);
    const address = addressOf(request.url);
    const { scopes, pin } = await this.#scopes(access, query.at);
    const [only] = scopes;
    if (query.isCount) return this.#count(address, scopes, kind, query);
    if (scopes.length !== 1 || !only) return this.#union(address, scopes, pin ?? 'e0', kind, query);
    if (!only.rule.shares(kind)) return body([], pageLinks(address, query, [], pin ?? '0'));
    const reading = await this.repository.page(only, kind, rangeOf(query, kind));
    return pageBody(address, query, kind, reading, pin);
  }

  /** `GET /<kind>/{id}`. */
  async one(call: RosterCall, kind: RecordKind, id: string, subLists: readonly string[]): Promise<string> {
    const { text, recordId } = await this.#recordText(call.access, kind, parseRecordId(id));
    const uri = uriOf(kind, recordId);
    const links = [{ rel: 'self', uri }, ...subLists.map((rel) => ({ rel, uri: `${uri}/${rel}` }))];
    return `{"data":${text},"links":${JSON.stringify(links)}}`;
  }

  /** `GET /<kind>/{id}/<other>`: the one record that a field of it names. */
  async referred<K extends RecordKind>(
    call: RosterCall,
    kind: K,
    id: string,
    target: RecordKind,
    reference: (document: DocumentOf[K]) => RecordId | undefined,
  ): Promise<string> {
    const parent = await this.#parent(call.access, kind, parseRecordId(id), undefined);
    const targetId = reference(parent.document as DocumentOf[K]);
    const text = targetId && (await this.#textIn(parent.scope, target, targetId));
    if (!text) throw notThere();
    return `{"data":${text},"links":${JSON.stringify([{ rel: 'self', uri: uriOf(target, targetId) }])}}`;
  }

  /** `GET /<kind>/{id}/<others>`: a page of what the record leads to. */
  async subList(call: RosterCall, kind: RecordKind, id: string, list: SubList): Promise<string> {
    const query = parsePageQuery(call.request.query as Record<string, string>);
    const address = addressOf(call.request.url);
    const parent = { ...(await this.#parent(call.access, kind, parseRecordId(id), query.at)), query };
    const range = rangeOf(query, list.kind);
    const reading = await this.#readSubList(parent, list, query, range);
    const pin = parent.pin ?? String(reading.seq);
    return pageBody(address, query, list.kind, reading, pin);
  }

  /** Students of a teacher's sections and of a contact. */
  async studentsOf(parent: ParentRecord): Promise<RecordId[]> {
    const { contact } = (parent.document as DocumentOf['user']).roles;
    const own = (contact?.student_relationships ?? []).map(({ student }) => student);
    const sections = await this.#sectionsOver(parent, 'teacher.sections');
    return unique([...own, ...sections.flatMap((section) => section.students ?? [])]);
  }

  /** Teachers of a student's sections. */
  async teachersOf(parent: ParentRecord): Promise<RecordId[]> {
    const sections = await this.#sectionsOver(parent, 'student.sections');
    return unique(sections.flatMap((section) => section.teachers ?? []));
  }

  /** `GET /districts`. */
  async districts({ access, request }: RosterCall): Promise<string> {
    const query = parsePageQuery(request.query as Record<string, string>);
    const links = JSON.stringify([selfLink(addressOf(request.url))]);
    const { scopes } = access.decision;
    if (query.isCount) return `{"count":${scopes.length},"links":${links}}`;
    const readings = await Promise.all(scopes.map(({ districtId }) => this.repository.district(districtId)));
    const data = readings.flatMap((each) =>
      each ? [{ data: districtDocument(each), uri: districtUri(each) }] : [],
    );
    return `{"data":${JSON.stringify(data)},"links":${links}}`;
  }

  /** `GET /districts/{id}`. */
  async district({ access }: RosterCall, id: string): Promise<string> {
    const districtId = parseRecordId(id) as string;
    const scope = access.decision.scopes.find((each) => each.districtId === districtId);
    const reading = scope && (await this.repository.district(scope.districtId));
    if (!reading) throw notThere();
    return districtBody(reading);
  }

  /** `GET /<kind>/{id}/district`. */
  async districtOf(call: RosterCall, kind: RecordKind, id: string): Promise<string> {
    const { scope } = await this.#parent(call.access, kind, parseRecordId(id), undefined);
    const reading = await this.repository.district(scope.districtId);
    if (!reading) throw notThere();
    return districtBody(reading);
  }

  /**
   * The districts that the credential opens, each at the pinned picture. A token's one is read at its own seq; those of a key
   * at one edition, which is what orders publications across districts.
   */
  async #scopes(
    access: VerifiedAccess,
    at: string | undefined,
  ): Promise<{ scopes: Scope[]; pin: string | undefined }> {
    const { scopes } = access.decision;
    if (access.credential.type === 'token') {
      const seq = at === undefined ? null : Number(at);
      if (Number.isNaN(seq)) throw wrongPin();
      return { scopes: scopes.map((scope) => scopeAt(scope, seq)), pin: at };
    }
    if (at !== undefined && !at.startsWith('e')) throw wrongPin();
    const newest = await this.repository.edition();
    const edition = at === undefined ? newest : Number(at.slice(1));
    if (edition > newest) throw wrongPin();
    const places = scopes.map((scope) => scopeAt(scope, null));
    return { scopes: await this.repository.placesAtEdition(places, edition), pin: `e${edition}` };
  }

  async #count(
    address: Address,
    scopes: readonly Scope[],
    kind: RecordKind,
    query: PageQuery,
  ): Promise<string> {
    const { roleBit } = rangeOf(query, kind);
    const counts = await Promise.all(
      scopes
        .filter(({ rule }) => rule.shares(kind))
        .map(async (scope) => Number((await this.repository.count(scope, kind, roleBit)).docs[0] ?? 0)),
    );
    const count = counts.reduce((sum, each) => sum + each, 0);
    return `{"count":${count},"links":${JSON.stringify([selfLink(address)])}}`;
  }

  async #union(address: Address, scopes: readonly Scope[], pin: string, kind: RecordKind, query: PageQuery) {
    const sharing = scopes.filter(({ rule }) => rule.shares(kind));
    const { found } = await this.repository.union(sharing, kind, rangeOf(query, kind));
    const docs = found.map(({ doc }) => doc);
    if (query.before !== undefined) docs.reverse();
    return body(enveloped(kind, docs), pageLinks(address, query, docs.map(idIn), pin));
  }

  async #recordText(access: VerifiedAccess, kind: RecordKind, id: RecordId) {
    const { scopes } = await this.#scopes(access, undefined);
    const scope = await this.#locate(scopes, kind, id);
    const text = scope && (await this.#textIn(scope, kind, id));
    if (!text) throw notThere();
    return { text, recordId: id };
  }

  async #locate(scopes: readonly Scope[], kind: RecordKind, id: RecordId): Promise<Scope | undefined> {
    if (scopes.length <= 1) return scopes[0];
    const index = await this.repository.locate(scopes, kind, id);
    return index === undefined ? undefined : scopes[index];
  }

  async #textIn(scope: Scope, kind: RecordKind, id: RecordId): Promise<string | undefined> {
    if (!scope.rule.shares(kind)) return undefined;
    const { docs } = await this.repository.record(scope, kind, id);
    return docs[0];
  }

  async #parent(access: VerifiedAccess, kind: RecordKind, id: RecordId, at: string | undefined) {
    const { scopes, pin } = await this.#scopes(access, at);
    const scope = await this.#locate(scopes, kind, id);
    const text = scope && (await this.#textIn(scope, kind, id));
    if (!scope || !text) throw notThere();
    return { scope, id, pin, document: JSON.parse(text) as DocumentOf[RecordKind] };
  }

  async #readSubList(parent: ParentRecord, list: SubList, query: PageQuery, range: Range): Promise<Reading> {
    const { scope, id } = parent;
    if (!scope.rule.shares(list.kind)) return { seq: 0, docs: [] };
    if ('over' in list) {
      const wanted = typeof list.over === 'function' ? list.over(query) : list.over;
      const relations = wanted.filter((relation) => scope.rule.sharesRelation(relation));
      return this.repository.linked(scope, relations, id, list.kind, range);
    }
    const ids = await list.ids(parent);
    const roleBit = range.roleBit === 0 && list.role ? ROLE_BITS[list.role] : range.roleBit;
    return this.repository.referred(scope, ids, list.kind, { ...range, roleBit });
  }

  async #sectionsOver({ scope, id }: ParentRecord, relation: Relation): Promise<SectionDocument[]> {
    if (!scope.rule.sharesRelation(relation) || !scope.rule.shares('section')) return [];
    const { docs } = await this.repository.linked(scope, [relation], id, 'section', ALL);
    return docs.map((doc) => JSON.parse(doc) as SectionDocument);
  }
}

const wrongPin = () =>
  new Problem('cursor-invalid', { detail: 'The link’s `at` was not given out for this credential.' });

function scopeAt({ districtId, grantId, rule }: DistrictScope, at: number | null): Scope {
  return { districtId, grantId, rule: compileRule(rule), at };
}

/** Only users have roles: what other lists are asked about them is left alone, as every parameter they do not know. */
function rangeOf({ after, before, limit, role }: PageQuery, kind: RecordKind): Range {
  return { after, before, limit, roleBit: role === undefined || kind !== 'user' ? 0 : ROLE_BITS[role] };
}

function uriOf(kind: RecordKind, id: string): string {
  return `${VERSION}/${COLLECTIONS[kind]}/${id}`;
}

function enveloped(kind: RecordKind, docs: readonly string[]): string[] {
  const prefix = `,"uri":"${VERSION}/${COLLECTIONS[kind]}/`;
  return docs.map((doc) => `{"data":${doc}${prefix}${idIn(doc)}"}`);
}

function body(data: readonly string[], links: readonly Link[]): string {
  return `{"data":[${data.join(',')}],"links":${JSON.stringify(links)}}`;
}

function pageBody(
  address: Address,
  query: PageQuery,
  kind: RecordKind,
  { seq, docs }: Reading,
  pin: string | undefined,
): string {
  if (query.before !== undefined) docs.reverse();
  const links = pageLinks(address, query, docs.map(idIn), pin ?? String(seq));
  return body(enveloped(kind, docs), links);
}

function unique(ids: readonly RecordId[]): RecordId[] {
  return [...new Set(ids)].sort();
}

function districtUri({ id }: DistrictReading): string {
  return `${VERSION}/districts/${id}`;
}

function districtDocument({ id, name, lastImportAt }: DistrictReading) {
  return {
    id,
    name,
    state: lastImportAt ? 'success' : 'pending',
    ...(lastImportAt ? { last_sync: lastImportAt.toISOString() } : {}),
  };
}

function districtBody(reading: DistrictReading): string {
  const links = [{ rel: 'self', uri: districtUri(reading) }];
  return JSON.stringify({ data: districtDocument(reading), links });
}
