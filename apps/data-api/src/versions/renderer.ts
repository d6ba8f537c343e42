import type { DistrictId, DocumentOf, RecordDocument, RecordId, RecordKind } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { LIMIT_MAX } from '../reading/page-query.js';
import { RosterRepository, idIn } from '../reading/roster.repository.js';
import type { Scope } from '../reading/scopes.js';
import type { Found } from '../reading/sources.js';
import { projectorOf } from './project.js';
import type { ObjectShape } from './shape.js';
import { shownId, type Surroundings, type View } from './view.js';

/** A record as a version shows it. */
export interface Shown {
  id: RecordId;
  /** Whose record it is. */
  districtId: DistrictId;
  /** Text that was stored in the version's own form, or a document that it made. */
  body: string | Properties;
}

export type Properties = Record<string, unknown>;

/** The record's text. */
export function textOf({ body }: Shown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** The record's document, for who has to look into it. */
export function documentOf({ body }: Shown): Properties {
  return typeof body === 'string' ? (JSON.parse(body) as Properties) : body;
}

/** What else decides how a list's records look, and which of them belong in it. */
export interface RenderOptions {
  around?: Surroundings;
  keeps?: ((document: RecordDocument) => boolean) | undefined;
}

type Neighbours = Map<string, RecordDocument>;

/** Makes a version's records of stored documents that a rule has cut. */
@Injectable()
export class Renderer {
  readonly #projectors = new Map<ObjectShape, (document: object) => Properties>();

  constructor(private readonly repository: RosterRepository) {}

  /** One for each document, undefined where the version has nothing to show of it. */
  render(
    view: View,
    found: readonly Found[],
    options: RenderOptions = {},
  ): (Shown | undefined)[] | Promise<(Shown | undefined)[]> {
    const { rendering } = view;
    if (rendering.from === 'text') return found.map((each) => this.#asStored(view, each));
    const documents = found.map(({ text }) => JSON.parse(text) as RecordDocument);
    const build = (neighbours?: Neighbours) =>
      documents.map((document, i) =>
        this.#built(view, document, (found[i] as Found).scope.districtId, options, neighbours),
      );
    if (rendering.neighbours.length === 0) return build();
    return this.#neighboursOf(view, found, documents).then(build);
  }

  #asStored(view: View, { scope: { districtId }, text }: Found): Shown {
    const id = idIn(text);
    const { rendering } = view;
    if (rendering.from === 'text' && rendering.later?.test(text))
      return { id, districtId, body: this.#project(view.shape, JSON.parse(text) as object) };
    return { id, districtId, body: text };
  }

  #built(
    view: View,
    document: RecordDocument,
    districtId: DistrictId,
    { around = {}, keeps }: RenderOptions,
    neighbours?: Neighbours,
  ): Shown | undefined {
    if (view.rendering.from !== 'document' || (keeps && !keeps(document))) return undefined;
    const surroundings = neighbours ? surroundingsOf(view, document, around, neighbours) : around;
    const built = view.rendering.build(document, surroundings);
    if (!built) return undefined;
    return { id: shownId(view, document.id), districtId, body: this.#project(view.shape, built) };
  }

  #project(shape: ObjectShape, document: object): Properties {
    let project = this.#projectors.get(shape);
    if (!project) this.#projectors.set(shape, (project = projectorOf(shape)));
    return project(document);
  }

  /** The records that the documents name, with one reading for each kind and district. */
  async #neighboursOf(view: View, found: readonly Found[], documents: readonly RecordDocument[]) {
    const neighbours: Neighbours = new Map();
    if (view.rendering.from !== 'document') return neighbours;
    for (const { kind, idIn: nameOf } of view.rendering.neighbours) {
      const wanted = new Map<Scope, Set<RecordId>>();
      documents.forEach((document, i) => {
        const [scope, id] = [found[i]?.scope, nameOf(document)];
        if (!scope || !id || !scope.rule.shares(kind)) return;
        wanted.set(scope, (wanted.get(scope) ?? new Set<RecordId>()).add(id));
      });
      for (const [scope, ids] of wanted)
        for (const each of await this.#read(scope, kind, [...ids])) neighbours.set(each.id, each);
    }
    return neighbours;
  }

  async #read(scope: Scope, kind: RecordKind, ids: readonly RecordId[]): Promise<RecordDocument[]> {
    const all = { after: '', before: undefined, limit: LIMIT_MAX, roleBit: 0 };
    const { docs } = await this.repository.referred(scope, ids, kind, all);
    return docs.map((doc) => JSON.parse(doc) as RecordDocument);
  }
}

function surroundingsOf(
  view: View,
  document: RecordDocument,
  around: Surroundings,
  neighbours: Neighbours,
): Surroundings {
  if (view.rendering.from !== 'document') return around;
  const all: Surroundings = { ...around };
  for (const { kind, idIn: nameOf } of view.rendering.neighbours) {
    const id = nameOf(document);
    const neighbour = id && neighbours.get(id);
    if (kind === 'course' && neighbour) all.course = neighbour as DocumentOf['course'];
    if (kind === 'term' && neighbour) all.term = neighbour as DocumentOf['term'];
  }
  return all;
}
