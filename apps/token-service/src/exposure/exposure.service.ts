import {
  SYSTEM,
  findToken,
  lookupsOf,
  recordAudit,
  recordPlatformEvent,
  revokeToken,
  type InstallationKeys,
} from '@hallpass/database';
import { addressSubject, claimedType, isWellFormedSecret, secretState } from '@hallpass/domain';
import {
  AuthorityWatch,
  INSTALLATION_KEYS,
  Problem,
  RateLimiter,
  rateLimitHeaders,
  violatedPolicies,
} from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExposureRepository } from './exposure.repository.js';

/**
 * Takes reports of secrets found in strange hands. A district's token is revoked and its successor issued, or, where the district
 * wants it so, its app is told; access tokens and portal tokens are revoked; a client secret is announced alone, for to end it would
 * end the app. A secret that is no longer live, or was reported before, is nothing new.
 */
@Injectable()
export class ExposureService implements OnApplicationShutdown {
  readonly #logger = new Logger('exposure');
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: ExposureRepository,
    private readonly watch: AuthorityWatch,
    private readonly limiter: RateLimiter,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  /** The headers of the limit on reports from an address; throws once there were too many. */
  async requireRoom(address: string, now: Date): Promise<Record<string, string | string[]>> {
    const policy = this.watch.rules.limits.named('exposure-report');
    const wish = { policy, subjectId: addressSubject(address), cost: 1 };
    const verdict = await this.limiter.spend([wish], now);
    const headers = rateLimitHeaders(verdict, now);
    if (!verdict.allowed)
      throw new Problem('rate-limited', {
        detail: 'Wait as long as Retry-After says.',
        headers,
        extensions: { 'violated-policies': violatedPolicies(verdict) },
      });
    return headers;
  }

  receive(secret: string): void {
    const work: Promise<void> = this.#act(secret)
      .catch((error: unknown) => this.#logger.error({ stack: (error as Error).stack }))
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  /** Resolves once every report that was received has been acted upon. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  onApplicationShutdown(): Promise<void> {
    return this.settled();
  }

  async #act(secret: string): Promise<void> {
    if (isWellFormedSecret('token', secret)) return this.#actOnToken(secret);
    if (isWellFormedSecret('accessToken', secret))
      return this.repository.endAccessToken(lookupsOf(this.keys, secret));
    if (isWellFormedSecret('clientSecret', secret)) return this.#actOnClientSecret(secret);
    if (isWellFormedSecret('portalToken', secret)) return this.#actOnPortalToken(secret);
    const type = claimedType(secret);
    if (type)
      this.#logger.warn(`a report names a secret of type ${type}, of which nothing follows by itself`);
  }

  async #actOnToken(secret: string): Promise<void> {
    const record = await findToken(this.dataSource, lookupsOf(this.keys, secret));
    const [grant] = record?.grants ?? [];
    if (record?.credential.type !== 'token' || !grant) return;
    const { id: tokenId } = record.credential;
    if (secretState(record.credential, new Date()) !== 'live') return;
    if ((await this.repository.policyOf(grant.districtId)) === 'rotate') {
      await revokeToken(this.dataSource, this.keys, { tokenId, reason: 'exposed' }, SYSTEM);
      return;
    }
    const { appId, districtId, id: grantId } = grant;
    await this.dataSource.transaction(async (tx) => {
      if (!(await this.repository.reportToken(tx, districtId, tokenId))) return;
      await recordAudit(tx, SYSTEM, {
        action: 'token.exposed',
        subjectType: 'token',
        subjectId: tokenId,
        districtId,
        after: { policy: 'notify' },
      });
      const data = { grantId, tokenId, action: 'notified' };
      await recordPlatformEvent(tx, { type: 'token.exposed', appId, districtId, data });
    });
  }

  async #actOnPortalToken(secret: string): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const ended = await this.repository.endPortalToken(tx, lookupsOf(this.keys, secret));
      if (!ended) return;
      await recordAudit(tx, SYSTEM, {
        action: 'portal-token.exposed',
        subjectType: 'portal-token',
        subjectId: ended.id,
        districtId: ended.districtId,
      });
    });
  }

  async #actOnClientSecret(secret: string): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const found = await this.repository.reportClientSecret(tx, lookupsOf(this.keys, secret));
      if (!found) return;
      const { id, appId } = found;
      await recordAudit(tx, SYSTEM, {
        action: 'client-secret.exposed',
        subjectType: 'client-secret',
        subjectId: id,
      });
      const data = { clientSecretId: id, action: 'notified' };
      await recordPlatformEvent(tx, { type: 'token.exposed', appId, districtId: null, data });
    });
  }
}
