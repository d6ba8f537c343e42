import { Problem } from '@hallpass/service-kit';
import type { HttpMethod, Route } from './route.js';

/** A call that Clever has and we do not: it answers 501, to whoever is let in at all. */
export function unsupportedRoute(method: HttpMethod, path: string, tag: string, summary: string): Route {
  return {
    method,
    path,
    tag,
    summary: `${summary} (not supported)`,
    named: undefined,
    isList: false,
    parameters: [],
    includes: {},
    form: { of: 'nothing' },
    answer() {
      throw notSupported(tag);
    },
  };
}

export function notSupported(what: string): Problem {
  return new Problem('not-implemented', {
    detail: `This installation does not serve ${what}. Trying again does not help.`,
  });
}
