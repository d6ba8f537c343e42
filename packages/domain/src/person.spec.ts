import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DISTRICT_ROLES,
  isFreshSignIn,
  isLiveSession,
  memberMay,
  newRecoveryCode,
  normalRecoveryCode,
  normalEmail,
  PARTNER_ROLES,
  passwordFault,
  PORTAL_PERMISSIONS,
  requireManagerLeft,
  SESSION_LIFE,
  sessionEnd,
  type MemberRole,
  type PersonId,
} from './person.js';

const HOUR = 3_600_000;
const now = new Date('2026-11-25T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

describe('memberMay', () => {
  it.each([
    ['viewer', ['read']],
    ['developer', ['read', 'change']],
    ['editor', ['read', 'change']],
    ['owner', ['read', 'change', 'manage-people']],
  ] as const)('a %s may %j and no more', (role, may) => {
    expect(PORTAL_PERMISSIONS.filter((each) => memberMay(role, each))).toEqual(may);
  });

  it('a role further up the list may never do less', () => {
    for (const roles of [PARTNER_ROLES, DISTRICT_ROLES])
      for (const [i, role] of roles.entries())
        for (const lower of roles.slice(i))
          for (const permission of PORTAL_PERMISSIONS)
            expect(memberMay(role, permission) || !memberMay(lower, permission)).toBe(true);
  });
});

describe('a session', () => {
  const session = (created: number, seen: number, endedAt: Date | null = null) => ({
    createdAt: ago(created),
    seenAt: ago(seen),
    authenticatedAt: ago(created),
    endedAt,
  });

  it.each([
    ['used a moment ago', session(HOUR, 0), false, true],
    ['unused for twelve hours', session(13 * HOUR, 12 * HOUR), false, false],
    ['used all week', session(7 * 24 * HOUR, 0), false, false],
    ['of staff, unused for an hour', session(2 * HOUR, HOUR), true, false],
    ['of staff, used for eleven hours', session(11 * HOUR, 1), true, true],
    ['ended', session(HOUR, 0, ago(1)), false, false],
  ])('%s', (_, each, isStaff, isLive) => {
    expect(isLiveSession(each, isStaff ? 'staff' : 'member', now)).toBe(isLive);
  });

  it('ends exactly when it says', () => {
    fc.assert(
      fc.property(fc.nat(8 * 24 * HOUR), fc.nat(HOUR), fc.boolean(), (created, since, isStaff) => {
        const each = session(created + since, since);
        const end = sessionEnd(each, isStaff ? 'staff' : 'member');
        expect(isLiveSession(each, isStaff ? 'staff' : 'member', end)).toBe(false);
        expect(isLiveSession(each, isStaff ? 'staff' : 'member', new Date(end.getTime() - 1))).toBe(true);
        expect(end.getTime() - each.createdAt.getTime()).toBeLessThanOrEqual(SESSION_LIFE.member.wholeMs);
      }),
    );
  });

  it('is fresh for ten minutes after the password was given', () => {
    expect(isFreshSignIn({ authenticatedAt: ago(600_000 - 1) }, now)).toBe(true);
    expect(isFreshSignIn({ authenticatedAt: ago(600_000) }, now)).toBe(false);
  });
});

describe('passwordFault', () => {
  const common = (text: string) => ['password1234', 'sunshinesunshine', 'basketballs'].includes(text);
  it.each([
    ['elevenchars', 'at least'],
    ['a'.repeat(257), 'at most'],
    ['Ann.Teacher-2026', 'e-mail'],
    ['abababababab', 'over and over'],
    ['PASSWORD1234', 'leaked'],
    ['sunshinesunshine!1', 'leaked'],
    ['Sunshinesunshine2026', 'leaked'],
  ])('%s: %s', (password, said) => {
    expect(passwordFault(password, 'ann.teacher@district.example', common)).toContain(said);
  });

  it.each(['correct horse battery', 'naïve café über alles', '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧'])(
    '%s is good',
    (password) => {
      expect(passwordFault(password, 'al@b.example', common)).toBeUndefined();
    },
  );
});

it('an address is the same in any case', () => {
  expect(normalEmail(' Ann@District.Example ')).toBe('ann@district.example');
});

describe('requireManagerLeft', () => {
  const someone = (id: string, role: MemberRole, isHere = true) => ({ id: id as PersonId, role, isHere });
  const [a, b] = ['a', 'b'] as [PersonId, PersonId];
  it.each([
    ['the last owner goes', [someone('a', 'owner'), someone('b', 'viewer')], a, undefined, true],
    ['the last owner takes another role', [someone('a', 'owner')], a, 'viewer', true],
    ['the last owner stays one', [someone('a', 'owner')], a, 'owner', false],
    ['another is there', [someone('a', 'owner'), someone('b', 'owner')], a, undefined, false],
    [
      'another has never been here',
      [someone('a', 'owner'), someone('b', 'owner', false)],
      a,
      undefined,
      true,
    ],
    [
      'one who has never been here goes',
      [someone('a', 'owner'), someone('b', 'owner', false)],
      b,
      undefined,
      false,
    ],
    ['somebody else goes', [someone('a', 'owner'), someone('b', 'viewer')], b, undefined, false],
  ] as const)('%s', (_, members, id, next, isRefused) => {
    const change = () => requireManagerLeft('partner', members, id, next);
    if (isRefused) expect(change).toThrow('The last owner stays');
    else expect(change).not.toThrow();
  });
});

describe('a recovery code', () => {
  it('is the same however it is typed, and never given twice', () => {
    const codes = Array.from({ length: 200 }, newRecoveryCode);
    expect(new Set(codes).size).toBe(200);
    for (const code of codes) {
      expect(code).toMatch(/^[2-9a-z]{4}(-[2-9a-z]{4}){2}$/);
      expect(normalRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ')}`)).toBe(
        normalRecoveryCode(code),
      );
    }
  });
});
