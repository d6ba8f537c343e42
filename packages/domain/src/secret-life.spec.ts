import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from './domain-error.js';
import {
  GRACE_SECONDS_MAX,
  changedGrace,
  dueExpiryNotice,
  expiryOf,
  expiryUnderNewPolicy,
  liveSecrets,
  maxAgeDays,
  retirementOf,
  retirementOnFirstUse,
  secretState,
  successionLeadMs,
  successionOf,
  type GraceStart,
  type SecretLife,
} from './secret-life.js';

const now = new Date('2026-11-01T00:00:00Z');
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const days = (count: number) => at(count * 86_400);
const aSecret = (change: Partial<SecretLife> = {}): SecretLife => ({
  issuedAt: days(-10),
  confirmedAt: days(-9),
  retiresAt: null,
  expiresAt: null,
  revokedAt: null,
  ...change,
});
const codeOf = (work: () => unknown) => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as DomainError).code;
  }
};

describe('secretState', () => {
  it.each<[string, Partial<SecretLife>, string]>([
    ['without an end', {}, 'live'],
    ['a moment before it retires', { retiresAt: at(0.001) }, 'live'],
    ['as it retires', { retiresAt: now }, 'retired'],
    ['as it expires', { expiresAt: now }, 'expired'],
    ['retired and expired', { retiresAt: now, expiresAt: now }, 'retired'],
    ['revoked, whatever else', { revokedAt: now, retiresAt: now, expiresAt: now }, 'revoked'],
    ['revoked by a clock that is ahead', { revokedAt: at(30) }, 'revoked'],
  ])('%s: %j is %s', (_name, change, state) => {
    expect(secretState(aSecret(change), now)).toBe(state);
  });
});

describe('retirementOf', () => {
  it.each<[GraceStart, number, Date | null]>([
    ['at-once', 0, at(-5)],
    ['at-once', 3600, at(3600)],
    ['at-once', GRACE_SECONDS_MAX, days(30)],
    ['on-first-use', 3600, null],
  ])('%s with %d seconds', (start, graceSeconds, retiresAt) => {
    const secret = aSecret();
    expect(retirementOf([secret], { graceSeconds, start }, now)).toEqual({ secret, retiresAt });
  });

  it('retires nothing where nothing is live', () => {
    const rotation = { graceSeconds: 0, start: 'at-once' } as const;
    expect(retirementOf([aSecret({ revokedAt: now })], rotation, now)).toBeUndefined();
  });

  it('is refused while two are live', () => {
    const two = [aSecret({ retiresAt: at(1) }), aSecret({ issuedAt: now })];
    expect(codeOf(() => retirementOf(two, { graceSeconds: 0, start: 'at-once' }, now))).toBe(
      'rotation-running',
    );
    expect(codeOf(() => retirementOf(two, { graceSeconds: 0, start: 'at-once' }, at(1)))).toBeUndefined();
  });

  it.each([-1, 0.5, GRACE_SECONDS_MAX + 1, NaN])('is refused with a grace of %d seconds', (graceSeconds) => {
    expect(codeOf(() => retirementOf([aSecret()], { graceSeconds, start: 'at-once' }, now))).toBe(
      'grace-invalid',
    );
  });
});

describe('changedGrace', () => {
  const old = aSecret({ retiresAt: at(60) });
  const young = aSecret({ issuedAt: now });

  it.each([0, 60, GRACE_SECONDS_MAX])('counts %d seconds from now', (seconds) => {
    expect(changedGrace([young, old], old, seconds, now)).toEqual(at(seconds === 0 ? -5 : seconds));
  });

  it('is refused for the younger, for a lone one and for one that has ended', () => {
    expect(codeOf(() => changedGrace([old, young], young, 1, now))).toBe('rotation-not-running');
    expect(codeOf(() => changedGrace([old], old, 1, now))).toBe('rotation-not-running');
    expect(codeOf(() => changedGrace([old, young], old, 1, at(60)))).toBe('rotation-not-running');
  });
});

describe('expiry', () => {
  it('is under the shorter of the policies', () => {
    expect(maxAgeDays(null, null)).toBeNull();
    expect(maxAgeDays(90, null)).toBe(90);
    expect(maxAgeDays(90, 30)).toBe(30);
  });

  it.each<[Partial<SecretLife>, number | null, Date | null]>([
    [{ issuedAt: days(-10) }, null, null],
    [{ issuedAt: days(-10) }, 90, days(80)],
    [{ issuedAt: days(-400) }, 90, days(30)],
    [{ issuedAt: days(-400) }, 7, days(7)],
    [{ issuedAt: days(-10), expiresAt: days(5) }, 90, days(5)],
    [{ issuedAt: days(-10), expiresAt: days(100) }, 90, days(80)],
    [{ issuedAt: days(-10), expiresAt: days(100) }, null, days(100)],
  ])('of %j under a new policy of %p days', (life, age, due) => {
    expect(expiryUnderNewPolicy(aSecret(life), age, now)).toEqual(due);
  });

  it.each<[number, number | null, number | undefined]>([
    [31, null, undefined],
    [30, null, 30],
    [29, 30, undefined],
    [7, 30, 7],
    [7, null, 7],
    [1, 7, 1],
    [0.5, 1, undefined],
    [0, null, undefined],
  ])('with %d days left and the notice of %p given, %p is due', (left, given, due) => {
    expect(dueExpiryNotice(days(left), given, now)).toBe(due);
  });
});

