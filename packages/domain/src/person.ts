import { randomInt } from 'node:crypto';
import { DomainError } from './domain-error.js';
import type { DistrictId, Id, PartnerId } from './id.js';
import type { OperatorRole } from './operator.js';
import { VIEWING_MS } from './viewing.js';

export type PersonId = Id<'person'>;

/** What a person may be of a partner, the most first. */
export const PARTNER_ROLES = ['owner', 'developer', 'viewer'] as const;
export type PartnerRole = (typeof PARTNER_ROLES)[number];
/** What a person may be of a district, the most first. */
export const DISTRICT_ROLES = ['owner', 'editor', 'viewer'] as const;
export type DistrictRole = (typeof DISTRICT_ROLES)[number];

/** What a route of the portal demands of whoever signed in. */
export const PORTAL_PERMISSIONS = ['read', 'change', 'manage-people'] as const;
export type PortalPermission = (typeof PORTAL_PERMISSIONS)[number];

const GIVEN: Readonly<Record<PartnerRole | DistrictRole, readonly PortalPermission[]>> = {
  viewer: ['read'],
  developer: ['read', 'change'],
  editor: ['read', 'change'],
  owner: ['read', 'change', 'manage-people'],
};

export function memberMay(role: PartnerRole | DistrictRole, permission: PortalPermission): boolean {
  return GIVEN[role].includes(permission);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long a session lasts that is not used, and at the most; staff's are short, and shortest where they look in another's place. */
export const SESSION_LIFE = {
  member: { idleMs: 12 * HOUR_MS, wholeMs: 7 * 24 * HOUR_MS },
  staff: { idleMs: HOUR_MS, wholeMs: 12 * HOUR_MS },
  viewing: { idleMs: VIEWING_MS, wholeMs: VIEWING_MS },
} as const;
export type SessionKind = keyof typeof SESSION_LIFE;

/** For so long a password that was given counts for what demands it anew, such as showing a token. */
export const FRESH_SIGN_IN_MS = 10 * MINUTE_MS;

export interface Session {
  createdAt: Date;
  seenAt: Date;
  /** When the password was last given. */
  authenticatedAt: Date;
  endedAt: Date | null;
}

/** When a session ends if nobody uses it again. */
export function sessionEnd(
  { createdAt, seenAt }: Pick<Session, 'createdAt' | 'seenAt'>,
  kind: SessionKind,
): Date {
  const { idleMs, wholeMs } = SESSION_LIFE[kind];
  return new Date(Math.min(seenAt.getTime() + idleMs, createdAt.getTime() + wholeMs));
}

export function isLiveSession(session: Session, kind: SessionKind, now: Date): boolean {
  return session.endedAt === null && now < sessionEnd(session, kind);
}

export function isFreshSignIn({ authenticatedAt }: Pick<Session, 'authenticatedAt'>, now: Date): boolean {
  return now.getTime() - authenticatedAt.getTime() < FRESH_SIGN_IN_MS;
}

export const PASSWORD_LENGTH_MIN = 12;
/** Beyond this a password is a way to keep the server busy. */
export const PASSWORD_LENGTH_MAX = 256;

/**
 * What is wrong with a new password, by the rules of NIST SP 800-63B: length, and no password that others have had leaked; no
 * rules about its characters. `isCommon` says of a text whether it is on the list.
 */
export function passwordFault(
  password: string,
  email: string,
  isCommon: (text: string) => boolean,
): string | undefined {
  const length = Array.from(password).length;
  if (length < PASSWORD_LENGTH_MIN)
    return `A password has at least ${PASSWORD_LENGTH_MIN} characters; a few words are good.`;
  if (length > PASSWORD_LENGTH_MAX) return `A password has at most ${PASSWORD_LENGTH_MAX} characters.`;
  const folded = password.toLowerCase();
  const own = email.toLowerCase().split('@')[0] as string;
  if (own.length >= 4 && folded.includes(own)) return 'A password does not contain your e-mail address.';
  if (new Set(folded).size < 5) return 'A password is not a few characters over and over.';
  const bare = folded.replace(/[^a-z]+$/, '').replace(/^[^a-z]+/, '');
  if (isCommon(folded) || (bare.length > 0 && bare.length >= folded.length - 4 && isCommon(bare)))
    return 'This password is on lists of leaked ones, which are tried first.';
  return undefined;
}

/** An e-mail address as it is compared: people write theirs in any case. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** What a link in a mail is for, and how long it is good. */
export const PERSON_LINK_PURPOSES = ['invitation', 'reset'] as const;
export type PersonLinkPurpose = (typeof PERSON_LINK_PURPOSES)[number];
export const PERSON_LINK_LIFE_MS: Readonly<Record<PersonLinkPurpose, number>> = {
  invitation: 7 * 24 * HOUR_MS,
  reset: HOUR_MS,
};

/** What people belong to: a partner, a district, or the staff of the platform. */
export type PeopleScope =
  { type: 'partner'; id: PartnerId } | { type: 'district'; id: DistrictId } | { type: 'staff' };
export type PeopleScopeType = PeopleScope['type'];
export type MemberRole = PartnerRole | DistrictRole | OperatorRole;

/** The roles of each scope, the one that manages its people first. */
export const MEMBER_ROLES: Readonly<Record<PeopleScopeType, readonly [MemberRole, ...MemberRole[]]>> = {
  partner: PARTNER_ROLES,
  district: DISTRICT_ROLES,
  staff: ['administrator', 'operator', 'auditor'],
};

/**
 * Refuses a change that would leave nobody who can sign in and manage the others. `next` is undefined where the member goes; one
 * who manages nobody, or has never been here, is not missed.
 */
export function requireManagerLeft(
  scope: PeopleScopeType,
  members: readonly { id: PersonId; role: MemberRole; isHere: boolean }[],
  id: PersonId,
  next: MemberRole | undefined,
): void {
  const [manager] = MEMBER_ROLES[scope];
  const managers = members.filter(({ role, isHere }) => role === manager && isHere);
  if (next === manager || managers.length !== 1 || managers[0]?.id !== id) return;
  throw new DomainError('last-owner', `The last ${manager} stays until there is another.`);
}

const RECOVERY_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
export const RECOVERY_CODE_COUNT = 10;

/** A code that stands in for the authenticator app once: 12 characters that are not mistaken for others, 59 bits. */
export function newRecoveryCode(): string {
  const part = () =>
    Array.from({ length: 4 }, () => RECOVERY_ALPHABET.charAt(randomInt(RECOVERY_ALPHABET.length))).join('');
  return [part(), part(), part()].join('-');
}

/** A recovery code as it is compared, whatever people type between its parts. */
export function normalRecoveryCode(text: string): string {
  return text.toLowerCase().replace(/[^0-9a-z]/g, '');
}
