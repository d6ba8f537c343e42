import type { RecordId, Relation } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { CountBook } from './count-book.js';
import { RosterRepository, idIn, type Range, type Reading } from './roster.repository.js';
import type { OpenScopes, Scope } from './scopes.js';
import type { SourceOf } from './source-of.js';

/** A stored document as the rule shows it, and where it was found. */
export interface Found {
  scope: Scope;
  /** Every stored document begins with its id. */
  text: string;
}

/** Which part of a list, by stored ids: ascending after one, or descending before one. */
export type Span = Omit<Range, 'roleBit'>;

/** A list that can be read in parts, all of one picture. */
export interface Source {
  /** The documents of the span, in its order. */
  read(span: Span): Promise<Found[]>;
  /** Where the list goes on when the last reading was broken off before it had found enough. */
  resumeAt?(): string | undefined;
  /** What links carry, once something has been read. */
  pin(): string | undefined;
  /** How many there are, where that is known without reading them. */
  count?(): Promise<number>;
}

/** Makes the lists that routes read: all of a kind, what a record links to, what a body names. */
@Injectable()
export class Sources {
  constructor(
    private readonly repository: RosterRepository,
    private readonly counts: CountBook,
  ) {}

  /** All of a kind that the credential may see. */
  whole(open: OpenScopes, of: SourceOf): Source {
    const [only] = open.scopes;
    if (open.scopes.length === 1 && only) return this.#wholeOfOne(only, open.pin, of);
    return this.#union(open, of);
  }

  /** What the links of one record lead to. */
  linked(scope: Scope, pin: string | undefined, relations: readonly Relation[], id: RecordId, of: SourceOf) {
    const shared = relations.filter((relation) => scope.rule.sharesRelation(relation));
    return this.#ofOne(scope, pin, of, (range, at) =>
      this.repository.linked({ ...scope, at }, shared, id, of.kind, range),
    );
  }

  /** The records of these ids, of those that are shown. */
  referred(scope: Scope, pin: string | undefined, ids: readonly RecordId[], of: SourceOf): Source {
    return this.#ofOne(scope, pin, of, (range, at) =>
      this.repository.referred({ ...scope, at }, ids, of.kind, range),
    );
  }

  /** The same when it is not known in which districts they are. */
  named(open: OpenScopes, ids: readonly RecordId[], of: SourceOf): Source {
    const [only] = open.scopes;
    if (open.scopes.length === 1 && only) return this.referred(only, open.pin, ids, of);
    return {
      pin: () => open.pin,
      read: async (span) => {
        const places = new Map<Scope, RecordId[]>();
        for (const id of ids) {
          const index = await this.repository.locate(open.scopes, of.kind, id);
          const scope = index === undefined ? undefined : open.scopes[index];
          if (scope) places.set(scope, [...(places.get(scope) ?? []), id]);
        }
        const found: Found[] = [];
        for (const [scope, own] of places)
          found.push(...(await this.referred(scope, open.pin, own, of).read(span)));
        const sign = span.before === undefined ? 1 : -1;
        found.sort((a, b) => (idIn(a.text) < idIn(b.text) ? -sign : sign));
        return found.slice(0, span.limit);
      },
    };
  }

  #wholeOfOne(scope: Scope, pin: string | undefined, of: SourceOf): Source {
    const { rule } = scope;
    const source = this.#ofOne(scope, pin, of, (range, at) =>
      this.repository.page({ ...scope, at }, of.kind, range),
    );
    const count = () => (rule.shares(of.kind) ? this.counts.of(source.scope(), of) : Promise.resolve(0));
    return { ...source, count };
  }

  #union({ scopes, pin }: OpenScopes, of: SourceOf): Source {
    const sharing = scopes.filter(({ rule }) => rule.shares(of.kind));
    let resumeAt: string | undefined;
    return {
      pin: () => pin,
      read: async (span) => {
        const reading = await this.repository.union(sharing, of.kind, { ...span, roleBit: of.roleBit });
        ({ resumeAt } = reading);
        return reading.found.flatMap(({ index, doc }) => {
          const scope = sharing[index];
          return scope ? [{ scope, text: doc }] : [];
        });
      },
      resumeAt: () => resumeAt,
      count: async () => {
        const each = await Promise.all(sharing.map((scope) => this.counts.of(scope, of)));
        return each.reduce((sum, count) => sum + count, 0);
      },
    };
  }

  /** A list within one district. Its first reading fixes the picture of all further ones. */
  #ofOne(
    scope: Scope,
    pin: string | undefined,
    { kind, roleBit }: SourceOf,
    read: (range: Range, at: number | null) => Promise<Reading>,
  ) {
    const { rule } = scope;
    let { at } = scope;
    let resumeAt: string | undefined;
    return {
      scope: () => ({ ...scope, at }),
      pin: () => pin ?? (at === null ? undefined : String(at)),
      read: async (span: Span): Promise<Found[]> => {
        if (!rule.shares(kind)) return [];
        const reading = await read({ ...span, roleBit }, at);
        ({ seq: at, resumeAt } = reading);
        const place = { ...scope, at };
        return reading.docs.map((doc) => ({ scope: place, text: doc }));
      },
      resumeAt: () => resumeAt,
    };
  }
}
