/** What the admin API takes and gives, as its JSON has it. Instants are ISO 8601 text. */

export interface Partner {
  id: string;
  name: string;
}

/** Somebody who has been invited; `link` where the installation sends no mail. */
export interface InvitedPerson {
  id: string;
  email: string;
  role: string;
  link?: string;
}

export interface District {
  id: string;
  name: string;
}

/** What an app was served of a district on a day. */
export interface AccessLogEntry {
  day: string;
  app: { id: string; name: string };
  credentialType: string;
  kind: string;
  calls: number;
  records: number;
}

export interface App {
  id: string;
  partnerId: string;
  name: string;
  clientId: string;
}

/** Secrets are in this answer and in no later one. */
export interface CreatedApp extends App {
  clientSecret: string;
  apiKey?: string;
}

export interface CreateAppRequest {
  partnerId: string;
  name: string;
  /** The kinds and fields the app asks for; all, when left out. */
  request?: unknown;
  apiKey?: boolean;
}

export type Selection =
  | { type: 'everything' }
  | { type: 'schools'; schoolIds: string[] }
  | { type: 'sections'; sectionIds: string[] }
  | { type: 'rules'; rules: unknown[] };

export interface Grant {
  id: string;
  appId: string;
  districtId: string;
  status: string;
  selection?: Selection;
  /** What is shared, by kind. */
  fields?: Record<string, string[]>;
}

export interface Explanation {
  verdict: string;
  because: string;
  refusal: string | null;
  shownSince: string | null;
  shownUntil: string | null;
  deletedBy: string | null;
  deletedAt: string | null;
  hiddenFields?: string[];
}

/** What staff set of an app; what is left out stays as it is. */
export interface AppSettings {
  purpose?: string;
  isListed?: boolean;
  isEnabled?: boolean;
  signup?: string;
  reveal?: string;
  revealAddresses?: string[];
  /** Days; null: no limit. */
  tokenMaxAgeDays?: number | null;
  redirectUris?: string[];
  publicKeys?: unknown;
}

export interface DistrictSettings {
  tokenMaxAgeDays?: number | null;
  exposure?: string;
}

/** How a secret is replaced. */
export interface Rotation {
  graceSeconds?: number;
  start?: 'at-once' | 'on-first-use';
}

export interface Use {
  address: string;
  userAgent: string;
  firstAt: string;
  lastAt: string;
  uses: number;
}

/** A secret's dates and its mask; never itself. */
export interface SecretLife {
  id: string;
  masked: string;
  state: string;
  createdAt: string;
  retiresAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
  uses?: Use[];
}

export interface RotatedToken {
  tokenId: string;
  masked: string;
  replaces: string;
  retiresAt: string | null;
}

/** The secret is in this answer and in no later one. */
export interface RotatedClientSecret {
  clientSecretId: string;
  clientSecret: string;
  replaces: string | null;
  retiresAt: string | null;
}

export interface PortalToken {
  id: string;
  name: string;
  masked: string;
  createdAt: string;
  revokedAt: string | null;
}

export interface KeyState {
  primary: number;
  configured: number[];
  uses: { version: number; dataKeys?: number; secrets?: number }[];
}

export interface KeyStatus {
  masterKey: KeyState;
  pepper: KeyState;
}

/** The token is in this answer and in no later one. */
export interface ApprovedGrant extends Grant {
  token: string;
  tokenId: string;
}

export interface SharingRequest {
  selection?: Selection;
  hideFields?: string[];
  /** Of a change alone. */
  showFields?: string[];
  /** ISO instants; null takes a limit away. */
  startsAt?: string | null;
  endsAt?: string | null;
}

export interface Token {
  id: string;
  grantId?: string;
  districtId?: string;
  createdAt?: string;
}

export interface ApiKey {
  id: string;
  createdAt?: string;
  revokedAt?: string | null;
}

export interface KindChange {
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
}

export interface ImportProblem {
  class: string;
  code: string;
  file?: string;
  line?: number;
  column?: string;
  message: string;
  mend: string;
}

export interface ProblemCount {
  class: string;
  code: string;
  file?: string;
  count: number;
}

export type ImportStatus =
  'running' | 'held' | 'published' | 'unchanged' | 'refused' | 'failed' | 'discarded';

export interface Import {
  id: string;
  districtId: string;
  status: ImportStatus;
  seq: number | null;
  kinds: Record<string, KindChange>;
  problems: ImportProblem[];
  problemCounts: ProblemCount[];
  heldKinds?: string[];
  startedAt: string;
  finishedAt: string | null;
}

export interface SunsetPlan {
  announcedAt: string | null;
  steps: { from: string; requestsPerMinute: number; mode?: 'enforce' | 'shadow' }[];
  brownouts: { from: string; until: string }[];
  refusedAt: string | null;
}

export interface NamedApp {
  id: string;
  name: string;
}

export interface AppPlan {
  appId: string;
  plan: SunsetPlan;
  reason: string;
}

/** The plan, its exceptions, and the changes that wait. */
export interface PlanInForce extends SunsetPlan {
  appPlans?: AppPlan[];
  proposals?: SunsetProposal[];
}

/** How far one app has come from its API key to tokens. */
export interface Migration {
  appId: string;
  appName: string;
  partnerName: string;
  readiness: 'not-started' | 'moving' | 'ready' | 'idle' | 'done';
  nextStep: string;
  stage: { stage: string; requestsPerMinute?: number };
  endsAt: string | null;
  daysLeft: number | null;
  keyUsedAt: string | null;
  districts: number;
  districtsOnTokens: number;
  keyCalls: number;
  tokenCalls: number;
  shareMoved: number | null;
}

/** A change of the plan that waits for a second person, or waited. */
export interface SunsetProposal {
  id: string;
  change: { type: 'plan' | 'app-plan' | 'extension'; appId?: string };
  apps: NamedApp[];
  status: 'waiting' | 'approved' | 'declined';
  proposedBy: string;
  proposedAt: string;
}

/** The answer to a change that was not made yet. */
export interface Proposed {
  proposal: SunsetProposal;
}

export interface Rehearsal {
  recorded: { from: string; until: string };
  moments: {
    stage: 'tried' | 'slowed' | 'brownout' | 'refused';
    from: string;
    until: string;
    requestsPerMinute: number | null;
    callsRefused: number;
    apps: (NamedApp & { callsRefused: number })[];
  }[];
  inUse: number;
  neverUsedToken: NamedApp[];
  cut: NamedApp[];
}

export interface AuditEntry {
  id: string | number;
  at?: string;
  /** operator, app, district or system. */
  actorType?: string;
  actorId?: string | null;
  action?: string;
  subjectType?: string;
  subjectId?: string;
}

export interface LimitNumbers {
  requestsMax: number;
  /** Null of a limit on requests in flight. */
  windowSeconds: number | null;
  /** Units that may come at once; as many as requestsMax, when left out. */
  burst?: number | null;
  mode: 'enforce' | 'shadow';
}

export interface RatePolicy extends LimitNumbers {
  name: string;
}

/** Other numbers of a policy for an app, a district, or an app in a district. */
export interface RateOverride extends LimitNumbers {
  policy: string;
  appId?: string | null;
  districtId?: string | null;
  reason: string;
  expiresAt?: string | null;
}

export interface Page<T> {
  data: T[];
  next: string | null;
}

/** An RFC 9457 problem. */
export interface Problem {
  type?: string;
  title: string;
  status?: number;
  detail?: string;
  code?: string;
  requestId?: string;
  faults?: { field: string; message: string }[];
}
