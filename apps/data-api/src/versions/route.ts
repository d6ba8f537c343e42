import type { RecordKind, UserRole } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { DistrictAnswers, type DistrictView } from '../answers/district-answers.js';
import { ListAnswers, type ListOptions, type SubList } from '../answers/list-answers.js';
import { EventAnswers } from '../events/event-answers.js';
import { EVENT_PARAMETERS, type EventParameter } from '../events/event-query.js';
import type { EventTable } from '../events/event-views.js';
import { RecordAnswers, type Includes, type Reference } from '../answers/record-answers.js';
import type { RosterCall } from '../answers/roster-call.js';
import type { ListParameter } from '../reading/page-query.js';
import { list, object, type ObjectShape, type Shape, type TextShape } from './shape.js';
import { kindOf, type View } from './view.js';

/** What answers routes. */
@Injectable()
export class Answers {
  constructor(
    readonly lists: ListAnswers,
    readonly records: RecordAnswers,
    readonly districts: DistrictAnswers,
    readonly events: EventAnswers,
  ) {}
}

/** What a path's {id} names: a record of a kind, perhaps by the legacy id of a role; a district; or an event. */
export type Named = { kind: RecordKind; role?: UserRole } | 'district' | 'event';

/** The form of a 200 answer, for the OpenAPI files. */
export type AnswerForm =
  | { of: 'record'; shape: ObjectShape }
  | { of: 'page'; shape: ObjectShape; isBare: boolean | 'by-default'; hasCount: boolean; hasPaging: boolean }
  | { of: 'data'; shape: Shape }
  | { of: 'me' }
  | { of: 'events'; shapes: readonly ObjectShape[]; isNested: boolean; isOne: boolean }
  | { of: 'nothing' };

export type HttpMethod = 'get' | 'post' | 'patch' | 'delete';

/** One route of a version: its path, what it understands, how it is answered. Everything about routes follows from these. */
export interface Route {
  method: HttpMethod;
  /** Below the version, with {id}: `/students/{id}/teachers`. */
  path: string;
  tag: string;
  summary: string;
  named: Named | undefined;
  isList: boolean;
  parameters: readonly (ListParameter | EventParameter | 'include')[];
  /** What `include` takes, and what it adds to the record under that name. */
  includes: Readonly<Record<string, Shape>>;
  form: AnswerForm;
  answer(answers: Answers, call: RosterCall): Promise<string> | string;
}

/** A version and all that it answers. */
export interface VersionTable {
  version: View['version'];
  routes: readonly Route[];
}

const BASE = { method: 'get', isList: false, parameters: [], includes: {} } as const;

function namedBy(view: View): Named {
  return { kind: kindOf(view), ...(view.role ? { role: view.role } : {}) };
}

function pageForm(view: View, { parameters, bare, hasPaging = view.hasPaging }: ListOptions): AnswerForm {
  return {
    of: 'page',
    shape: view.shape,
    isBare: bare === 'by-default' ? bare : bare === 'always',
    hasCount: parameters.includes('count'),
    hasPaging,
  };
}

/** `GET /<collection>`. */
export function listRoute(view: View, options: ListOptions): Route {
  return {
    ...BASE,
    path: `/${view.collection}`,
    tag: view.collection,
    summary: `Lists ${view.words.many}`,
    named: undefined,
    isList: true,
    parameters: options.parameters,
    form: pageForm(view, options),
    answer: ({ lists }, call) => lists.list(call, view, options),
  };
}

/** `GET /<collection>/{id}`. */
export function recordRoute(view: View, includes: Includes = {}, hasFields = false): Route {
  return {
    ...BASE,
    path: `/${view.collection}/{id}`,
    tag: view.collection,
    summary: `Gives ${view.words.one}`,
    named: namedBy(view),
    ...including(includedShapes(includes)),
    ...(hasFields ? { parameters: ['fields' as const] } : {}),
    form: { of: 'record', shape: view.shape },
    answer: ({ records }, call) => records.one(call, view, includes, hasFields),
  };
}

/** `GET /<collection>/{id}/<other>`. */
export function referenceRoute(view: View, name: string, reference: Reference): Route {
  return {
    ...BASE,
    path: `/${view.collection}/{id}/${name}`,
    tag: view.collection,
    summary: `Gives the ${name} of ${view.words.one}`,
    named: namedBy(view),
    form: { of: 'record', shape: reference.of.shape },
    answer: ({ records }, call) => records.referred(call, view, reference),
  };
}

/** `GET /<collection>/{id}/<others>`. */
export function subListRoute(view: View, name: string, members: SubList, options: ListOptions): Route {
  return {
    ...BASE,
    path: `/${view.collection}/{id}/${name}`,
    tag: view.collection,
    summary: `Lists the ${name} of ${view.words.one}`,
    named: namedBy(view),
    isList: true,
    parameters: options.parameters,
    form: pageForm(members.of, options),
    answer: ({ lists }, call) => lists.subList(call, view, members, options),
  };
}

