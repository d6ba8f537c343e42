import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DISTRICT_STATES, districtState, isUsedLately, type DistrictFacts } from './district-state.js';
import { GRANT_STATUSES } from './grant.js';
import type { SecretLife } from './secret-life.js';

const NOW = new Date('2026-09-01T12:00:00Z');
const days = (count: number) => new Date(NOW.getTime() + count * 86_400_000);
const token = (life: Partial<SecretLife> = {}): SecretLife => ({
  issuedAt: days(-30),
  confirmedAt: null,
  retiresAt: null,
  expiresAt: null,
  revokedAt: null,
  ...life,
});
const facts = (given: Partial<DistrictFacts> = {}): DistrictFacts => ({
  status: 'active',
  startsAt: null,
  endsAt: null,
  tokens: [token()],
  lastUsedAt: days(-1),
  ...given,
});

describe('how a district fares', () => {
  it.each([
    ['live', {}],
    ['unused', { lastUsedAt: null }],
    ['none', { tokens: [] }],
    ['none', { tokens: [token({ revokedAt: days(-1) }), token({ expiresAt: days(-1) })] }],
    ['ending', { tokens: [token({ expiresAt: days(13) })] }],
    ['live', { tokens: [token({ expiresAt: days(14) })] }],
    // The older one of two is on its way out; the newer one counts.
    ['live', { tokens: [token({ retiresAt: days(1) }), token({ issuedAt: days(-1) })] }],
    ['ending', { endsAt: days(3) }],
    ['ended', { endsAt: NOW }],
    ['upcoming', { startsAt: days(1) }],
    ['live', { startsAt: NOW }],
    ['requested', { status: 'requested' }],
    ['paused', { status: 'paused', tokens: [] }],
    ['revoked', { status: 'revoked', endsAt: days(-1) }],
  ] as const)('is %s: %j', (state, given) => {
    expect(districtState(facts(given as Partial<DistrictFacts>), NOW)).toBe(state);
  });

  it('is live, unused or ending only with a token that is live', () => {
    const date = fc.option(fc.integer({ min: -40, max: 40 }).map(days));
    const life = fc.record({
      issuedAt: fc.constant(days(-50)),
      confirmedAt: date,
      retiresAt: date,
      expiresAt: date,
      revokedAt: date,
    });
    const given = fc.record({
      status: fc.constantFrom(...GRANT_STATUSES),
      startsAt: date,
      endsAt: date,
      tokens: fc.array(life, { maxLength: 3 }),
      lastUsedAt: date,
    });
    fc.assert(
      fc.property(given, (each) => {
        const state = districtState(each, NOW);
        expect(DISTRICT_STATES).toContain(state);
        const isOpen = ['live', 'unused', 'ending'].includes(state);
        const hasLive = each.tokens.some(
          ({ revokedAt, retiresAt, expiresAt }) =>
            !revokedAt && !(retiresAt && retiresAt <= NOW) && !(expiresAt && expiresAt <= NOW),
        );
        expect(isOpen && !(hasLive && each.status === 'active')).toBe(false);
      }),
    );
  });
});

describe('use', () => {
  it.each([
    [null, false],
    [days(-14), false],
    [new Date(days(-14).getTime() + 1), true],
    [NOW, true],
  ])('%s is lately: %s', (lastUsedAt, isLately) => {
    expect(isUsedLately(lastUsedAt, NOW)).toBe(isLately);
  });
});
