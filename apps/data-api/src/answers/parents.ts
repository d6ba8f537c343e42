import type {
  DocumentOf,
  RecordDocument,
  RecordId,
  Relation,
  ResourceDocument,
  SectionDocument,
} from '@hallpass/domain';
import type { VerifiedAccess } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { LIMIT_MAX, notThere, parseRecordId } from '../reading/page-query.js';
import { RosterRepository, type Range } from '../reading/roster.repository.js';
import { ScopeReader, type Scope } from '../reading/scopes.js';
import { kindOf, storedId, type View } from '../versions/view.js';

/** The record that a path names, as the rule shows it. */
export interface Parent {
  /** At the picture that the record was read at, so that what it leads to is of the same one. */
  scope: Scope;
  id: RecordId;
  /** What the links of its lists carry. */
  pin: string;
  text: string;
  document: RecordDocument;
}

const ALL: Range = { after: '', before: undefined, limit: LIMIT_MAX, roleBit: 0 };

/** Finds the records that paths name, and what follows from their sections. */
@Injectable()
export class Parents {
  constructor(
    private readonly scopes: ScopeReader,
    private readonly repository: RosterRepository,
  ) {}

  /** The record, or the 404 that does not tell why there is none. */
  async find(access: VerifiedAccess, view: View, shown: string, at?: string): Promise<Parent> {
    const id = storedId(view, parseRecordId(shown));
    const kind = kindOf(view);
    const opened = this.scopes.open(access, at);
    // Of a token there is nothing to wait for before the record itself is read.
    const open = opened instanceof Promise ? await opened : opened;
    const scope = open.scopes.length > 1 ? await this.scopes.locate(open.scopes, kind, id) : open.scopes[0];
    if (!scope?.rule.shares(kind)) throw notThere();
    const { seq, docs } = await this.repository.record(scope, kind, id);
    if (docs[0] === undefined) throw notThere();
    const parent = new FoundParent({ ...scope, at: seq }, id, open.pin ?? String(seq), docs[0]);
    if (view.role && !(parent.document as DocumentOf['user']).roles[view.role]) throw notThere();
    return parent;
  }

  /** The sections that a relation leads to from the record. */
  async sectionsOver({ scope, id }: Parent, relation: Relation): Promise<SectionDocument[]> {
    if (!scope.rule.sharesRelation(relation) || !scope.rule.shares('section')) return [];
    const { docs } = await this.repository.linked(scope, [relation], id, 'section', ALL);
    return docs.map((doc) => JSON.parse(doc) as SectionDocument);
  }

  /** Of these sections those that are shown, however many there are. */
  async sectionsOf({ scope }: Parent, ids: readonly RecordId[]): Promise<SectionDocument[]> {
    if (!scope.rule.shares('section')) return [];
    const sections: SectionDocument[] = [];
    for (let from = 0; from < ids.length; from += LIMIT_MAX) {
      const some = ids.slice(from, from + LIMIT_MAX);
      const { docs } = await this.repository.referred(scope, some, 'section', ALL);
      for (const doc of docs) sections.push(JSON.parse(doc) as SectionDocument);
    }
    return sections;
  }

  /** The resources that sections have. */
  async resourcesOf({ scope }: Parent, sections: readonly SectionDocument[]): Promise<ResourceDocument[]> {
    const { rule } = scope;
    if (sections.length === 0 || !rule.sharesRelation('section.resources') || !rule.shares('resource'))
      return [];
    const ids = sections.map(({ id }) => id);
    const { docs } = await this.repository.linkedOf(scope, ['section.resources'], ids, 'resource', ALL);
    return docs.map((doc) => JSON.parse(doc) as ResourceDocument);
  }
}

class FoundParent implements Parent {
  #document: RecordDocument | undefined;

  constructor(
    readonly scope: Scope,
    readonly id: RecordId,
    readonly pin: string,
    readonly text: string,
  ) {}

  /** Parsed for who looks into it: a record that is shown as it is stored never is. */
  get document(): RecordDocument {
    return (this.#document ??= JSON.parse(this.text) as RecordDocument);
  }
}
