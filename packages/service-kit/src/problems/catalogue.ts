import type { DomainErrorCode, RefusalReason } from '@hallpass/domain';

/** Problems that belong to HTTP rather than to a rule. */
export const HTTP_PROBLEM_CODES = [
  'credentials-missing',
  'credentials-malformed',
  'credentials-unknown',
  'permission-missing',
  'request-invalid',
  'limit-too-large',
  'query-too-broad',
  'body-too-large',
  'media-type-unsupported',
  'route-unknown',
  'version-unsupported',
  'rate-limited',
  'not-implemented',
  'authority-unavailable',
  'storage-unavailable',
  'unexpected',
] as const;
export type HttpProblemCode = (typeof HTTP_PROBLEM_CODES)[number];

export type ProblemCode = DomainErrorCode | RefusalReason | HttpProblemCode;

interface CatalogueEntry {
  status: number;
  /** A sentence for whoever reads the answer; the detail says what happened this time. */
  title: string;
}

/**
 * The only place where a code meets a status and a public title. Leaving a code out does not compile; docs/errors.md has
 * an anchor for each.
 */
export const CATALOGUE: Readonly<Record<ProblemCode, CatalogueEntry>> = {
  'credentials-missing': { status: 401, title: 'No credential was sent.' },
  'credentials-malformed': { status: 401, title: 'The credential cannot be one of ours.' },
  'credentials-unknown': { status: 401, title: 'The credential is not known.' },
  'permission-missing': { status: 403, title: 'The credential does not permit this.' },
  'token-revoked': { status: 401, title: 'The token has been revoked.' },
  'token-expired': { status: 401, title: 'The token has expired.' },
  'grant-requested': { status: 401, title: 'The district has not yet approved this app.' },
  'grant-paused': { status: 401, title: 'The district has paused this app.' },
  'grant-revoked': { status: 401, title: 'The district has revoked this app.' },
  'grant-not-started': { status: 401, title: 'The district’s authorisation has not begun.' },
  'grant-ended': { status: 401, title: 'The district’s authorisation has ended.' },
  'grant-narrowing': { status: 503, title: 'What the district shares is being changed.' },
  'key-revoked': { status: 401, title: 'The API key has been revoked.' },
  'key-brownout': { status: 401, title: 'API keys are refused for a while, as a rehearsal of their end.' },
  'key-refused': { status: 401, title: 'API keys are no longer accepted.' },
  'app-disabled': { status: 401, title: 'The app has been disabled.' },
  'request-invalid': { status: 400, title: 'The request is not well formed.' },
  'cursor-invalid': { status: 400, title: 'The cursor does not belong here.' },
  'events-expired': { status: 410, title: 'The events after the cursor are no longer kept.' },
  'cursor-expired': { status: 410, title: 'The picture that the cursor pins is no longer kept.' },
  'limit-too-large': { status: 413, title: 'The limit is too large.' },
  'query-too-broad': { status: 400, title: 'The query asks for too much at once.' },
  'body-too-large': { status: 413, title: 'The body is too large.' },
  'media-type-unsupported': { status: 415, title: 'The body is of a type that is not read here.' },
  'route-unknown': { status: 404, title: 'There is nothing at this address.' },
  'version-unsupported': { status: 404, title: 'version not supported' },
  'not-found': { status: 404, title: 'Not found.' },
  'name-taken': { status: 409, title: 'The name is taken.' },
  'id-taken': { status: 409, title: 'The id is taken.' },
  'grant-exists': { status: 409, title: 'There is a grant already.' },
  'grant-action-closed': { status: 409, title: 'The grant does not allow this now.' },
  'grant-changed': { status: 409, title: 'The grant has been changed meanwhile.' },
  'unknown-school': { status: 422, title: 'A school is not in the roster.' },
  'unknown-section': { status: 422, title: 'A section is not in the roster.' },
  'selection-invalid': { status: 400, title: 'The selection is not well formed.' },
  'field-required': { status: 422, title: 'The app cannot do without a field.' },
  'unknown-field': { status: 422, title: 'A field is not known.' },
  'field-not-requested': { status: 422, title: 'A field was not asked for by the app.' },
  'nothing-shared': { status: 422, title: 'The grant would share nothing.' },
  'key-unusable': { status: 422, title: 'The key cannot be imported.' },
  'key-known': { status: 409, title: 'The key is known already.' },
  'plan-faulty': { status: 422, title: 'The sunset plan contradicts itself.' },
  'policy-faulty': { status: 422, title: 'The rate policy cannot be kept.' },
  'import-running': { status: 409, title: 'An import is running.' },
  'import-not-held': { status: 409, title: 'The import is not waiting for a confirmation.' },
  'platform-events-expired': {
    status: 410,
    title: 'The platform events after the cursor are no longer kept.',
  },
  'webhook-address-refused': { status: 422, title: 'No webhook can be sent to this address.' },
  'webhook-disabled': { status: 409, title: 'The webhook is disabled.' },
  'webhooks-too-many': { status: 422, title: 'The app has all the webhooks that it may have.' },
  'import-superseded': { status: 409, title: 'The roster has changed since the import was held.' },
  'rate-limited': { status: 429, title: 'Too many requests.' },
  'not-implemented': { status: 501, title: 'This call is not supported.' },
  'authority-unavailable': { status: 503, title: 'The credential cannot be checked at the moment.' },
  'storage-unavailable': { status: 503, title: 'The roster cannot be read at the moment.' },
  unexpected: { status: 500, title: 'Something went wrong on our side.' },
};
