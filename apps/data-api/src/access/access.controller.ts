import { ROLE_BITS } from '@hallpass/database';
import { RECORD_KINDS, USER_ROLES, burstOf, isRate } from '@hallpass/domain';
import { RosterAccess } from '@hallpass/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Call } from '../answers/call.decorator.js';
import type { RosterCall } from '../answers/roster-call.js';
import { CountBook } from '../reading/count-book.js';
import { selfLink } from '../reading/page-links.js';
import { RosterRepository } from '../reading/roster.repository.js';
import { ScopeReader, type Scope } from '../reading/scopes.js';

/** What a credential sees, told to whoever holds it. */
@ApiTags('access')
@RosterAccess('record')
@Controller('access')
export class AccessController {
  constructor(
    private readonly scopes: ScopeReader,
    private readonly counts: CountBook,
    private readonly repository: RosterRepository,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'Says what this credential sees: districts, how many records, by which rule and fields, until when, how fast',
  })
  @ApiResponse({ status: 200, description: '`data` and `links`' })
  async access(@Call() { access }: RosterCall): Promise<string> {
    const { credential, app, decision } = access;
    const { scopes } = await this.scopes.open(access, undefined);
    const data = {
      credential: {
        type: credential.type,
        id: credential.id,
        expiresAt: credential.type === 'api-key' ? null : credential.expiresAt,
      },
      app: { id: app.id, name: app.name },
      // `perSeconds` is null of requests in flight.
      limits: decision.policies.map((policy) => ({
        name: policy.name,
        requests: policy.requestsMax,
        perSeconds: policy.windowSeconds,
        burst: isRate(policy) ? burstOf(policy) : policy.requestsMax,
        isEnforced: policy.mode === 'enforce',
      })),
      // Of API keys: since when they are deprecated, and when they stop.
      sunset: decision.notice,
      districts: await Promise.all(
        decision.scopes.map(async ({ grantId, districtId, rule, endsAt }) => {
          const scope = scopes.find((each) => each.grantId === grantId);
          const district = await this.repository.district(districtId);
          return {
            id: districtId,
            name: district?.name,
            lastSync: district?.lastImportAt ?? null,
            grantId,
            endsAt,
            selection: rule.selection,
            fields: rule.fields,
            counts: scope ? await this.#countsOf(scope) : {},
          };
        }),
      ),
    };
    const self = selfLink({ path: '/access', pairs: [] });
    return JSON.stringify({ data, links: [self] });
  }

  /** How many records of each kind are shown, and how many people in each role. */
  async #countsOf(scope: Scope): Promise<Record<string, number>> {
    const kinds = RECORD_KINDS.map((kind) => [`${kind}s`, { kind, roleBit: 0 }] as const);
    const roles = USER_ROLES.map(
      (role) => [role, { kind: 'user' as const, roleBit: ROLE_BITS[role] }] as const,
    );
    const counted = await Promise.all(
      [...kinds, ...roles].map(async ([name, of]) => {
        const count = scope.rule.shares(of.kind) ? await this.counts.of(scope, of) : 0;
        return [name, count] as const;
      }),
    );
    return Object.fromEntries(counted);
  }
}
