import { Problem } from '@hallpass/service-kit';

/** The parameters of an OAuth request, each once (RFC 6749 3.2). */
export class OAuthForm {
  constructor(private readonly body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) this.body = {};
    for (const [name, value] of Object.entries(this.body as object)) {
      if (typeof value !== 'string') throw invalid(`\`${name}\` is there more than once, or is not text.`);
    }
  }

  /** The parameter's value; undefined when it is absent or empty, which means the same. */
  get(name: string): string | undefined {
    const value = (this.body as Record<string, string | undefined>)[name];
    return value === '' ? undefined : value;
  }

  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw invalid(`\`${name}\` is missing.`);
    return value;
  }
}

export function invalid(detail: string): Problem {
  return new Problem('request-invalid', { detail });
}
