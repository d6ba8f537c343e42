import {
  eventPlace,
  parseId,
  type EventId,
  type EventPlace,
  type RecordId,
  type UserDocument,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { queryOf, pathId, type RosterCall } from '../answers/roster-call.js';
import { addressOf, pageLinks } from '../reading/page-links.js';
import { AFTER_ALL_IDS, notThere, parseRecordId } from '../reading/page-query.js';
import { RosterRepository } from '../reading/roster.repository.js';
import { ScopeReader, type Scope } from '../reading/scopes.js';
import { storedId, type View } from '../versions/view.js';
import { ChangeReader } from './change-reader.js';
import { parseEventQuery, type EventQuery } from './event-query.js';
import { noteServed } from '../wire/served.js';
import { kindsOf, type EventTable, type EventView } from './event-views.js';
import { EventWriter, isOfSchool, type RosterEvent } from './event-writer.js';

/** How often one request reads on in search of events, when what it has read tells none. */
const READINGS_MAX = 10;
/** How many changes one reading takes at least. */
const READING_MIN = 200;

/** Answers event lists and single events. */
@Injectable()
export class EventAnswers {
  constructor(
    private readonly scopes: ScopeReader,
    private readonly repository: RosterRepository,
    private readonly changes: ChangeReader,
    private readonly writer: EventWriter,
  ) {}

  /** `GET /events`. */
  async list(call: RosterCall, table: EventTable): Promise<string> {
    const { scopes } = await this.scopes.open(call.access, undefined);
    return this.#page(call, table, table.views, scopes, undefined);
  }

  /** `GET /districts/{id}/events`. */
  async listOfDistrict(call: RosterCall, table: EventTable): Promise<string> {
    const id: string = parseRecordId(pathId(call));
    const { scopes } = await this.scopes.open(call.access, undefined);
    const own = scopes.filter(({ districtId }) => districtId === id);
    if (own.length === 0) throw notThere();
    return this.#page(call, table, table.views, own, undefined);
  }

  /** `GET /<collection>/{id}/events`: also of a record that is gone. */
  async listOfRecord(call: RosterCall, table: EventTable, view: View): Promise<string> {
    const views = table.views.filter((each) => each.view === view);
    const recordId = storedId(view, parseRecordId(pathId(call)));
    const { scopes } = await this.scopes.open(call.access, undefined);
    if (
      !(await this.#isShown(scopes, view, recordId)) &&
      !(await this.#hasEvents(table, views, scopes, recordId))
    )
      throw notThere();
    return this.#page(call, table, views, scopes, recordId);
  }

  /** `GET /events/{id}`. */
  async one(call: RosterCall, table: EventTable): Promise<string> {
    const id = parseId<EventId>(pathId(call));
    const from = id && eventPlace(id);
    if (!from) throw notThere();
    const { scopes } = await this.scopes.open(call.access, undefined);
    const range = { kinds: kindsOf(table.views), recordId: undefined, from, isBack: false, limit: 1 };
    const { changes } = await this.changes.read(scopes, range);
    for (const change of changes) {
      const events = await this.writer.eventsOf(table, table.views, change);
      const found = events.find((each) => each.id === id);
      if (found) {
        noteServed(call, found.kind, [found]);
        const uri = uriOf(table, found.id);
        return JSON.stringify({ data: found.body, links: [{ rel: 'self', uri }] });
      }
    }
    throw notThere();
  }

  async #isShown(scopes: readonly Scope[], view: View, recordId: RecordId): Promise<boolean> {
    const { kind, role } = view;
    const sharing = kind ? scopes.filter(({ rule }) => rule.shares(kind)) : [];
    if (!kind || sharing.length === 0) return false;
    const scope = await this.scopes.locate(sharing, kind, recordId);
    const [text] = scope ? (await this.repository.record(scope, kind, recordId)).docs : [];
    if (text === undefined) return false;
    return role === undefined || (JSON.parse(text) as UserDocument).roles[role] !== undefined;
  }

  async #hasEvents(table: EventTable, views: readonly EventView[], scopes: readonly Scope[], id: RecordId) {
    const { events } = await this.#search(table, views, scopes, id, parseEventQuery({ limit: '1' }, []));
    return events.length > 0;
  }

  async #page(
    call: RosterCall,
    table: EventTable,
    all: readonly EventView[],
    scopes: readonly Scope[],
    recordId: RecordId | undefined,
  ): Promise<string> {
    const query = parseEventQuery(
      queryOf(call),
      table.views.map(({ type }) => type),
    );
    const views = all.filter(({ type }) => query.recordTypes?.has(type) ?? true);
    const { events, resume } = await this.#search(table, views, scopes, recordId, query);
    const page = events.slice(0, query.limit);
    if (query.before !== undefined) page.reverse();
    for (const event of page) noteServed(call, event.kind, [event]);
    const links = pageLinks(addressOf(call.request.url), query, {
      ids: page.map(({ id }) => id),
      resume: page.length < query.limit ? resume : undefined,
      pin: undefined,
    });
    const data = page.map(({ id, body }) => ({ data: body, uri: uriOf(table, id) }));
    return JSON.stringify({ data, links });
  }

  /** Reads changes until they tell enough events; or where to go on, when they tell too few for too long. */
  async #search(
    table: EventTable,
    views: readonly EventView[],
    scopes: readonly Scope[],
    recordId: RecordId | undefined,
    query: EventQuery,
  ): Promise<{ events: RosterEvent[]; resume?: EventId }> {
    const isBack = query.before !== undefined;
    const cursor = query.before ?? query.after;
    const isBeyond = (id: EventId) => (isBack ? id < cursor : id > cursor);
    let from = await this.#startOf(scopes, query);
    const limit = Math.max(query.limit, READING_MIN) + 1;
    const events: RosterEvent[] = [];
    for (let readings = 0; readings < READINGS_MAX; readings += 1) {
      const kinds = kindsOf(views);
      const reading = await this.changes.read(scopes, { kinds, recordId, from, isBack, limit });
      for (const change of reading.changes) {
        if (query.school && !isOfSchool(change, query.school)) continue;
        const told = await this.writer.eventsOf(table, views, change);
        if (isBack) told.reverse();
        events.push(...told.filter(({ id }) => isBeyond(id) && events.at(-1)?.id !== id));
        if (events.length >= query.limit) return { events };
      }
      if (!reading.isFull || !reading.last) return { events };
      from = reading.last;
    }
    return from ? { events, resume: placeId(from, isBack) } : { events };
  }

  async #startOf(scopes: readonly Scope[], query: EventQuery): Promise<EventPlace | undefined> {
    const cursor = query.before ?? query.after;
    if (cursor !== '' && cursor !== AFTER_ALL_IDS) return eventPlace(cursor);
    if (!query.createdSince || query.before !== undefined) return undefined;
    const edition = await this.repository.editionBefore(scopes, query.createdSince);
    return { edition: edition + 1, tail: '' };
  }
}

function uriOf({ version }: EventTable, id: string): string {
  return `/${version}/events/${id}`;
}

/** The id that stands after every event of a place, or before every one when reading backwards. */
function placeId({ edition, tail }: EventPlace, isBack: boolean): EventId {
  return `${edition.toString(16).padStart(8, '0')}${tail}${isBack ? '0' : 'f'}` as EventId;
}
