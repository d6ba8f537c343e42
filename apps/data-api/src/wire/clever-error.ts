import { writeProblem, type WriteError } from '@hallpass/service-kit';

/**
 * Clients written for Clever read `error` or `message`, each a plain string. A roster route's errors carry both beside the
 * members of the problem; everything else is a plain problem. Of a version that is not served they expect these very words,
 * and no data. Beyond the limit clients of the first version expect no body at all.
 */
export const writeCleverError: WriteError = (body, problem, request) => {
  const plain = writeProblem(body, problem, request);
  if (!/^\/+(v\d|me\/*(\?|$))/.test(request.url)) return plain;
  if (body.code === 'rate-limited' && /^\/+v1/.test(request.url))
    return { contentType: 'text/plain; charset=utf-8', body: '' };
  if (body.code === 'version-unsupported')
    return { ...plain, body: { ...body, error: body.title, message: body.title, data: null } };
  const text = `${body.title} ${body.detail === body.title ? '' : body.detail}`.trim();
  return { ...plain, body: { ...body, error: text, message: text } };
};
