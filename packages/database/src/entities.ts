import type {
  ApiKeyId,
  AppId,
  ClientSecretId,
  DistrictId,
  ExposurePolicy,
  FieldList,
  GrantId,
  GrantStatus,
  GrantWait,
  Id,
  ImportId,
  ImportProblem,
  ImportStatus,
  InvitationId,
  KindChanges,
  OperatorRole,
  PartnerId,
  PersonId,
  ProblemCount,
  RateMode,
  RateOverride,
  RateSubject,
  RecordKind,
  RevealMode,
  Selection,
  SharingRule,
  SignupMode,
  TokenId,
} from '@hallpass/domain';
import type { Actor } from './audit.js';
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

// The directory's tables as TypeORM knows them. Schemas without classes give plain objects, so the row type is the type.
// Columns are named once, here; the tables themselves are made by the migrations.

export interface PartnerRow {
  id: PartnerId;
  name: string;
  /** Who is told by mail of what happens to its apps. */
  noticeAddresses: string[];
  createdAt: Date;
}

export interface AppRow {
  id: AppId;
  partnerId: PartnerId;
  name: string;
  clientId: string;
  isEnabled: boolean;
  requestedFields: FieldList;
  requiredFields: FieldList;
  /** What it asks for and why, in its partner's words. */
  purpose: string;
  isListed: boolean;
  signup: SignupMode;
  reveal: RevealMode;
  /** Addresses or networks from which its tokens may be read; empty: any. */
  revealAddresses: string[];
  tokenMaxAgeDays: number | null;
  redirectUris: string[];
  publicKeys: PublicJwk[];
  createdAt: Date;
}

/** A public key of an app (RFC 7517), with which its assertions are signed. */
export interface PublicJwk {
  kty: string;
  kid: string;
  alg: string;
  [member: string]: string;
}

