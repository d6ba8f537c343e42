import { setTimeout as pause } from 'node:timers/promises';
import { REFUSAL_DETAILS } from './refusal-details.js';
import {
  costUnder,
  isRate,
  limitSubjectOf,
  type AccessDecision,
  type RateVerdict,
  type RouteClass,
} from '@hallpass/domain';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceConfig } from '../config/service-config.js';
import { FairTurns } from '../limits/fair-turns.js';
import { rateLimitHeaders, violatedPolicies } from '../limits/rate-limit-headers.js';
import { RateLimiter, type RateWish } from '../limits/rate-limiter.js';
import { sunsetHeaders } from '../limits/sunset-headers.js';
import { Problem } from '../problems/problem.js';
import { SERVICE_CONFIG } from '../tokens.js';
import { hasTwoAuthorizations } from './authorization-header.js';
import { CredentialUses } from './credential-uses.js';
import {
  CredentialVerifier,
  bearerChallenge,
  type JudgedAccess,
  type VerifiedAccess,
} from './credential-verifier.js';

/** The class of a route that reads rosters: what it costs. */
export const ROUTE_CLASS = 'hallpass:route-class';

export type RosterRequest = FastifyRequest & {
  access?: VerifiedAccess;
  /** The credential that was found, also when it opens nothing: its call is counted. */
  judged?: JudgedAccess;
};

/**
 * Guards the routes that read rosters: verify, decide, spend, and say so in headers. It calls the verifier that the passport
 * strategy calls, without passport's wrapping (ADR 6).
 */
@Injectable()
export class RosterAccessGuard implements CanActivate {
  readonly #docsUrl: string;

  constructor(
    private readonly verifier: CredentialVerifier,
    private readonly limiter: RateLimiter,
    private readonly turns: FairTurns,
    private readonly uses: CredentialUses,
    private readonly reflector: Reflector,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {
    this.#docsUrl = config.DOCS_URL;
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<RosterRequest>();
    const reply = http.getResponse<FastifyReply>();
    const now = new Date();
    requireOneAuthorization(request, this.config);
    const route = this.reflector.getAllAndOverride<RouteClass>(ROUTE_CLASS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const judged = this.verifier.judge(request.headers.authorization, request.ip, now);
    const admit = (each: JudgedAccess) => this.#admit(each, route, request, reply, now);
    return judged instanceof Promise ? judged.then(admit) : admit(judged);
  }

  #admit(
    judged: JudgedAccess,
    route: RouteClass,
    request: RosterRequest,
    reply: FastifyReply,
    now: Date,
  ): boolean | Promise<boolean> {
    request.judged = judged;
    const access = requireAllowed(judged, this.config);
    this.uses.count(access.credential, request, now);
    const { notice } = access.decision;
    if (notice) reply.headers(sunsetHeaders(notice, this.#docsUrl));
    const wishes = wishesOf(access, route);
    const enter = (verdict: RateVerdict): true | Promise<true> => {
      reply.headers(rateLimitHeaders(verdict, now));
      if (!verdict.allowed) return this.#refuse(access.app.id, verdict);
      request.access = access;
      return this.#run(access.app.id, route, wishes, reply);
    };
    const verdict = this.limiter.spend(wishes, now);
    return verdict instanceof Promise ? verdict.then(enter) : enter(verdict);
  }

  /** Throws, at once or, to whoever goes on asking, later. */
  #refuse(appId: string, verdict: RateVerdict): Promise<never> | never {
    const problem = new Problem('rate-limited', {
      detail: 'Wait as long as Retry-After says, then go on where you were: links stay good.',
      extensions: { 'violated-policies': violatedPolicies(verdict) },
    });
    const wait = this.turns.refuse(appId, Date.now());
    if (wait === 0) throw problem;
    return pause(wait).then(() => {
      throw problem;
    });
  }

  /**
   * Lets the request run when it is its app's turn. It is in flight, and its turn not over, until its answer is sent or its
   * connection is gone. An export streams for as long as its reader takes, and holds up no turn.
   */
  #run(
    appId: string,
    route: RouteClass,
    wishes: readonly RateWish[],
    { raw }: FastifyReply,
  ): true | Promise<true> {
    const inFlight = wishes.find(({ policy }) => !isRate(policy));
    const takesTurn = route !== 'export';
    const turn = takesTurn ? this.turns.take(appId) : undefined;
    let [hasTurn, isOver] = [takesTurn && !turn, false];
    const end = () => {
      isOver = true;
      if (inFlight) this.limiter.leave(inFlight);
      if (hasTurn) this.turns.leave(appId);
    };
    if (raw.closed) end();
    else raw.once('close', end);
    return turn
      ? turn.then(() => {
          hasTurn = true;
          // Whoever has gone while waiting hands the turn on.
          if (isOver) this.turns.leave(appId);
          return true;
        })
      : true;
  }
}

/** What a request for such a route draws on. */
function wishesOf({ credential, app, decision }: VerifiedAccess, route: RouteClass): RateWish[] {
  const { policies, scopes } = decision;
  return policies.map((policy) => ({
    policy,
    subjectId: limitSubjectOf(policy, credential, app.id, scopes),
    cost: costUnder(policy, route),
  }));
}

/** The same for a short question about the credential itself, which is not in flight among the reads. */
export function ratesOf(access: VerifiedAccess): RateWish[] {
  return wishesOf(access, 'record').filter(({ policy }) => isRate(policy));
}

/** Refuses a request that carries two credentials: RFC 6750 allows one. */
export function requireOneAuthorization(
  request: FastifyRequest,
  config: Pick<ServiceConfig, 'DATA_API_URL'>,
): void {
  if (!hasTwoAuthorizations(request.raw.rawHeaders)) return;
  throw new Problem('authorization-malformed', {
    detail: 'The request has more than one Authorization header.',
    headers: bearerChallenge(config, 'invalid_request'),
  });
}

/** The access, or the problem that says why there is none and who must act. */
export function requireAllowed(judged: JudgedAccess, config: ServiceConfig): VerifiedAccess {
  const { credential, app, decision } = judged;
  if (decision.allowed) return { credential, app, decision };
  throw refusal(decision, config);
}

function refusal(decision: Extract<AccessDecision, { allowed: false }>, config: ServiceConfig): Problem {
  const { reason, notice } = decision;
  const isWait = reason === 'grant-narrowing';
  return new Problem(reason, {
    detail: REFUSAL_DETAILS[reason],
    headers: {
      ...sunsetHeaders(notice, config.DOCS_URL),
      ...(isWait ? { 'retry-after': '2' } : bearerChallenge(config, 'invalid_token')),
    },
  });
}
