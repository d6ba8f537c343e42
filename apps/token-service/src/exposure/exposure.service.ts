import {
  SYSTEM,
  findToken,
  lookupsOf,
  recordAudit,
  recordPlatformEvent,
  revokeToken,
  type InstallationKeys,
} from '@hallpass/database';
import { claimedType, isWellFormedSecret } from '@hallpass/domain';
import {
  AuthorityWatch,
  INSTALLATION_KEYS,
  Problem,
  RateLimiter,
  policyNamed,
  rateLimitHeaders,
} from '@hallpass/service-kit';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExposureRepository } from './exposure.repository.js';

/**
 * Takes reports of secrets found in strange hands. A district's token is revoked and its successor issued, or, where the district
 * wants it so, its people are told; access tokens run out by themselves and are revoked; a client secret is announced alone, for
 * to end it would end the app.
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
  requireRoom(address: string, now: Date): Record<string, string | string[]> {
    const policy = policyNamed(this.watch.rules.policies, 'exposure-report');
    const verdict = this.limiter.spend([{ policy, subjectId: address, cost: 1 }], now);
    const headers = rateLimitHeaders(verdict, now);
    if (!verdict.allowed)
      throw new Problem('rate-limited', { detail: 'Wait as long as Retry-After says.', headers });
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
    const type = claimedType(secret);
    if (type)
      this.#logger.warn(`a report names a secret of type ${type}, of which nothing follows by itself`);
  }

  async #actOnToken(secret: string): Promise<void> {
    const record = await findToken(this.dataSource, lookupsOf(this.keys, secret));
    const [grant] = record?.grants ?? [];
    if (record?.credential.type !== 'token' || !grant) return;
    const { id: tokenId } = record.credential;
    if ((await this.repository.policyOf(grant.districtId)) === 'rotate') {
      await revokeToken(this.dataSource, this.keys, { tokenId, reason: 'exposed' }, SYSTEM);
      return;
    }
    const { appId, districtId, id: grantId } = grant;
    await this.dataSource.transaction(async (tx) => {
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

  async #actOnClientSecret(secret: string): Promise<void> {
    const found = await this.repository.clientSecret(lookupsOf(this.keys, secret));
    if (!found) return;
    await this.dataSource.transaction(async (tx) => {
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
