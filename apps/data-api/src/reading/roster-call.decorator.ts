import { CurrentAccess, RosterAccess, type RosterRequest } from '@hallpass/service-kit';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { USER_ROLES } from '@hallpass/domain';
import { LIMIT_DEFAULT, LIMIT_MAX } from './page-query.js';
import type { RosterCall } from './roster-reader.js';

export { CurrentAccess, RosterAccess };

/** The request and what its credential opens. */
export const Call = createParamDecorator((_: unknown, context: ExecutionContext): RosterCall => {
  const request = context.switchToHttp().getRequest<RosterRequest>();
  if (!request.access) throw new Error('the route is not guarded by RosterAccess');
  return { access: request.access, request };
});

type ListParameter = 'count' | 'role' | 'primary';

/** Describes a route that lists records: its paging, and which other parameters it reads. */
export function ListRoute(summary: string, ...parameters: readonly ListParameter[]): MethodDecorator {
  const id = { type: 'string', pattern: '^[0-9a-f]{24}$' } as const;
  return applyDecorators(
    ApiOperation({ summary }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT },
    }),
    ApiQuery({ name: 'starting_after', required: false, schema: id }),
    ApiQuery({
      name: 'ending_before',
      required: false,
      description: 'An id, or `last`',
      schema: { type: 'string' },
    }),
    ApiQuery({
      name: 'at',
      required: false,
      description: 'The picture that the pull is pinned to; taken from a link',
      schema: { type: 'string' },
    }),
    ...parameters.map((name) =>
      ApiQuery({
        name,
        required: false,
        schema: name === 'role' ? { type: 'string', enum: [...USER_ROLES] } : { type: 'boolean' },
      }),
    ),
    ApiResponse({ status: 200, description: 'A page: `data`, each with its `uri`, and `links`.' }),
    ApiResponse({ status: 400, description: 'A parameter is not as it should be.' }),
    ApiResponse({ status: 410, description: 'The pinned picture is no longer kept: begin the pull again.' }),
    ApiResponse({ status: 413, description: `The limit is over ${LIMIT_MAX}.` }),
  );
}

/** Describes a route that gives one record. */
export function RecordRoute(summary: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiParam({ name: 'id', schema: { type: 'string', pattern: '^[0-9a-f]{24}$' } }),
    ApiResponse({ status: 200, description: 'The record: `data` and `links`.' }),
    ApiResponse({ status: 404, description: 'No record that this credential may see has this id.' }),
  );
}
