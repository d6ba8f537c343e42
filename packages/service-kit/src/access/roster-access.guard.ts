import { REFUSAL_DETAILS } from './refusal-details.js';
import { limitSubjectOf, type AccessDecision } from '@hallpass/domain';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceConfig } from '../config/service-config.js';
import { rateLimitHeaders } from '../limits/rate-limit-headers.js';
import { RateLimiter } from '../limits/rate-limiter.js';
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
    private readonly uses: CredentialUses,
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
    const judged = this.verifier.judge(request.headers.authorization, request.ip, now);
    return judged instanceof Promise
      ? judged.then((each) => this.#admit(each, request, reply, now))
      : this.#admit(judged, request, reply, now);
  }

  #admit(judged: JudgedAccess, request: RosterRequest, reply: FastifyReply, now: Date): true {
    request.judged = judged;
    const access = requireAllowed(judged, this.config);
    this.uses.count(access.credential, request, now);
    const { policies, notice } = access.decision;
    const subjectId = limitSubjectOf(access.credential);
    const wishes = policies.map((policy) => ({ policy, subjectId, cost: 1 }));
    const verdict = this.limiter.spend(wishes, now);
    if (notice) reply.headers(sunsetHeaders(notice, this.#docsUrl));
    reply.headers(rateLimitHeaders(verdict, now));
    if (!verdict.allowed) {
      const violated = verdict.decisions
        .filter((each) => !each.allowed && each.policy.mode === 'enforce')
        .map((each) => each.policy.name);
      throw new Problem('rate-limited', {
        detail: 'Wait as long as Retry-After says, then go on where you were: links stay good.',
        extensions: { 'violated-policies': violated },
      });
    }
    request.access = access;
    return true;
  }
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
