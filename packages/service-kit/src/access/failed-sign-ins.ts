import { addressSubject } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { rateLimitHeaders, violatedPolicies } from '../limits/rate-limit-headers.js';
import { RateLimiter, type RateWish } from '../limits/rate-limiter.js';
import { Problem } from '../problems/problem.js';
import { AuthorityWatch } from './authority-watch.js';

/** Keeps what costs a look-up or a signature from addresses at which too many sign-ins have failed. */
@Injectable()
export class FailedSignIns {
  constructor(
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
  ) {}

  count(address: string, now: Date): void {
    // Nobody waits for it: the request is refused anyhow.
    void this.limiter.spend([this.#wish(address)], now);
  }

  /** Throws once there were too many, as far as this process knows: each failure tells it what others have counted. */
  requireFew(address: string, now: Date): void {
    const verdict = this.limiter.peek([this.#wish(address)], now);
    if (verdict.allowed) return;
    throw new Problem('rate-limited', {
      detail: 'Too many sign-ins have failed from this address. Mend the credential before the next try.',
      headers: rateLimitHeaders(verdict, now),
      extensions: { 'violated-policies': violatedPolicies(verdict) },
    });
  }

  #wish(address: string): RateWish {
    const policy = this.watch.rules.limits.named('failed-sign-in');
    return { policy, subjectId: addressSubject(address), cost: 1 };
  }
}
