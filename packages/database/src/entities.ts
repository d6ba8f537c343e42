import type {
  ApiKeyId,
  AppId,
  DistrictId,
  FieldList,
  GrantId,
  GrantStatus,
  Id,
  ImportId,
  ImportProblem,
  ImportStatus,
  KindChanges,
  OperatorRole,
  PartnerId,
  ProblemCount,
  RateMode,
  RateSubject,
  RecordKind,
  Selection,
  SharingRule,
  TokenId,
} from '@hallpass/domain';
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

// The directory's tables as TypeORM knows them. Schemas without classes give plain objects, so the row type is the type.
// Columns are named once, here; the tables themselves are made by the migrations.

export interface PartnerRow {
  id: PartnerId;
  name: string;
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
  createdAt: Date;
}

export interface ClientSecretRow {
  id: Id<'client-secret'>;
  appId: AppId;
  lookup: Buffer;
  masked: string;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface ApiKeyRow {
  id: ApiKeyId;
  appId: AppId;
  lookup: Buffer;
  masked: string;
  origin: 'issued' | 'imported';
  createdAt: Date;
  revokedAt: Date | null;
}

export interface OperatorRow {
  id: Id<'operator'>;
  name: string;
  role: OperatorRole;
  lookup: Buffer;
  masked: string;
  createdAt: Date;
  disabledAt: Date | null;
}

export interface DistrictRow {
  id: DistrictId;
  name: string;
  recordKey: Buffer;
  seq: number;
  lastImportAt: Date | null;
  createdAt: Date;
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
  createdAt: Date;
  changedAt: Date;
}

export interface TokenRow {
  districtId: DistrictId;
  id: TokenId;
  grantId: GrantId;
  appId: AppId;
  lookup: Buffer;
  masked: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
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
  startedBy: Id<'operator'> | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface RatePolicyRow {
  name: string;
  subject: RateSubject;
  requestsMax: number;
  windowSeconds: number;
  mode: RateMode;
  changedAt: Date;
}

export interface AuditRow {
  id: number;
  at: Date;
  actorType: 'operator' | 'system';
  actorId: Id<'operator'> | null;
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

export const Partners = new EntitySchema<PartnerRow>({
  name: 'partner',
  tableName: 'partners',
  columns: { id: key(), name: text(), createdAt: created },
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
    createdAt: created,
  },
});

export const ClientSecrets = new EntitySchema<ClientSecretRow>({
  name: 'client_secret',
  tableName: 'client_secrets',
  columns: {
    id: key(),
    appId: text('app_id'),
    lookup: bytes('lookup'),
    masked: text(),
    createdAt: created,
    revokedAt: maybeTime('revoked_at'),
  },
});

export const ApiKeys = new EntitySchema<ApiKeyRow>({
  name: 'api_key',
  tableName: 'api_keys',
  columns: {
    id: key(),
    appId: text('app_id'),
    lookup: bytes('lookup'),
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
    lookup: bytes('lookup'),
    masked: text(),
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
    seq: { type: 'bigint', default: 0 },
    lastImportAt: maybeTime('last_import_at'),
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
    lookup: bytes('lookup'),
    masked: text(),
    createdAt: created,
    expiresAt: maybeTime('expires_at'),
    revokedAt: maybeTime('revoked_at'),
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
    windowSeconds: { type: 'integer', name: 'window_seconds' },
    mode: text(),
    changedAt: { ...time('changed_at'), default: () => 'now()' },
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
  Imports,
  RatePolicies,
  AuditLog,
];
