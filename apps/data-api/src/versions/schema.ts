import type { AnswerForm, Route, VersionTable } from './route.js';
import { object, type ObjectShape, type Shape } from './shape.js';

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>;

const ID = '^[0-9a-f]{24}$';
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const closed = (properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
  additionalProperties: false,
});

const COMMON: Readonly<Record<string, Schema>> = {
  Link: closed({ rel: { type: 'string' }, uri: { type: 'string', pattern: '^/' } }, ['rel', 'uri']),
  Links: { type: 'array', items: ref('Link') },
  Count: closed({ count: { type: 'integer', minimum: 0 }, links: ref('Links') }, ['count', 'links']),
  Problem: {
    type: 'object',
    description: 'RFC 9457, beside the two members that clients written for Clever read.',
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string' },
      requestId: { type: 'string' },
      error: { type: 'string' },
      message: { type: 'string' },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId', 'error', 'message'],
  },
};

const PAGING = closed(
  { current: { type: 'integer' }, total: { type: 'integer' }, count: { type: 'integer' } },
  ['current', 'total', 'count'],
);

/** The schema of a route's 200 answer. */
export function answerSchema(route: Pick<Route, 'form' | 'includes'>): Schema {
  const { form } = route;
  switch (form.of) {
    case 'record':
      return closed({ data: ref(dataShape(route).name), links: ref('Links') }, ['data', 'links']);
    case 'page':
      return pageSchema(form);
    case 'data':
      return closed({ data: schemaOf(form.shape), links: ref('Links') }, ['data', 'links']);
    case 'me':
      return ref('Me');
    case 'events':
      return form.isOne
        ? closed({ data: ref('Event'), links: ref('Links') }, ['data', 'links'])
        : closed(
            {
              data: {
                type: 'array',
                items: closed({ data: ref('Event'), uri: { type: 'string', pattern: '^/v' } }, [
                  'data',
                  'uri',
                ]),
              },
              links: ref('Links'),
            },
            ['data', 'links'],
          );
    case 'nothing':
      return {};
  }
}

/** Every schema that a version's answers refer to. */
export function componentsOf({ routes }: VersionTable): Record<string, Schema> {
  const schemas = new Map<string, Schema>(Object.entries(COMMON));
  schemas.set('Me', meSchema());
  for (const route of routes) {
    const { form } = route;
    if (form.of === 'page') collect(form.shape, schemas);
    if (form.of === 'record') collect(dataShape(route), schemas);
    if (form.of === 'data') collect(form.shape, schemas);
    if (form.of === 'events') {
      for (const shape of form.shapes) collect(shape, schemas);
      schemas.set('Event', eventSchema(form.shapes, form.isNested));
    }
    if (form.of === 'page' && form.hasPaging) schemas.set('Paging', PAGING);
  }
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function pageSchema(form: AnswerForm & { of: 'page' }): Schema {
  const { shape, isBare, hasCount, hasPaging } = form;
  const item = closed({ data: ref(shape.name), uri: { type: 'string', pattern: '^/v' } }, ['data', 'uri']);
  const items = isBare === true ? ref(shape.name) : isBare ? { anyOf: [ref(shape.name), item] } : item;
  const page = closed(
    {
      data: { type: 'array', items },
      links: ref('Links'),
      ...(hasPaging ? { paging: ref('Paging') } : {}),
    },
    ['data', 'links'],
  );
  return hasCount ? { oneOf: [page, ref('Count')] } : page;
}

/** The shape of a record's data, with what may be included in it. */
function dataShape({ form, includes }: Pick<Route, 'form' | 'includes'>): ObjectShape {
  if (form.of !== 'record') throw new Error('only records have data of a shape');
  if (Object.keys(includes).length === 0) return form.shape;
  const { name, fields, required } = form.shape;
  // A list of whole records takes the place of a list of ids.
  return object(`${name}WithIncluded`, { ...fields, ...alternatives(fields, includes) }, required);
}

function alternatives(fields: ObjectShape['fields'], includes: ObjectShape['fields']): ObjectShape['fields'] {
  return Object.fromEntries(
    Object.entries(includes).map(([name, shape]) => {
      const own = fields[name];
      return [name, own ? { type: 'either', of: [own, shape] } : shape];
    }),
  );
}

function schemaOf(shape: Shape): Schema {
  switch (shape.type) {
    case 'text':
      if (shape.values) return { type: 'string', enum: [...shape.values] };
      if (shape.format === 'id') return { type: 'string', pattern: ID };
      return shape.format ? { type: 'string', format: shape.format } : { type: 'string' };
    case 'flag':
      return { type: 'boolean' };
    case 'open':
      return { type: 'object', additionalProperties: true };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'either':
      return { anyOf: shape.of.map(schemaOf) };
    case 'object':
      return ref(shape.name);
  }
}

function collect(shape: Shape, schemas: Map<string, Schema>): void {
  switch (shape.type) {
    case 'text':
    case 'flag':
    case 'open':
      return;
    case 'list':
      return collect(shape.of, schemas);
    case 'either':
      for (const each of shape.of) collect(each, schemas);
      return;
    case 'object': {
      const properties = Object.fromEntries(
        Object.entries(shape.fields).map(([name, field]) => [name, schemaOf(field)]),
      );
      schemas.set(shape.name, closed(properties, shape.required));
      for (const field of Object.values(shape.fields)) collect(field, schemas);
    }
  }
}

/** Of what is gone the id alone is told. */
function eventSchema(shapes: readonly ObjectShape[], isNested: boolean): Schema {
  const gone = closed({ id: { type: 'string', pattern: ID } }, ['id']);
  const previous: Schema = {
    type: 'object',
    description: 'What the fields that changed were before; null for those that were not there',
    additionalProperties: true,
  };
  const data = closed(
    {
      object: { anyOf: [...shapes.map(({ name }) => ref(name)), gone] },
      ...(isNested ? { previous_attributes: previous } : {}),
    },
    ['object'],
  );
  return closed(
    {
      type: { type: 'string', pattern: '^[a-z]+\\.(created|updated|deleted)$' },
      id: { type: 'string', pattern: ID },
      created: { type: 'string', format: 'date-time' },
      data,
      previous_attributes: previous,
    },
    ['type', 'id', 'created', 'data'],
  );
}

function meSchema(): Schema {
  const type = { type: 'string', enum: ['district'] };
  const id = { type: 'string', pattern: ID };
  const data = closed({ id, district: id, type }, ['id', 'district', 'type']);
  return closed({ type, data, links: ref('Links') }, ['type', 'data', 'links']);
}
