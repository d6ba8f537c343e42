import type { RecordDocument, RecordId } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { addressOf, selfLink } from '../reading/page-links.js';
import { notThere, single } from '../reading/page-query.js';
import { RosterRepository } from '../reading/roster.repository.js';
import type { Scope } from '../reading/scopes.js';
import { Renderer, documentOf, textOf, type Shown } from '../versions/renderer.js';
import { parseFields } from '../versions/fields.js';
import type { TextShape } from '../versions/shape.js';
import { kindOf, uriOf, type View } from '../versions/view.js';
import { dataBody, recordBody } from './bodies.js';
import { INCLUDED_MAX, includedNames, tooManyIncluded } from './includes.js';
import { ListAnswers, type SubList } from './list-answers.js';
import { Parents, type Parent } from './parents.js';
import { notePicture } from '../wire/entity-tag.js';
import { noteServed } from '../wire/served.js';
import { pathId, queryOf, type RosterCall } from './roster-call.js';

/** The one record that a document names. */
export interface Reference {
  of: View;
  idIn: (document: RecordDocument) => RecordId | undefined;
}

/** What `include` may add to a record, by the names that its links have. */
export type Includes = Readonly<Record<string, SubList | Reference>>;

/** Answers single records, those that they name, and what is to be included in them. */
@Injectable()
export class RecordAnswers {
  constructor(
    private readonly parents: Parents,
    private readonly lists: ListAnswers,
    private readonly renderer: Renderer,
    private readonly repository: RosterRepository,
  ) {}

  /** `GET /<collection>/{id}`. */
  async one(call: RosterCall, view: View, includes: Includes = {}, hasFields = false): Promise<string> {
    const names = includedNames(call, Object.keys(includes));
    const fields = hasFields ? parseFields(single(queryOf(call), 'fields'), view.shape) : undefined;
    const parent = await this.parents.find(call.access, view, pathId(call));
    const shown = await this.#shown(view, parent.scope, parent.text);
    if (!shown) throw notThere();
    const uri = uriOf(view, shown.id);
    noteServed(call, kindOf(view), [shown]);
    notePicture(call, names.length === 0 ? parent.pin : undefined);
    if (fields) return recordBody(view, JSON.stringify(fields(documentOf(shown))), uri);
    if (names.length === 0) return recordBody(view, textOf(shown), uri);
    const data = documentOf(shown);
    for (const name of names) {
      const included = await this.#included(call, parent, name, includes[name] as SubList | Reference);
      if (included !== undefined) data[name] = included;
    }
    return recordBody(view, JSON.stringify(data), uri);
  }

  /** `GET /<collection>/{id}/<other>`. */
  async referred(call: RosterCall, view: View, reference: Reference): Promise<string> {
    const parent = await this.parents.find(call.access, view, pathId(call));
    const shown = await this.#referred(parent, reference);
    if (!shown) throw notThere();
    noteServed(call, kindOf(reference.of), [shown]);
    return dataBody(textOf(shown), [{ rel: 'self', uri: uriOf(reference.of, shown.id) }]);
  }

  /** `GET /teachers/{id}/grade_levels`: the grades that the version knows, in the order in which they are attended. */
  async gradeLevels(call: RosterCall, view: View, { values = [], renamed = {} }: TextShape): Promise<string> {
    const parent = await this.parents.find(call.access, view, pathId(call));
    const sections = await this.parents.sectionsOver(parent, 'teacher.sections');
    const taught = new Set(sections.map(({ grade }) => grade && (renamed[grade] ?? grade)));
    const links = [selfLink(addressOf(call.request.url))];
    return dataBody(JSON.stringify(values.filter((grade) => taught.has(grade))), links);
  }

  async #included(
    call: RosterCall,
    parent: Parent,
    name: string,
    what: SubList | Reference,
  ): Promise<unknown> {
    if ('idIn' in what) {
      const shown = await this.#referred(parent, what);
      noteServed(call, kindOf(what.of), shown ? [shown] : []);
      return shown && documentOf(shown);
    }
    const all = await this.lists.allOf(parent, what, INCLUDED_MAX);
    if (!all) throw tooManyIncluded(name);
    noteServed(call, kindOf(what.of), all);
    return all.map(documentOf);
  }

  async #referred({ scope, document }: Parent, { of, idIn }: Reference): Promise<Shown | undefined> {
    const id = idIn(document);
    if (!id || !of.kind || !scope.rule.shares(of.kind)) return undefined;
    const { docs } = await this.repository.record(scope, of.kind, id);
    return docs[0] === undefined ? undefined : this.#shown(of, scope, docs[0]);
  }

  async #shown(view: View, scope: Scope, text: string): Promise<Shown | undefined> {
    const [shown] = await this.renderer.render(view, [{ scope, text }]);
    return shown;
  }
}
