import type { SunsetNotice } from '@hallpass/domain';

/** Deprecation (RFC 9745, a structured date), Sunset (RFC 8594, an HTTP date) and where to read on. */
export function sunsetHeaders(notice: SunsetNotice | null, docsUrl: string): Record<string, string> {
  if (!notice) return {};
  const page = `${docsUrl}/retiring-api-keys`;
  const links = [
    `<${page}>; rel="deprecation"; type="text/html"`,
    `<${page}#tokens>; rel="successor-version"`,
  ];
  if (notice.sunsetAt) links.push(`<${page}#dates>; rel="sunset"; type="text/html"`);
  return {
    deprecation: `@${Math.floor(notice.deprecatedAt.getTime() / 1000)}`,
    ...(notice.sunsetAt ? { sunset: notice.sunsetAt.toUTCString() } : {}),
    link: links.join(', '),
  };
}
