import type { InstallationKeys, Keyring } from '@hallpass/database';
import { hashSecret, normalEmail, openSecret, sealSecret } from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import type { AdminConfig } from '../config.js';
import { ownPath } from './own-path.js';

/** How long a person may take at the identity provider. */
export const ATTEMPT_SECONDS = 600;
const PATIENCE_SECONDS = 5;
/** How long what the provider says of itself is believed. */
const METADATA_MS = 3_600_000;
const CONTEXT = 'sign-in attempt';
/** Errors of the client library that say that the provider is ill, and not that the answer is wrong. */
const ILL = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);

/** What a browser has begun and has to bring back; sealed in a cookie of its own. */
interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  /** When it ends, in milliseconds. */
  until: number;
}

/**
 * Signing in through an identity provider, by OpenID Connect's authorization code with PKCE, state and nonce. Nothing is kept here:
 * the attempt is in a cookie that this installation alone can read or write, so that any process may end what another began.
 */
@Injectable()
export class OidcSignIn {
  #known: { at: number; configuration: Promise<oidc.Configuration> } | undefined;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: AdminConfig,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  get isOn(): boolean {
    return this.config.OIDC_ISSUER !== '';
  }

  /** What its button says; null: there is none. */
  get label(): string | null {
    return this.isOn ? this.config.OIDC_LABEL : null;
  }

  /** Where the browser has to go, and what it has to bring back. */
  async begin(returnTo: string | undefined, now: Date): Promise<{ url: string; attempt: string }> {
    const configuration = await this.#configuration(now);
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const until = now.getTime() + ATTEMPT_SECONDS * 1000;
    const attempt: Attempt = { state, nonce, verifier, returnTo: ownPath(returnTo), until };
    const sealed = sealSecret(
      sealKey(this.keys.peppers.primary, this.keys.peppers),
      JSON.stringify(attempt),
      CONTEXT,
    );
    return { url: url.href, attempt: sealed.toString('base64url') };
  }

  /** The verified e-mail address that the provider vouches for; `query` is what it sent the browser back with. */
  async finish(
    sealed: string | undefined,
    query: string,
    now: Date,
  ): Promise<{ email: string; returnTo: string }> {
    const attempt = sealed === undefined ? undefined : this.#open(sealed);
    if (!attempt || attempt.until <= now.getTime())
      throw new Problem('identity-unproven', {
        detail: 'This browser has begun no sign-in, or it was too long ago. Begin again.',
      });
    const configuration = await this.#configuration(now);
    const { email, isVerified } = await orProblem(this.#claims(configuration, attempt, query));
    if (email === undefined || !isVerified || !this.#isOfDomain(email))
      throw new Problem('email-unverified', {
        detail:
          'The identity provider vouches for no e-mail address that may sign in here. Ask an administrator.',
      });
    return { email, returnTo: attempt.returnTo };
  }

  async #claims(configuration: oidc.Configuration, { state, nonce, verifier }: Attempt, query: string) {
    // The address as the provider knows it, and not as a proxy or the caller names it.
    const tokens = await oidc.authorizationCodeGrant(
      configuration,
      new URL(`${this.#redirectUri}?${query}`),
      {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      },
    );
    const claims = tokens.claims();
    if (!claims) throw new Problem('identity-unproven');
    // Many providers tell the address to the user-info endpoint's caller alone.
    const { email, email_verified: isVerified } =
      claims['email'] === undefined
        ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
        : claims;
    return {
      email: typeof email === 'string' ? normalEmail(email) : undefined,
      isVerified: isVerified === true,
    };
  }

  #isOfDomain(email: string): boolean {
    const domains = this.config.OIDC_EMAIL_DOMAINS.toLowerCase()
      .split(/[\s,]+/)
      .filter((each) => each !== '');
    return domains.length === 0 || domains.includes(email.slice(email.lastIndexOf('@') + 1));
  }

  get #redirectUri(): string {
    return `${this.config.ADMIN_URL.replace(/\/$/, '')}/v1/sign-in/oidc/callback`;
  }

  /** What the provider says of itself, asked for again when it is old, or when nobody answered last time. */
  async #configuration(now: Date): Promise<oidc.Configuration> {
    const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret } = this.config;
    if (!this.isOn) throw new Problem('not-found', { detail: 'No identity provider is set up.' });
    if (!this.#known || now.getTime() - this.#known.at > METADATA_MS) {
      const server = new URL(issuer);
      const execute = server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
      const configuration = oidc.discovery(server, id, secret, undefined, {
        execute,
        timeout: PATIENCE_SECONDS,
      });
      this.#known = { at: now.getTime(), configuration };
    }
    const { configuration } = this.#known;
    try {
      return await configuration;
    } catch (cause) {
      if (this.#known?.configuration === configuration) this.#known = undefined;
      throw unavailable(cause);
    }
  }

  #open(sealed: string): Attempt | undefined {
    for (const version of this.keys.peppers.versions.keys()) {
      try {
        const bytes = Buffer.from(sealed, 'base64url');
        return JSON.parse(openSecret(sealKey(version, this.keys.peppers), bytes, CONTEXT)) as Attempt;
      } catch {
        // Sealed under another pepper, or by nobody.
      }
    }
    return undefined;
  }
}

function sealKey(version: number, { versions }: Keyring): Buffer {
  return hashSecret(versions.get(version) as Buffer, CONTEXT);
}

async function orProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (isIll(error)) throw unavailable(error);
    throw new Problem('identity-unproven', {
      detail:
        'What the identity provider sent does not belong to the sign-in that was begun here. Begin again.',
      cause: error,
    });
  }
}

/** Whether the provider is away or broken: fetch throws a TypeError when nobody answers, which the client may wrap. */
function isIll(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500;
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { name?: string } };
  return name === 'TypeError' || cause?.name === 'TypeError' || (code !== undefined && ILL.has(code));
}

function unavailable(cause: unknown): Problem {
  return new Problem('provider-unavailable', {
    detail: 'The identity provider does not answer. Try again in a minute, or sign in by password.',
    headers: { 'retry-after': '60' },
    cause,
  });
}
