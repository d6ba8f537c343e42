import type { RosterRequest } from '@hallpass/service-kit';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { RosterCall } from './roster-call.js';

/** The request and what its credential opens. */
export const Call = createParamDecorator((_: unknown, context: ExecutionContext): RosterCall => {
  const request = context.switchToHttp().getRequest<RosterRequest>();
  if (!request.access) throw new Error('the route is not guarded by RosterAccess');
  return { access: request.access, request };
});
