/** What the admin API takes and gives, as its JSON has it. Instants are ISO 8601 text. */

export interface Partner {
  id: string;
  name: string;
}

export interface District {
  id: string;
  name: string;
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
  steps: { from: string; requestsPerMinute: number }[];
  brownouts: { from: string; until: string }[];
  refusedAt: string | null;
}

export interface AuditEntry {
  id: string | number;
  at?: string;
  actor?: unknown;
  action?: string;
  subject?: unknown;
}

export interface RatePolicy {
  name: string;
  requestsMax: number;
  windowSeconds: number;
  mode: 'enforce' | 'shadow';
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
