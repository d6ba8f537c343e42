import { writeProblem, type WriteError } from '@hallpass/service-kit';

/**
 * Clients written for Clever read `error` or `message`, each a plain string. A roster route's errors carry both beside the
 * members of the problem; everything else is a plain problem.
 */
export const writeCleverError: WriteError = (body, problem, request) => {
  const plain = writeProblem(body, problem, request);
  if (!/^\/+v\d/.test(request.url)) return plain;
  const text = `${body.title} ${body.detail === body.title ? '' : body.detail}`.trim();
  return { ...plain, body: { ...body, error: text, message: text } };
};
