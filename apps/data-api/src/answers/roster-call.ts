import type { RosterRequest, VerifiedAccess } from '@hallpass/service-kit';
import type { FastifyRequest } from 'fastify';
import type { RawQuery } from '../reading/page-query.js';

/** A request to a roster route: what the credential opens, and what was asked for. */
export interface RosterCall {
  access: VerifiedAccess;
  request: FastifyRequest;
}

/** The request and what its credential opens. */
export function callOf(request: RosterRequest): RosterCall {
  if (!request.access) throw new Error('the route is not guarded by RosterAccess');
  return { access: request.access, request };
}

export function queryOf({ request }: RosterCall): RawQuery {
  return request.query as RawQuery;
}

/** What the path's {id} says, not yet checked. */
export function pathId({ request }: RosterCall): string {
  return (request.params as { id?: string }).id ?? '';
}
