import {
  changeOf,
  eventId,
  schoolsOf,
  type Change,
  type EventId,
  type RecordId,
  type SectionDocument,
  type UserDocument,
} from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { Renderer, documentOf, type Properties } from '../versions/renderer.js';
import { shownId } from '../versions/view.js';
import type { RecordChange } from './change-reader.js';
import type { EventTable, EventView } from './event-views.js';

/** An event as a version tells it. */
export interface RosterEvent {
  id: EventId;
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
      const told = changeOf<Properties>(
        shownId(view, change.recordId),
        await render(change.before),
        await render(change.after),
      );
      if (!told) continue;
      const id = eventId(change.edition, change.recordId, view.role ?? view.kind);
      events.push({ id, body: bodyOf(table, type, id, change.publishedAt, told) });
    }
    return events.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
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
