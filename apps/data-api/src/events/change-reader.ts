import { tailOf, type EventPlace, type RecordId, type RecordKind } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { cutLate } from '../reading/late-cut.js';
import {
  RosterRepository,
  type ChangeRange,
  type ChangeRow,
  type Place,
} from '../reading/roster.repository.js';

/** One record that a publication changed: its texts as it was shown before and after, cut by what is shared now. */
export interface RecordChange {
  edition: number;
  publishedAt: Date;
  kind: RecordKind;
  recordId: RecordId;
  scope: Place;
  /** Both texts are as the rule of now shows them, so that any difference between them may be told. */
  isOfNow: boolean;
  before: string | undefined;
  after: string | undefined;
  /** Before, as it was shown then: it tells what is gone, and nothing else of it is told. */
  was: string | undefined;
}

/** A stretch of changes, the place it reaches to, and whether it was read to its limit, so that more may follow. */
export interface ChangeReading {
  changes: RecordChange[];
  last: EventPlace | undefined;
  isFull: boolean;
}

/**
 * Reads what changed for the grants of a credential. What was shown under an earlier rule is cut by the rule of now: what is
 * no longer shared is told as gone, and otherwise not at all.
 */
@Injectable()
export class ChangeReader {
  constructor(private readonly repository: RosterRepository) {}

  async read(places: readonly Place[], range: ChangeRange): Promise<ChangeReading> {
    const rows = await this.repository.changes(places, range);
    const cut = await this.#cutEarlier(places, rows);
    const changes = rows.flatMap((row): RecordChange[] => {
      const { edition, publishedAt, kind, recordId } = row;
      const [before, after] = cut.get(row) ?? [row.before, row.after];
      const scope = places[row.index];
      if (!scope) return [];
      const now = scope.rule.fingerprint;
      const isOfNow = row.beforeMark === now && row.afterMark === now;
      const change = { edition, publishedAt, kind, recordId, scope, isOfNow };
      return [
        { ...change, before: before ?? undefined, after: after ?? undefined, was: row.before ?? undefined },
      ];
    });
    const end = rows.at(-1);
    const last = end && { edition: end.edition, tail: tailOf(end.recordId) };
    return { changes, last, isFull: rows.length >= range.limit };
  }

  async #cutEarlier(places: readonly Place[], rows: readonly ChangeRow[]) {
    const cut = new Map<ChangeRow, [string | undefined, string | undefined]>();
    const groups = new Map<string, ChangeRow[]>();
    for (const row of rows) {
      const now = places[row.index]?.rule.fingerprint;
      if (row.after === null || (row.beforeMark === now && row.afterMark === now)) continue;
      const key = `${row.index} ${row.kind}`;
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    for (const group of groups.values()) {
      const [first] = group;
      const place = first && places[first.index];
      if (!place) continue;
      const { kind } = first;
      const texts = group.flatMap(({ before, after }) => [before, after]);
      const shown = await this.#cut(place, kind, texts);
      group.forEach((row, i) => {
        const isNow = (mark: string) => mark === place.rule.fingerprint;
        const own = (text: string | null, mark: string, late: string | undefined) =>
          isNow(mark) ? (text ?? undefined) : late;
        cut.set(row, [
          own(row.before, row.beforeMark, shown[2 * i]),
          own(row.after, row.afterMark, shown[2 * i + 1]),
        ]);
      });
    }
    return cut;
  }

  /** The texts as the place's rule of now shows them; null and what it does not show as undefined. */
  async #cut(place: Place, kind: RecordKind, texts: readonly (string | null)[]) {
    const given = texts.filter((text) => text !== null);
    const shown = await cutLate(place.rule, kind, given, this.repository.shownNow(place));
    let next = 0;
    return texts.map((text) => (text === null ? undefined : shown[next++]));
  }
}