/** `GET /districts`. */
export function districtsRoute(view: DistrictView, options: ListOptions): Route {
  return {
    ...BASE,
    path: '/districts',
    tag: 'districts',
    summary: 'Lists the districts of the credential: one for a token',
    named: undefined,
    isList: true,
    parameters: options.parameters,
    form: pageForm(view, options),
    answer: ({ districts }, call) => districts.list(call, view, options),
  };
}

/** `GET /districts/{id}`. */
export function districtRoute(view: DistrictView, includes: Readonly<Record<string, View>> = {}): Route {
  return {
    ...BASE,
    path: '/districts/{id}',
    tag: 'districts',
    summary: 'Gives the district',
    named: 'district',
    ...including(Object.fromEntries(Object.entries(includes).map(([name, of]) => [name, list(of.shape)]))),
    form: { of: 'record', shape: view.shape },
    answer: ({ districts }, call) => districts.one(call, view, includes),
  };
}

/** `GET /districts/{id}/<collection>`. */
export function districtListRoute(name: string, view: View, options: ListOptions): Route {
  return {
    ...BASE,
    path: `/districts/{id}/${name}`,
    tag: 'districts',
    summary: `Lists the ${name} of the district`,
    named: 'district',
    isList: true,
    parameters: options.parameters,
    form: pageForm(view, options),
    answer: ({ lists }, call) => lists.listOfDistrict(call, view, options),
  };
}

/** `GET /<collection>/{id}/district`. */
export function districtOfRoute(of: View, view: DistrictView): Route {
  return {
    ...BASE,
    path: `/${of.collection}/{id}/district`,
    tag: of.collection,
    summary: `Gives the district of ${of.words.one}`,
    named: namedBy(of),
    form: { of: 'record', shape: view.shape },
    answer: ({ districts }, call) => districts.ofRecord(call, of, view),
  };
}

/** `GET /districts/{id}/status`. */
export function statusRoute(shape: ObjectShape): Route {
  return {
    ...BASE,
    path: '/districts/{id}/status',
    tag: 'districts',
    summary: 'Says how the district’s roster fares',
    named: 'district',
    form: { of: 'data', shape: list(object('DistrictStatusItem', { data: shape }, ['data'])) },
    answer: ({ districts }, call) => districts.status(call, shape),
  };
}

/** `GET /teachers/{id}/grade_levels`. */
export function gradeLevelsRoute(view: View, grade: TextShape): Route {
  return {
    ...BASE,
    path: `/${view.collection}/{id}/grade_levels`,
    tag: view.collection,
    summary: 'Lists the grades of the sections that a teacher teaches',
    named: namedBy(view),
    form: { of: 'data', shape: list(grade) },
    answer: ({ records }, call) => records.gradeLevels(call, view, grade),
  };
}

/** `GET /me`. */
export function meRoute(view: DistrictView): Route {
  return {
    ...BASE,
    path: '/me',
    tag: 'me',
    summary: 'Says of which district the credential is',
    named: undefined,
    form: { of: 'me' },
    answer: ({ districts }, call) => districts.me(call, view),
  };
}

/** `GET /events`, `/events/{id}`, and where a version has them those of a district and of single records. */
export function eventRoutes(
  table: EventTable,
  own: { views: readonly View[]; ofDistrict: boolean } = { views: [], ofDistrict: false },
): Route[] {
  const shapes = table.views.map(({ view }) => view.shape);
  const form = (isOne: boolean): AnswerForm => ({ of: 'events', shapes, isNested: table.isNested, isOne });
  const events = { ...BASE, tag: 'events', named: undefined };
  const lists = { ...events, isList: true, form: form(false) };
  const parameters = EVENT_PARAMETERS;
  return [
    {
      ...lists,
      path: '/events',
      summary: 'Lists what changed, the oldest first',
      parameters,
      answer: (answers, call) => answers.events.list(call, table),
    },
    {
      ...events,
      path: '/events/{id}',
      summary: 'Gives an event',
      named: 'event',
      form: form(true),
      answer: (answers, call) => answers.events.one(call, table),
    },
    ...(own.ofDistrict
      ? [
          {
            ...lists,
            tag: 'districts',
            named: 'district' as const,
            path: '/districts/{id}/events',
            summary: 'Lists what changed in the district, the oldest first',
            parameters,
            answer: ({ events: answers }: Answers, call: RosterCall) => answers.listOfDistrict(call, table),
          },
        ]
      : []),
    ...own.views.map((view) => ({
      ...lists,
      tag: view.collection,
      named: namedBy(view),
      path: `/${view.collection}/{id}/events`,
      summary: `Lists what became of ${view.words.one}, the oldest first`,
      parameters,
      answer: ({ events: answers }: Answers, call: RosterCall) => answers.listOfRecord(call, table, view),
    })),
  ];
}

function including(shapes: Readonly<Record<string, Shape>>): Pick<Route, 'parameters' | 'includes'> {
  return { parameters: Object.keys(shapes).length === 0 ? [] : ['include'], includes: shapes };
}

function includedShapes(includes: Includes): Record<string, Shape> {
  const shapeOf = (what: SubList | Reference) => ('idIn' in what ? what.of.shape : list(what.of.shape));
  return Object.fromEntries(Object.entries(includes).map(([name, what]) => [name, shapeOf(what)]));
}
