import type { RecordKind } from '@hallpass/domain';
import type { View } from '../versions/view.js';

/** A collection of a version whose changes are told, and the word that its events' types begin with. */
export interface EventView {
  type: string;
  view: View;
}

/** The events of a version. */
export interface EventTable {
  version: View['version'];
  views: readonly EventView[];
  /** Whether the previous attributes stand inside the data as well: v1's were recorded there. */
  isNested: boolean;
}

/** Names that are not the collection's own without its underscores. */
const RENAMED: Readonly<Record<string, string>> = { 'v1 contacts': 'studentcontacts' };

/** The events of these collections. */
export function eventTableOf(version: View['version'], views: readonly View[]): EventTable {
  const isFirst = version.startsWith('v1');
  return {
    version,
    isNested: isFirst,
    views: views.flatMap((view) => {
      if (!view.kind) return [];
      const type =
        RENAMED[`${version.slice(0, 2)} ${view.collection}`] ?? view.collection.replaceAll('_', '');
      return [{ type, view }];
    }),
  };
}

/** The kinds of record that collections of these types are made of. */
export function kindsOf(views: readonly EventView[]): RecordKind[] {
  return [...new Set(views.flatMap(({ view }) => view.kind ?? []))];
}
