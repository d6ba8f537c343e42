import {
  changeOf,
  eventId,
  schoolsOf,
  type Change,
  type DistrictId,
  type EventId,
  type RecordId,
  type RecordKind,
  type SectionDocument,
  type UserDocument,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { Renderer, documentOf, type Properties } from '../versions/renderer.js';
import { shownId, type View } from '../versions/view.js';
import type { RecordChange } from './change-reader.js';
import type { EventTable, EventView } from './event-views.js';

/** An event as a version tells it. */
export interface RosterEvent {
  id: EventId;
  kind: RecordKind;
  districtId: DistrictId;
  body: Properties;
}

/** Tells changes in a version's words. */
@Injectable()
export class EventWriter {
  constructor(private readonly renderer: Renderer) {}

  /** The events that a change is, to those who see these collections; in the order of their ids. */
  async eventsOf(
    table: EventTable,
    views: readonly EventView[],
    change: RecordChange,
  ): Promise<RosterEvent[]> {
    const events: RosterEvent[] = [];
    for (const { type, view } of views) {
      if (view.kind !== change.kind) continue;
      const render = async (text: string | undefined) => {
        if (text === undefined) return undefined;
        const [shown] = await this.renderer.render(view, [{ scope: change.scope, text }]);
        return shown && documentOf(shown);
      };
      const id = shownId(view, change.recordId);
      const after = await render(change.after);
      // Gone is told of whatever was once shown, by its id alone.
      const before = await render(after ? change.before : change.was);
      const told = changeOf<Properties>(id, before, after) ?? quietChange(view, change, before, after);
      if (!told) continue;
      const event = eventId(change.edition, change.recordId, view.role ?? view.kind);
      const { kind, scope } = change;
      events.push({
        id: event,
        kind,
        districtId: scope.districtId,
        body: bodyOf(table, type, event, change.publishedAt, told),
      });
    }
    return events.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/**
 * A change that the two appearances do not show. Under an earlier rule: in what was shown then, and is cut from both by now; it
 * is told, for who followed then holds it. Under the rule of now: in another role, so that no more than the time has moved; or
 * in neighbours, which are shown as they are now.
 */
function quietChange(
  { rendering }: View,
  { recordId, isOfNow, ...change }: RecordChange,
  before: Properties | undefined,
  object: Properties | undefined,
): Change<Properties> | undefined {
  if (!before || !object) return undefined;
  if (!isOfNow) return { type: 'updated', object, previousAttributes: {} };
  // Resources have their own word for it.
  for (const time of ['last_modified', 'updated']) {
    const moved = before[time];
    if (moved !== object[time]) return { type: 'updated', object, previousAttributes: { [time]: moved } };
  }
  if (rendering.from !== 'document' || rendering.neighbours.length === 0) return undefined;
  if (change.before === undefined || change.after === undefined) return undefined;
  const [was, is] = [JSON.parse(change.before), JSON.parse(change.after)] as [Properties, Properties];
  return changeOf(recordId, was, is) && { type: 'updated', object, previousAttributes: {} };
}

function bodyOf(
  { isNested }: EventTable,
  type: string,
  id: EventId,
  publishedAt: Date,
  change: Change<Properties>,
): Properties {
  const previous = change.type === 'updated' ? { previous_attributes: change.previousAttributes } : {};
  return {
    type: `${type}.${change.type}`,
    id,
    created: publishedAt.toISOString(),
    data: { object: change.object, ...(isNested ? previous : {}) },
    ...previous,
  };
}

/** Whether the record belongs or belonged to a school. */
export function isOfSchool({ kind, recordId, before, after }: RecordChange, school: RecordId): boolean {
  if (kind === 'school') return recordId === school;
  return [before, after].some((text) => {
    if (text === undefined || !text.includes(school)) return false;
    if (kind === 'section') return (JSON.parse(text) as SectionDocument).school === school;
    return kind === 'user' && schoolsOf(JSON.parse(text) as UserDocument).includes(school);
  });
}
