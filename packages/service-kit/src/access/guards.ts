import type { LimitPolicy, OperatorPermission, RateVerdict } from '@hallpass/domain';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceConfig } from '../config/service-config.js';
import { rateLimitHeaders, violatedPolicies } from '../limits/rate-limit-headers.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { Problem } from '../problems/problem.js';
import { SERVICE_CONFIG } from '../tokens.js';
import { AuthorityWatch } from './authority-watch.js';
import { ClientVerifier, type ClientPrincipal } from './client-access.js';
import type { JudgedAccess } from './credential-verifier.js';
import { OperatorVerifier, type OperatorPrincipal } from './operator-access.js';
import {
  isSafe,
  requireMay,
  type ActingPerson,
  type MemberPrincipal,
  type PersonPrincipal,
} from '../people/sessions.js';
import type { DistrictPrincipal } from './district-access.js';
import { ratesOf, requireAllowed } from './roster-access.guard.js';

export const OPERATOR_PERMISSION = 'hallpass:operator-permission';

/** Whoever passport let in. */
function userOf<T>(context: ExecutionContext): T {
  return context.switchToHttp().getRequest<FastifyRequest & { user: T }>().user;
}

function requireRoom(context: ExecutionContext, verdict: RateVerdict, now: Date): void {
  context.switchToHttp().getResponse<FastifyReply>().headers(rateLimitHeaders(verdict, now));
  if (verdict.allowed) return;
  throw new Problem('rate-limited', {
    detail: 'Wait as long as Retry-After says.',
    extensions: { 'violated-policies': violatedPolicies(verdict) },
  });
}

/** Spends one of a limit for whoever was let in, or refuses. */
async function spendOne(
  context: ExecutionContext,
  limiter: RateLimiter,
  now: Date,
  wish: { policy: LimitPolicy; subjectId: string },
): Promise<void> {
  requireRoom(context, await limiter.spend([{ ...wish, cost: 1 }], now), now);
}

/** The same for an app's server, or a person in its place, within the app's limit; who it is. */
async function spendAsApp(
  context: ExecutionContext,
  limiter: RateLimiter,
  watch: AuthorityWatch,
): Promise<ClientPrincipal> {
  const now = new Date();
  const client = userOf<ClientPrincipal>(context);
  const policy = watch.rules.limits.for('client', client.appId, undefined, now);
  await spendOne(context, limiter, now, { policy, subjectId: client.appId });
  return client;
}

/** The same for a person, within their own limit. */
async function spendAsPerson(
  context: ExecutionContext,
  limiter: RateLimiter,
  watch: AuthorityWatch,
  subjectId: string,
): Promise<void> {
  await spendOne(context, limiter, new Date(), { policy: watch.rules.limits.named('person'), subjectId });
}

/** Marks a route that changes nothing, though its method might. */
export const READS = 'hallpass:reads';

/** Refuses a person whose role permits no change what is not known to change nothing. */
function requireRole(
  context: ExecutionContext,
  reflector: Reflector,
  person: ActingPerson | undefined,
): void {
  const isReading =
    isSafe(context.switchToHttp().getRequest<FastifyRequest>()) ||
    reflector.get<true | undefined>(READS, context.getHandler());
  requireMay(person, isReading ? 'read' : 'change');
}

/** Lets in an app that knows its secret, or a member of its partner as far as the role goes, within the app's limit. */
@Injectable()
export class AppGuard extends AuthGuard('app') {
  constructor(
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
    private readonly reflector: Reflector,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const { person } = await spendAsApp(context, this.limiter, this.watch);
    requireRole(context, this.reflector, person);
    return true;
  }
}

/** Lets in a person who has signed in, within their own limit. */
@Injectable()
export class PersonGuard extends AuthGuard('person') {
  constructor(
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const { personId } = userOf<PersonPrincipal>(context).session;
    await spendAsPerson(context, this.limiter, this.watch, personId);
    return true;
  }
}

/** Lets in a member of a partner or a district as far as the role goes, within the person's own limit. */
@Injectable()
export class MemberGuard extends AuthGuard('member') {
  constructor(
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
    private readonly reflector: Reflector,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const { person } = userOf<MemberPrincipal>(context);
    await spendAsPerson(context, this.limiter, this.watch, person.id);
    requireRole(context, this.reflector, person);
    return true;
  }
}

/** Lets in an app's server that knows its secret, and no person, within the app's limit. */
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
    await spendAsApp(context, this.limiter, this.watch);
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
    const admit = (each: ClientPrincipal): boolean | Promise<boolean> => {
      request.user = each;
      const { appId } = each;
      const policy = this.watch.rules.limits.for('token-endpoint', appId, undefined, now);
      const verdict = this.limiter.spend([{ policy, subjectId: appId, cost: 1 }], now);
      if (verdict instanceof Promise)
        return verdict.then((given) => (requireRoom(context, given, now), true));
      requireRoom(context, verdict, now);
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
    requireRoom(context, await this.limiter.spend(ratesOf(access), now), now);
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
    requireRoom(context, await this.verifier.limit(operator, now), now);
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
    private readonly reflector: Reflector,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const now = new Date();
    const { districtId, person } = userOf<DistrictPrincipal>(context);
    const policy = this.watch.rules.limits.for('portal', undefined, districtId, now);
    requireRoom(context, await this.limiter.spend([{ policy, subjectId: districtId, cost: 1 }], now), now);
    requireRole(context, this.reflector, person);
    return true;
  }
}
