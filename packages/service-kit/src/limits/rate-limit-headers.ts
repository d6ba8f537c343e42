import type { RateDecision, RatePolicy, RateVerdict } from '@hallpass/domain';

type Headers = Record<string, string | string[]>;

/**
 * What an answer says of its limits: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10, structured
 * lists), the X-RateLimit lines that older clients read (one line a bucket, in the same order; Reset in epoch seconds), and
 * Retry-After in whole seconds where a policy refused.
 */
export function rateLimitHeaders({ allowed, decisions }: RateVerdict, now: Date): Headers {
  const [first] = decisions;
  if (!first) return {};
  const headers = decisions.length === 1 ? headersOfOne(first, now) : headersOfMany(decisions, now);
  // A shadow policy keeps nobody waiting.
  const waits = decisions.map(({ policy, retryAfterSeconds: s }) => (policy.mode === 'enforce' ? s : 0));
  if (!allowed) headers['retry-after'] = String(Math.max(...waits));
  return headers;
}

function headersOfOne(decision: RateDecision, now: Date): Headers {
  const { name, limit, text } = wordsOf(decision.policy);
  const { remaining, resetAt } = decision;
  return {
    'ratelimit-policy': text,
    ratelimit: `"${name}";r=${remaining};t=${waitOf(decision, now)}`,
    'x-ratelimit-bucket': name,
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAt.getTime() / 1000)),
  };
}

/** The same for several: the lists joined, the older lines one a bucket. */
function headersOfMany(decisions: readonly RateDecision[], now: Date): Headers {
  const each = decisions.map((decision) => headersOfOne(decision, now));
  const [first = {}] = each;
  const isList = (name: string) => name === 'ratelimit' || name === 'ratelimit-policy';
  return Object.fromEntries(
    Object.keys(first).map((name) => {
      const values = each.map((one) => String(one[name]));
      return [name, isList(name) ? values.join(', ') : values];
    }),
  );
}

/** What is always the same of a policy; policies are few, and live long. */
const words = new WeakMap<RatePolicy, { name: string; limit: string; text: string }>();

function wordsOf(policy: RatePolicy): { name: string; limit: string; text: string } {
  let known = words.get(policy);
  if (!known) {
    const { name, requestsMax, windowSeconds } = policy;
    known = { name, limit: String(requestsMax), text: `"${name}";q=${requestsMax};w=${windowSeconds}` };
    words.set(policy, known);
  }
  return known;
}

/** Seconds until the policy has more to give: until its whole burst is back, or, of one that refused, until this call passes. */
function waitOf({ allowed, resetAt, retryAfterSeconds }: RateDecision, now: Date): number {
  if (!allowed) return retryAfterSeconds;
  return Math.max(0, Math.ceil((resetAt.getTime() - now.getTime()) / 1000));
}
