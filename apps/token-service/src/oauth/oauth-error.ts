import { writeProblem, type ProblemCode, type WriteError } from '@hallpass/service-kit';

/** RFC 6749 5.2's words for what our catalogue says; whatever is not the client's credential is the request's fault. */
const ERROR_OF_CODE: Partial<Record<ProblemCode, string>> = {
  'credentials-missing': 'invalid_client',
  'credentials-malformed': 'invalid_client',
  'credentials-unknown': 'invalid_client',
  'address-not-allowed': 'access_denied',
  'grant-type-unsupported': 'unsupported_grant_type',
  'target-invalid': 'invalid_target',
  'code-invalid': 'invalid_grant',
  'client-not-permitted': 'unauthorized_client',
  'rate-limited': 'slow_down',
  'authority-unavailable': 'temporarily_unavailable',
  'storage-unavailable': 'temporarily_unavailable',
  unexpected: 'server_error',
};

/** OAuth's error body on the OAuth routes, with the problem's code and request id beside it; elsewhere a plain problem. */
export const writeOAuthError: WriteError = (body, problem, request) => {
  if (!/^\/+oauth\//.test(request.url)) return writeProblem(body, problem, request);
  const isToken = /^\/+oauth\/tokeninfo/.test(request.url) && body.status === 401;
  return {
    contentType: 'application/json; charset=utf-8',
    body: {
      error: isToken ? 'invalid_token' : (ERROR_OF_CODE[problem.code] ?? 'invalid_request'),
      error_description: body.detail,
      error_uri: body.type,
      code: problem.code,
      requestId: body.requestId,
      ...problem.options.extensions,
    },
  };
};
