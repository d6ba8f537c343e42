import { WebhookVerificationError } from './errors.js';

/** What happened to an app's grants, tokens, keys and rosters: the body of a webhook, and an item of the app's list. */
export interface PlatformEvent {
  id: string;
  type: string;
  at: string;
  /** null where no one district is meant. */
  districtId: string | null;
  data: Record<string, string | number | null>;
}

export interface WebhookOptions {
  /** `whsec_…`, as the webhook's making or the last rotation of its secret told it; several while one replaces another. */
  secret: string | readonly string[];
  /** The request's headers: of fetch, of Node, or any object with their names. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it came, before anything has parsed it. */
  body: string | Uint8Array;
  /** How old or how far ahead it may be, in seconds; five minutes when left out. */
  toleranceSeconds?: number | undefined;
  /** Milliseconds since 1970; the present, when left out. */
  now?: number | undefined;
}

const TOLERANCE_SECONDS = 300;

/**
 * The event of a webhook, once its signature is found to be right (Standard Webhooks). Throws WebhookVerificationError when it is
 * not ours, was changed, or is too old.
 */
export async function verifyWebhook(options: WebhookOptions): Promise<PlatformEvent> {
  const { secret, headers, body, toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() } = options;
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  );
  if (!id || !timestamp || !signatures)
    throw new WebhookVerificationError('a header of the signature is missing');
  const ageSeconds = Math.abs(now / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || !(ageSeconds <= toleranceSeconds))
    throw new WebhookVerificationError('the timestamp is too old or too far ahead');
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = join(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  for (const each of typeof secret === 'string' ? [secret] : secret) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', secretBytes(each), algorithm, false, ['verify']);
    for (const signature of signatures.split(' ')) {
      const [version, text = ''] = signature.split(',', 2);
      const given = version === 'v1' ? bytesOf(text) : undefined;
      // The comparison takes equally long whatever differs.
      if (given && (await crypto.subtle.verify('HMAC', key, given, signed)))
        return JSON.parse(new TextDecoder().decode(bytes)) as PlatformEvent;
    }
  }
  throw new WebhookVerificationError('no signature is right');
}

function headerOf(headers: WebhookOptions['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const [, value] = Object.entries(headers).find(([each]) => each.toLowerCase() === name) ?? [];
  return typeof value === 'string' ? value : value?.join(' ');
}

function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(secret.replace(/^whsec_/, ''));
  if (!bytes || bytes.length === 0) throw new TypeError('a webhook secret is whsec_ and base64');
  return bytes;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
