import { BlockList, isIP } from 'node:net';
import { recordAudit, recordPlatformEvent, unsealToken, type InstallationKeys } from '@hallpass/database';
import { isUnusualReveal, type AppId, type DistrictId, type TokenId } from '@hallpass/domain';
import { INSTALLATION_KEYS, Problem, actorOf, type ClientPrincipal } from '@hallpass/service-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource, type EntityManager } from 'typeorm';
import { TokensRepository, type RevealRule } from './tokens.repository.js';

/** Shows apps the secrets of their tokens: as far as each app's rule goes, from where it may be, and never unseen. */
@Injectable()
export class Reveals {
  readonly #logger = new Logger('reveals');

  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: TokensRepository,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  /** The app's rule, once the caller's address is found to be one from which its tokens may be read. */
  async ruleFor({ appId }: ClientPrincipal, address: string): Promise<RevealRule> {
    const rule = await this.tokens.revealRule(appId);
    requireAddress(rule.addresses, address);
    return rule;
  }

  /** The secrets that the rule lets be shown, by token. The reading is written down in the transaction in which it happens. */
  reveal(
    client: ClientPrincipal,
    rule: RevealRule,
    tokens: readonly { id: TokenId; districtId: DistrictId }[],
    { ip, headers, id: requestId }: Pick<FastifyRequest, 'ip' | 'headers' | 'id'>,
  ): Promise<Map<TokenId, string>> {
    const { appId, clientSecretId, person } = client;
    // Whoever has not given the password just now is shown none, whatever brought it up.
    const isShown = rule.reveal !== 'never' && (!person || person.isFresh);
    if (!isShown || tokens.length === 0) return Promise.resolve(new Map());
    return this.dataSource.transaction(async (tx) => {
      const seals = await this.tokens.seals(tx, tokens, rule.reveal === 'once');
      const secrets = new Map<TokenId, string>();
      for (const seal of seals) {
        const { id: tokenId, districtId, sealed } = seal;
        try {
          const secret = unsealToken(this.keys, { tokenId, districtId, appId }, sealed, seal);
          if (secret !== undefined) secrets.set(tokenId, secret);
        } catch (error) {
          // One that does not open keeps no other from being shown.
          this.#logger.error({ tokenId, stack: (error as Error).stack });
        }
      }
      if (secrets.size === 0) return secrets;
      const districtIds = tokens.filter(({ id }) => secrets.has(id)).map(({ districtId }) => districtId);
      const userAgent = headers['user-agent'] ?? '';
      const counts = await this.tokens.logReveal(tx, {
        appId,
        address: ip,
        userAgent,
        clientSecretId,
        personId: person?.id ?? null,
        districtIds,
      });
      if (person)
        for (const id of secrets.keys())
          await recordAudit(tx, actorOf(client, requestId), {
            action: 'token.revealed',
            subjectType: 'token',
            subjectId: id,
            after: { appId },
          });
      if (isUnusualReveal(counts.thisHour, counts.busiestHour))
        await this.#notice(tx, appId, counts.thisHour);
      return secrets;
    });
  }

  async #notice(tx: EntityManager, appId: AppId, shown: number): Promise<void> {
    if (!(await this.tokens.takeUnusualNotice(tx, appId))) return;
    await recordAudit(tx, actorOf({ appId }), {
      action: 'reveal.unusual',
      subjectType: 'app',
      subjectId: appId,
      after: { shown },
    });
    await recordPlatformEvent(tx, { type: 'reveal.unusual', appId, districtId: null, data: { shown } });
  }
}

/** Refuses a caller at an address that is none of those from which the app is given tokens; none named: any will do. */
export function requireAddress(listed: readonly string[], address: string): void {
  if (listed.length === 0 || isWithin(listed, address)) return;
  throw new Problem('address-not-allowed', {
    detail:
      'The app’s tokens are read from the addresses that its partner has named, and this is none of them. The platform’s operator can change the list.',
  });
}

/** Whether an address is one of those that are listed, or lies in a network that is. */
export function isWithin(listed: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const entry of listed) {
    const [network = '', bits] = entry.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
