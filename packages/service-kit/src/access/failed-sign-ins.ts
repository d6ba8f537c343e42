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

  /** `account`: whose password was tried, which has a limit of its own, from whatever address. */
  count(address: string, now: Date, account?: string): void {
    // Nobody waits for it: the request is refused anyhow.
    void this.limiter.spend(this.#wishes(address, account), now);
  }

  /** Throws once there were too many, as far as this process knows: each failure tells it what others have counted. */
  requireFew(address: string, now: Date, account?: string): void {
    const verdict = this.limiter.peek(this.#wishes(address, account), now);
    if (verdict.allowed) return;
    throw new Problem('rate-limited', {
      detail:
        'Too many sign-ins have failed from this address or for this account. Mend the credential before the next try.',
      headers: rateLimitHeaders(verdict, now),
      extensions: { 'violated-policies': violatedPolicies(verdict) },
    });
  }

  #wishes(address: string, account: string | undefined): RateWish[] {
    const { limits } = this.watch.rules;
    const wish = { policy: limits.named('failed-sign-in'), subjectId: addressSubject(address), cost: 1 };
    if (account === undefined) return [wish];
    return [wish, { policy: limits.named('failed-password'), subjectId: account, cost: 1 }];
  }
}