// A holder over time: every step moves the clock, and then rotates, uses, revokes or changes the grace; a round of the
// housekeeping follows each, as often as a service makes one.
interface Held extends SecretLife {
  id: number;
  graceSeconds: number | null;
  /** Of the one that it replaces. */
  replaces: number | null;
}

type Step =
  | { do: 'rotate'; graceSeconds: number; start: GraceStart }
  | { do: 'use'; which: number }
  | { do: 'revoke'; which: number }
  | { do: 'grace'; graceSeconds: number };

const aStep: fc.Arbitrary<{ hours: number; step: Step }> = fc.record({
  hours: fc.integer({ min: 0, max: 12 * 24 }),
  step: fc.oneof(
    fc.record({
      do: fc.constant('rotate' as const),
      graceSeconds: fc.constantFrom(0, 3600, 86_400, GRACE_SECONDS_MAX),
      start: fc.constantFrom<GraceStart>('at-once', 'on-first-use'),
    }),
    fc.record({ do: fc.constant('use' as const), which: fc.nat(3) }),
    fc.record({ do: fc.constant('revoke' as const), which: fc.nat(3) }),
    fc.record({
      do: fc.constant('grace' as const),
      graceSeconds: fc.constantFrom(0, 86_400, GRACE_SECONDS_MAX),
    }),
  ),
});

class Holder {
  readonly secrets: Held[] = [];
  readonly ended = new Set<number>();

  readonly ageDays: number | null;

  constructor(ageDays: number | null) {
    this.ageDays = ageDays;
    this.issue(now, null, null);
  }

  issue(issuedAt: Date, replaces: number | null, graceSeconds: number | null): void {
    const expiresAt = expiryOf(this.ageDays, issuedAt);
    const id = this.secrets.length;
    this.secrets.push({
      ...aSecret({ issuedAt, confirmedAt: null, expiresAt }),
      id,
      replaces,
      graceSeconds,
    });
  }

  keep(time: Date): void {
    const needed = successionOf(this.secrets, time, successionLeadMs(this.ageDays));
    if (!needed) return;
    if (needed.retires) needed.retires.retiresAt = time;
    this.issue(time, null, null);
  }

  apply(step: Step, time: Date): void {
    const live = liveSecrets(this.secrets, time);
    if (step.do === 'rotate') {
      const retired = retirementOf(this.secrets, step, time);
      if (retired) retired.secret.retiresAt = retired.retiresAt;
      this.issue(time, retired?.secret.id ?? null, step.graceSeconds);
    } else if (step.do === 'use') {
      const used = live[step.which % live.length];
      if (!used || used.confirmedAt) return;
      used.confirmedAt = time;
      const old = this.secrets.find(({ id }) => id === used.replaces);
      if (old && old.retiresAt === null && used.graceSeconds !== null)
        old.retiresAt = retirementOnFirstUse(used.graceSeconds, time);
    } else if (step.do === 'revoke') {
      const revoked = live[step.which % live.length];
      if (revoked) revoked.revokedAt = time;
    } else {
      const [old] = live;
      if (old) old.retiresAt = changedGrace(this.secrets, old, step.graceSeconds, time);
    }
  }

  check(time: Date): void {
    const live = liveSecrets(this.secrets, time);
    if (live.length < 1 || live.length > 2)
      throw new Error(`${live.length} are live at ${time.toISOString()}`);
    const revived = live.find(({ id }) => this.ended.has(id));
    if (revived) throw new Error(`the secret ${revived.id} lives again at ${time.toISOString()}`);
    for (const each of this.secrets) if (secretState(each, time) !== 'live') this.ended.add(each.id);
  }
}

it('an active holder has one or two live secrets at every moment, and none is ever revived', () => {
  const ages = fc.constantFrom(null, 1, 2, 30, 90, 365);
  fc.assert(
    fc.property(ages, fc.array(aStep, { minLength: 1, maxLength: 15 }), (ageDays, steps) => {
      const holder = new Holder(ageDays);
      let hour = 0;
      for (const { hours, step } of steps) {
        for (const end = hour + hours; hour < end; hour += 1) {
          holder.check(at(hour * 3600));
          holder.keep(at(hour * 3600));
        }
        const time = at(hour * 3600);
        holder.check(time);
        try {
          holder.apply(step, time);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
        }
        // The command that ends a secret issues its successor in the same transaction.
        holder.keep(time);
        holder.check(time);
      }
    }),
    { numRuns: 100 },
  );
});