/** The life of a secret as its row has it: domain's SecretLife, whose `issuedAt` is `createdAt` here. */
interface SecretColumns {
  lookup: Buffer;
  pepperVersion: number;
  masked: string;
  createdAt: Date;
  replaces: Id<string> | null;
  graceSeconds: number | null;
  confirmedAt: Date | null;
  retiresAt: Date | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface ClientSecretRow extends SecretColumns {
  id: ClientSecretId;
  appId: AppId;
}

export interface ApiKeyRow {
  id: ApiKeyId;
  appId: AppId;
  lookup: Buffer;
  masked: string;
  origin: 'issued' | 'imported';
  pepperVersion: number;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface OperatorRow {
  id: Id<'operator'>;
  name: string;
  role: OperatorRole;
  /** The person who is this operator; null: whoever holds the token. */
  personId: PersonId | null;
  lookup: Buffer | null;
  pepperVersion: number;
  masked: string | null;
  createdAt: Date;
  disabledAt: Date | null;
}

export interface DistrictRow {
  id: DistrictId;
  name: string;
  recordKey: Buffer;
  /** The app whose sandbox it is. */
  sandboxOf: AppId | null;
  seq: number;
  lastImportAt: Date | null;
  tokenMaxAgeDays: number | null;
  exposure: ExposurePolicy;
  createdAt: Date;
}

export interface PortalTokenRow {
  districtId: DistrictId;
  id: Id<'portal-token'>;
  name: string;
  lookup: Buffer;
  pepperVersion: number;
  masked: string;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface InvitationRow {
  appId: AppId;
  id: InvitationId;
  /** The one that is invited; null: whichever holds the code. */
  districtId: DistrictId | null;
  lookup: Buffer;
  pepperVersion: number;
  note: string;
  createdAt: Date;
  expiresAt: Date;
  withdrawnAt: Date | null;
  acceptedAt: Date | null;
  grantId: GrantId | null;
}

export interface GrantRow {
  districtId: DistrictId;
  id: GrantId;
  appId: AppId;
  status: GrantStatus;
  selection: Selection;
  fields: FieldList;
  fingerprint: string;
  startsAt: Date | null;
  endsAt: Date | null;
  /** The rule that the grant is being changed to, while it is. */
  narrowingTo: SharingRule | null;
  /** What it waits for: the app's consent, or that the picture of its new rule stands. */
  awaits: GrantWait | null;
  createdAt: Date;
  changedAt: Date;
}

export interface TokenRow extends SecretColumns {
  districtId: DistrictId;
  id: TokenId;
  grantId: GrantId;
  appId: AppId;
  /** The last notice of its expiry, as days before it; 0: that it has expired. */
  noticeDays: number | null;
}

export interface TokenSealRow {
  districtId: DistrictId;
  tokenId: TokenId;
  sealed: Buffer;
}

export interface ImportRow {
  districtId: DistrictId;
  id: ImportId;
  status: ImportStatus;
  seq: number | null;
  baseSeq: number | null;
  contentHash: Buffer | null;
  kinds: KindChanges | null;
  problems: ImportProblem[];
  problemCounts: ProblemCount[];
  heldKinds: RecordKind[];
  startedBy: Id<string> | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface RateOverrideRow extends Omit<RateOverride, 'burst'> {
  id: Id<'rate-override'>;
  burst: number | null;
  approvedBy: Id<'operator'>;
  createdAt: Date;
}

export interface RatePolicyRow {
  name: string;
  subject: RateSubject;
  requestsMax: number;
  /** Null of a limit of requests in flight. */
  windowSeconds: number | null;
  burst: number | null;
  mode: RateMode;
  changedAt: Date;
}

export interface AuditRow {
  id: number;
  at: Date;
  actorType: Actor['type'];
  actorId: Id<string> | null;
  action: string;
  subjectType: string;
  subjectId: string;
  districtId: DistrictId | null;
  before: unknown;
  after: unknown;
  requestId: string | null;
}

type Column = EntitySchemaColumnOptions;
const text = (name?: string): Column => ({ type: 'text', ...(name === undefined ? {} : { name }) });
const key = (name?: string): Column => ({ ...text(name), primary: true });
const time = (name: string): Column => ({ type: 'timestamptz', name });
const maybeTime = (name: string): Column => ({ ...time(name), nullable: true });
const json = (name: string): Column => ({ type: 'jsonb', name });
const bytes = (name: string): Column => ({ type: 'bytea', name });
const created: Column = { ...time('created_at'), createDate: true };
const maybeNumber = (name: string): Column => ({ type: 'integer', name, nullable: true });
const pepperVersion: Column = { type: 'integer', name: 'pepper_version' };
const secretColumns = {
  lookup: bytes('lookup'),
  pepperVersion,
  masked: text(),
  createdAt: created,
  replaces: { ...text('replaces'), nullable: true },
  graceSeconds: maybeNumber('grace_seconds'),
  confirmedAt: maybeTime('confirmed_at'),
  retiresAt: maybeTime('retires_at'),
  expiresAt: maybeTime('expires_at'),
  revokedAt: maybeTime('revoked_at'),
};

export const Partners = new EntitySchema<PartnerRow>({
  name: 'partner',
  tableName: 'partners',
  columns: {
    id: key(),
    name: text(),
    noticeAddresses: { type: 'text', name: 'notice_addresses', array: true, default: [] },
    createdAt: created,
  },
});

export const Apps = new EntitySchema<AppRow>({
  name: 'app',
  tableName: 'apps',
  columns: {
    id: key(),
    partnerId: text('partner_id'),
    name: text(),
    clientId: text('client_id'),
    isEnabled: { type: 'boolean', name: 'is_enabled', default: true },
    requestedFields: json('requested_fields'),
    requiredFields: { ...json('required_fields'), default: {} },
    purpose: { ...text(), default: '' },
    isListed: { type: 'boolean', name: 'is_listed', default: true },
    signup: { ...text(), default: 'by-hand' },
    reveal: { ...text(), default: 'always' },
    revealAddresses: { type: 'text', name: 'reveal_addresses', array: true, default: [] },
    tokenMaxAgeDays: maybeNumber('token_max_age_days'),
    redirectUris: { type: 'text', name: 'redirect_uris', array: true, default: [] },
    publicKeys: { ...json('public_keys'), default: [] },
    createdAt: created,
  },
});

export const ClientSecrets = new EntitySchema<ClientSecretRow>({
  name: 'client_secret',
  tableName: 'client_secrets',
  columns: {
    id: key(),
    appId: text('app_id'),
    ...secretColumns,
  },
});

export const ApiKeys = new EntitySchema<ApiKeyRow>({
  name: 'api_key',
  tableName: 'api_keys',
  columns: {
    id: key(),
    appId: text('app_id'),
    lookup: bytes('lookup'),
    pepperVersion,
    masked: text(),
    origin: text(),
    createdAt: created,
    revokedAt: maybeTime('revoked_at'),
  },
});

export const Operators = new EntitySchema<OperatorRow>({
  name: 'operator',
  tableName: 'operators',
  columns: {
    id: key(),
    name: text(),
    role: text(),
    personId: { ...text('person_id'), nullable: true },
    lookup: { ...bytes('lookup'), nullable: true },
    pepperVersion,
    masked: { ...text(), nullable: true },
    createdAt: created,
    disabledAt: maybeTime('disabled_at'),
  },
});

export const Districts = new EntitySchema<DistrictRow>({
  name: 'district',
  tableName: 'districts',
  columns: {
    id: key(),
    name: text(),
    recordKey: bytes('record_key'),
    sandboxOf: { ...text('sandbox_of'), nullable: true },
    seq: { type: 'bigint', default: 0 },
    lastImportAt: maybeTime('last_import_at'),
    tokenMaxAgeDays: maybeNumber('token_max_age_days'),
    exposure: { ...text(), default: 'rotate' },
    createdAt: created,
  },
});

export const Grants = new EntitySchema<GrantRow>({
  name: 'grant',
  tableName: 'grants',
  columns: {
    districtId: key('district_id'),
    id: key(),
    appId: text('app_id'),
    status: text(),
    selection: json('selection'),
    fields: json('fields'),
    fingerprint: text(),
    startsAt: maybeTime('starts_at'),
    endsAt: maybeTime('ends_at'),
    narrowingTo: { ...json('narrowing_to'), nullable: true },
    awaits: { ...text(), nullable: true },
    createdAt: created,
    changedAt: { ...time('changed_at'), default: () => 'now()' },
  },
});

export const Tokens = new EntitySchema<TokenRow>({
  name: 'token',
  tableName: 'tokens',
  columns: {
    districtId: key('district_id'),
    id: key(),
    grantId: text('grant_id'),
    appId: text('app_id'),
    ...secretColumns,
    noticeDays: maybeNumber('notice_days'),
  },
});

export const PortalTokens = new EntitySchema<PortalTokenRow>({
  name: 'portal_token',
  tableName: 'portal_tokens',
  columns: {
    districtId: key('district_id'),
    id: key(),
    name: text(),
    lookup: bytes('lookup'),
    pepperVersion,
    masked: text(),
    createdAt: created,
    revokedAt: maybeTime('revoked_at'),
  },
});

export const Invitations = new EntitySchema<InvitationRow>({
  name: 'invitation',
  tableName: 'invitations',
  columns: {
    appId: key('app_id'),
    id: key(),
    districtId: { ...text('district_id'), nullable: true },
    lookup: bytes('lookup'),
    pepperVersion,
    note: { ...text(), default: '' },
    createdAt: created,
    expiresAt: time('expires_at'),
    withdrawnAt: maybeTime('withdrawn_at'),
    acceptedAt: maybeTime('accepted_at'),
    grantId: { ...text('grant_id'), nullable: true },
  },
});

export const TokenSeals = new EntitySchema<TokenSealRow>({
  name: 'token_seal',
  tableName: 'token_seals',
  columns: { districtId: key('district_id'), tokenId: key('token_id'), sealed: bytes('sealed') },
});

export const Imports = new EntitySchema<ImportRow>({
  name: 'import',
  tableName: 'imports',
  columns: {
    districtId: key('district_id'),
    id: key(),
    status: text(),
    seq: { type: 'bigint', nullable: true },
    baseSeq: { type: 'bigint', name: 'base_seq', nullable: true },
    contentHash: { ...bytes('content_hash'), nullable: true },
    kinds: { type: 'jsonb', nullable: true },
    problems: { ...json('problems'), default: [] },
    problemCounts: { ...json('problem_counts'), default: [] },
    heldKinds: { ...json('held_kinds'), default: [] },
    startedBy: { ...text('started_by'), nullable: true },
    startedAt: { ...time('started_at'), createDate: true },
    finishedAt: maybeTime('finished_at'),
  },
});

export const RatePolicies = new EntitySchema<RatePolicyRow>({
  name: 'rate_policy',
  tableName: 'rate_policies',
  columns: {
    name: key(),
    subject: text(),
    requestsMax: { type: 'integer', name: 'requests_max' },
    windowSeconds: { type: 'integer', name: 'window_seconds', nullable: true },
    burst: { type: 'integer', nullable: true },
    mode: text(),
    changedAt: { ...time('changed_at'), default: () => 'now()' },
  },
});

export const RateOverrides = new EntitySchema<RateOverrideRow>({
  name: 'rate_override',
  tableName: 'rate_overrides',
  columns: {
    id: key(),
    policy: text(),
    appId: { ...text('app_id'), nullable: true },
    districtId: { ...text('district_id'), nullable: true },
    requestsMax: { type: 'integer', name: 'requests_max' },
    windowSeconds: { type: 'integer', name: 'window_seconds', nullable: true },
    burst: { type: 'integer', nullable: true },
    mode: text(),
    reason: text(),
    expiresAt: maybeTime('expires_at'),
    approvedBy: text('approved_by'),
    createdAt: { ...time('created_at'), default: () => 'now()' },
  },
});

export const AuditLog = new EntitySchema<AuditRow>({
  name: 'audit_entry',
  tableName: 'audit_log',
  columns: {
    id: { type: 'bigint', primary: true, generated: true },
    at: { ...time('at'), createDate: true },
    actorType: text('actor_type'),
    actorId: { ...text('actor_id'), nullable: true },
    action: text(),
    subjectType: text('subject_type'),
    subjectId: text('subject_id'),
    districtId: { ...text('district_id'), nullable: true },
    before: { type: 'jsonb', nullable: true },
    after: { type: 'jsonb', nullable: true },
    requestId: { ...text('request_id'), nullable: true },
  },
});

export const entities = [
  Partners,
  Apps,
  ClientSecrets,
  ApiKeys,
  Operators,
  Districts,
  Grants,
  Tokens,
  TokenSeals,
  PortalTokens,
  Invitations,
  Imports,
  RatePolicies,
  RateOverrides,
  AuditLog,
];
