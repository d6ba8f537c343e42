import type { Actor } from '@hallpass/database';
import type { OperatorPrincipal } from '@hallpass/service-kit';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who is calling, as the audit log writes it down. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<FastifyRequest & { user: OperatorPrincipal }>();
  return { type: 'operator', id: request.user.id, requestId: request.id };
});
