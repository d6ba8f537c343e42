import { USER_ROLES } from '@hallpass/domain';
import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { LIMIT_DEFAULT, LIMIT_MAX, type ListParameter } from '../reading/page-query.js';
import type { EventParameter } from '../events/event-query.js';
import { SORT_BUDGET } from '../reading/sorted-scan.js';
import { CONDITIONS_MAX } from '../where/where.js';
import type { Route } from './route.js';
import { answerSchema, type Schema } from './schema.js';

const ID = { type: 'string', pattern: '^[0-9a-f]{24}$' } as const;

interface QueryParameter {
  name: string;
  required: false;
  description?: string;
  schema: { type: 'string' | 'integer' | 'boolean'; [keyword: string]: unknown };
  example?: string;
}
type Described = Pick<QueryParameter, 'description' | 'schema' | 'example'>;

const PAGING: readonly QueryParameter[] = [
  {
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT },
  },
  { name: 'starting_after', required: false, schema: ID },
  { name: 'ending_before', required: false, description: 'An id, or `last`', schema: { type: 'string' } },
  {
    name: 'at',
    required: false,
    description: 'The picture that the pull is pinned to; taken from a link',
    schema: { type: 'string' },
  },
];

const DESCRIBED: Readonly<Record<ListParameter | EventParameter | 'include', Described>> = {
  record_type: {
    description: 'Of these types alone, as `users`; may be repeated',
    schema: { type: 'string' },
  },
  school: { description: 'Of what belongs to this school alone', schema: ID },
  created_since: { description: 'Since this instant', schema: { type: 'string', format: 'date-time' } },
  count: { description: 'Answers how many there are in the place of a page', schema: { type: 'boolean' } },
  role: { schema: { type: 'string', enum: [...USER_ROLES] } },
  primary: { description: 'Home schools alone', schema: { type: 'boolean' } },
  where: {
    description: `A condition as JSON in the manner of Mongo, at most ${CONDITIONS_MAX} comparisons: equality, $gt, $gte, $lt, $lte, $ne, $in, $nin, $regex, $size, $exists`,
    schema: { type: 'string' },
    example: '{"name":"Alder School"}',
  },
  sort: {
    description: `The field whose order the list is in, the other way with a \`-\` before it; of at most ${SORT_BUDGET} records`,
    schema: { type: 'string' },
    example: '-name.last',
  },
  fields: {
    description: 'The fields to show, by path, with commas between; `id` and `district` always are',
    schema: { type: 'string' },
    example: 'name.last,roles.student.grade',
  },
  page: { description: 'The number of a page, from 1', schema: { type: 'integer', minimum: 1 } },
  show_links: { description: 'Items come beside their address', schema: { type: 'boolean' } },
  include: { description: 'Names with commas between', schema: { type: 'string' } },
};

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** Says of a route in the contract what the code does. */
export function describe(route: Route): MethodDecorator {
  const { path, parameters, isList, form, summary, named } = route;
  const queries = [
    ...(isList ? PAGING : []),
    ...parameters.map((name): QueryParameter => ({ name, required: false, ...describedAs(name, route) })),
  ];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return applyDecorators(
    ApiOperation({ summary }),
    ...inPath.map((name) => ApiParam({ name, schema: ID })),
    ...queries.map((query) => ApiQuery(query)),
    ...(form.of === 'nothing' ? [] : [answer(200, OK[form.of], answerSchema(route))]),
    ...(form.of === 'nothing' ? [refusal(501, 'This call is not served here.')] : []),
    ...(queries.length > 0 ? [refusal(400, 'A parameter is not as it should be.')] : []),
    ...(named === undefined && form.of !== 'me'
      ? []
      : form.of === 'nothing'
        ? []
        : [refusal(404, 'No record that this credential may see has this id.')]),
    ...(isList
      ? [
          refusal(410, 'The pinned picture is no longer kept: begin the pull again.'),
          refusal(413, `The limit is over ${LIMIT_MAX}.`),
        ]
      : []),
  );
}

const OK = {
  record: 'The record: `data` and `links`.',
  page: 'A page: `data`, each with its `uri`, and `links`.',
  data: '`data` and `links`.',
  me: 'The district: `data` and `links`.',
  events: 'Events: `data` and `links`.',
} as const;

function describedAs(name: ListParameter | EventParameter | 'include', { includes }: Route): Described {
  if (name !== 'include') return DESCRIBED[name];
  return {
    ...DESCRIBED.include,
    description: `Any of ${Object.keys(includes).join(', ')}, with commas between`,
  };
}

function answer(status: number, description: string, schema: Schema): MethodDecorator {
  return ApiResponse({ status, description, content: { 'application/json': { schema } } });
}

function refusal(status: number, description: string): MethodDecorator {
  return ApiResponse({ status, description, content: PROBLEM });
}
