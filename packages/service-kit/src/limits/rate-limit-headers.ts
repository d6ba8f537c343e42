import type { RateDecision, RateVerdict } from '@hallpass/domain';

type Headers = Record<string, string | string[]>;

/**
 * What an answer says of its limits: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10, structured
 * lists), the X-RateLimit lines that older clients read (one line a bucket, in the same order; Reset in epoch seconds), and
 * Retry-After in whole seconds where a policy refused.
 */
export function rateLimitHeaders({ allowed, decisions }: RateVerdict, now: Date): Headers {
  const headers: Headers = {};
  const { length } = decisions;
  if (length === 0) return headers;
  const each = (value: (decision: (typeof decisions)[number]) => string | number): string | string[] => {
    const [first] = decisions;
    return length === 1 && first
      ? String(value(first))
      : decisions.map((decision) => String(value(decision)));
  };
  headers['ratelimit-policy'] = decisions
    .map(({ policy }) => `"${policy.name}";q=${policy.requestsMax};w=${policy.windowSeconds}`)
    .join(', ');
  headers['ratelimit'] = decisions
    .map((decision) => `"${decision.policy.name}";r=${decision.remaining};t=${waitOf(decision, now)}`)
    .join(', ');
  headers['x-ratelimit-bucket'] = each(({ policy }) => policy.name);
  headers['x-ratelimit-limit'] = each(({ policy }) => policy.requestsMax);
  headers['x-ratelimit-remaining'] = each(({ remaining }) => remaining);
  headers['x-ratelimit-reset'] = each(({ resetAt }) => Math.ceil(resetAt.getTime() / 1000));
  // A shadow policy keeps nobody waiting.
  const waits = decisions.map(({ policy, retryAfterSeconds: s }) => (policy.mode === 'enforce' ? s : 0));
  if (!allowed) headers['retry-after'] = String(Math.max(...waits));
  return headers;
}

/** Seconds until the policy has more to give: until its whole burst is back, or, of one that refused, until this call passes. */
function waitOf({ allowed, resetAt, retryAfterSeconds }: RateDecision, now: Date): number {
  if (!allowed) return retryAfterSeconds;
  return Math.max(0, Math.ceil((resetAt.getTime() - now.getTime()) / 1000));
}
