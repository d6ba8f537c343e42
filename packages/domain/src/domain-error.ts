/** Every way in which a well-formed command is refused. Codes are stable; sentences are not. */
export const DOMAIN_ERROR_CODES = [
  'not-found',
  'name-taken',
  'id-taken',
  'grant-exists',
  'grant-action-closed',
  'grant-changed',
  'unknown-school',
  'unknown-section',
  'selection-invalid',
  'field-required',
  'unknown-field',
  'field-not-requested',
  'nothing-shared',
  'key-unusable',
  'key-known',
  'plan-faulty',
  'proposal-decided',
  'proposal-outdated',
  'second-person-needed',
  'keys-unreadable',
  'policy-faulty',
  'import-running',
  'import-not-held',
  'import-superseded',
  'cursor-invalid',
  'cursor-expired',
  'events-expired',
  'rotation-running',
  'rotation-not-running',
  'grace-invalid',
  'secret-ended',
  'invitation-ended',
  'request-answered',
  'public-key-unusable',
  'platform-events-expired',
  'webhook-address-refused',
  'webhook-disabled',
  'webhooks-too-many',
  'password-weak',
  'last-owner',
  'member-exists',
  'person-needed',
  'totp-code-wrong',
] as const;
export type DomainErrorCode = (typeof DOMAIN_ERROR_CODES)[number];

export interface Fault {
  field: string;
  message: string;
}

/** A command refused by a rule. Carries no HTTP status: the catalogue of problems gives it one. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: DomainErrorCode, detail: string, faults: readonly Fault[] = []) {
    super(detail);
    this.name = 'DomainError';
    this.code = code;
    this.faults = faults;
  }
}
