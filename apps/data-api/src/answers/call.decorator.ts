import type { RosterRequest } from '@hallpass/service-kit';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callOf, type RosterCall } from './roster-call.js';

/** The request and what its credential opens. */
export const Call = createParamDecorator((_: unknown, context: ExecutionContext): RosterCall => {
  return callOf(context.switchToHttp().getRequest<RosterRequest>());
});
