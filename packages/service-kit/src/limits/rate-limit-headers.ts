import { isRate, type LimitDecision, type LimitPolicy, type RateVerdict } from '@hallpass/domain';

type Headers = Record<string, string | string[]>;

/**
 * What an answer says of its limits: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10, structured
 * lists; a limit on requests in flight has the unit and no time), the X-RateLimit lines that older clients read (one line a
 * bucket, in the same order, rates alone; Reset in epoch seconds), and Retry-After in whole seconds where a policy refused.
 */
export function rateLimitHeaders({ allowed, decisions }: RateVerdict, now: Date): Headers {
  if (decisions.length === 0) return {};
  let [policies, limits] = ['', ''];
  const rates = [];
  for (const decision of decisions) {
    const { name, text } = wordsOf(decision.policy);
    const comma = policies === '' ? '' : ', ';
    policies += `${comma}${text}`;
    limits += `${comma}${name};r=${decision.remaining}${waitOf(decision, now)}`;
    if (decision.resetAt) rates.push(decision);
  }
  const headers: Headers = { 'ratelimit-policy': policies, ratelimit: limits };
  if (rates.length > 0) {
    headers['x-ratelimit-bucket'] = lines(rates, ({ policy }) => policy.name);
    headers['x-ratelimit-limit'] = lines(rates, ({ policy }) => wordsOf(policy).limit);
    headers['x-ratelimit-remaining'] = lines(rates, ({ remaining }) => String(remaining));
    headers['x-ratelimit-reset'] = lines(rates, ({ resetAt }) =>
      String(Math.ceil((resetAt?.getTime() ?? 0) / 1000)),
    );
  }
  // A shadow policy keeps nobody waiting.
  const waits = () =>
    decisions.map(({ policy, retryAfterSeconds: s }) => (policy.mode === 'enforce' ? s : 0));
  if (!allowed) headers['retry-after'] = String(Math.max(1, ...waits()));
  return headers;
}

/** The policies that refused, by name. */
export function violatedPolicies({ decisions }: RateVerdict): string[] {
  return decisions
    .filter(({ allowed, policy }) => !allowed && policy.mode === 'enforce')
    .map(({ policy }) => policy.name);
}

function lines(decisions: readonly LimitDecision[], text: (decision: LimitDecision) => string) {
  const [only] = decisions;
  return only && decisions.length === 1 ? text(only) : decisions.map(text);
}

/** What is always the same of a policy; policies are few, and live long. */
const words = new WeakMap<LimitPolicy, { name: string; limit: string; text: string }>();

function wordsOf(policy: LimitPolicy): { name: string; limit: string; text: string } {
  let known = words.get(policy);
  if (!known) {
    const { requestsMax } = policy;
    const name = `"${policy.name}"`;
    const unit = isRate(policy) ? `w=${policy.windowSeconds}` : 'qu="concurrent-requests"';
    known = { name, limit: String(requestsMax), text: `${name};q=${requestsMax};${unit}` };
    words.set(policy, known);
  }
  return known;
}

/** Seconds until the policy has more to give: until its whole burst is back, or, of one that refused, until this call passes. */
function waitOf({ allowed, resetAt, retryAfterSeconds }: LimitDecision, now: Date): string {
  if (!resetAt) return '';
  if (!allowed) return `;t=${retryAfterSeconds}`;
  return `;t=${Math.max(0, Math.ceil((resetAt.getTime() - now.getTime()) / 1000))}`;
}
