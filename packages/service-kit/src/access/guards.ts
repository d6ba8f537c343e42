import { limitSubjectOf, type OperatorPermission, type RateVerdict } from '@hallpass/domain';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceConfig } from '../config/service-config.js';
import { rateLimitHeaders } from '../limits/rate-limit-headers.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { Problem } from '../problems/problem.js';
import { SERVICE_CONFIG } from '../tokens.js';
import { AuthorityWatch } from './authority-watch.js';
import { ClientVerifier, type ClientPrincipal } from './client-access.js';
import { policyNamed, type JudgedAccess } from './credential-verifier.js';
import { OperatorVerifier, type OperatorPrincipal } from './operator-access.js';
import type { DistrictPrincipal } from './district-access.js';
import { requireAllowed } from './roster-access.guard.js';

export const OPERATOR_PERMISSION = 'hallpass:operator-permission';

/** Whoever passport let in. */
function userOf<T>(context: ExecutionContext): T {
  return context.switchToHttp().getRequest<FastifyRequest & { user: T }>().user;
}

function requireRoom(context: ExecutionContext, verdict: RateVerdict, now: Date): void {
  context.switchToHttp().getResponse<FastifyReply>().headers(rateLimitHeaders(verdict, now));
  if (!verdict.allowed) throw new Problem('rate-limited', { detail: 'Wait as long as Retry-After says.' });
}

/** Lets in an app that knows its secret, within its limit. */
@Injectable()
export class ClientGuard extends AuthGuard('client') {
  constructor(
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const now = new Date();
    const { appId } = userOf<ClientPrincipal>(context);
    const policy = policyNamed(this.watch.rules.policies, 'client');
    requireRoom(context, this.limiter.spend([{ policy, subjectId: appId, cost: 1 }], now), now);
    return true;
  }
}

/**
 * The same for the token endpoint and its like, which are called as often as rosters are read: it calls the verifier that the
 * passport strategy calls, without passport's wrapping (ADR 6), and has a limit of its own.
 */
@Injectable()
export class TokenEndpointGuard implements CanActivate {
  constructor(
    private readonly verifier: ClientVerifier,
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: ClientPrincipal }>();
    const now = new Date();
    const client = this.verifier.verify(request, now);
    const admit = (each: ClientPrincipal): true => {
      request.user = each;
      const policy = policyNamed(this.watch.rules.policies, 'token-endpoint');
      requireRoom(context, this.limiter.spend([{ policy, subjectId: each.appId, cost: 1 }], now), now);
      return true;
    };
    return client instanceof Promise ? client.then(admit) : admit(client);
  }
}

/** Lets in a token or key that opens something now, within its limit; for the token service, off the hot path. */
@Injectable()
export class TokenGuard extends AuthGuard('roster') {
  constructor(
    private readonly limiter: RateLimiter,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const now = new Date();
    const access = requireAllowed(userOf<JudgedAccess>(context), this.config);
    const wishes = access.decision.policies.map((policy) => ({
      policy,
      subjectId: limitSubjectOf(access.credential),
      cost: 1,
    }));
    requireRoom(context, this.limiter.spend(wishes, now), now);
    return true;
  }
}

/** Lets in staff whose role permits the route. */
@Injectable()
export class OperatorGuard extends AuthGuard('operator') {
  constructor(
    private readonly verifier: OperatorVerifier,
    private readonly reflector: Reflector,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const now = new Date();
    const operator = userOf<OperatorPrincipal>(context);
    requireRoom(context, this.verifier.limit(operator, now), now);
    const permission = this.reflector.get<OperatorPermission>(OPERATOR_PERMISSION, context.getHandler());
    this.verifier.permit(operator, permission);
    return true;
  }
}

/** Lets in a district's administrator, within the district's limit. */
@Injectable()
export class DistrictGuard extends AuthGuard('district') {
  constructor(
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const now = new Date();
    const { districtId } = userOf<DistrictPrincipal>(context);
    const policy = policyNamed(this.watch.rules.policies, 'portal');
    requireRoom(context, this.limiter.spend([{ policy, subjectId: districtId, cost: 1 }], now), now);
    return true;
  }
}
