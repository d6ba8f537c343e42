import { withClient } from './client.js';

export const SERVICE_NAMES = ['token-service', 'data-api', 'admin'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** The Postgres role that a service acts as; its rights are in migrations/0004-roles.sql. */
export function roleOf(service: ServiceName): string {
  return `hallpass_${service.replace('-', '_')}`;
}

/**
 * Lets each service's role log in with its password, and returns the address that each connects to. With separate logins a
 * service that is taken over cannot take on another's role.
 */
export async function ensureServiceLogins(
  url: string,
  passwords: Readonly<Record<ServiceName, string>>,
): Promise<Record<ServiceName, string>> {
  await withClient(url, async (client) => {
    for (const service of SERVICE_NAMES) {
      const password = client.escapeLiteral(passwords[service]);
      await client.query(`alter role ${roleOf(service)} login password ${password}`);
    }
  });
  const entries = SERVICE_NAMES.map((service) => {
    const address = new URL(url);
    address.username = roleOf(service);
    address.password = passwords[service];
    return [service, address.toString()];
  });
  return Object.fromEntries(entries) as Record<ServiceName, string>;
}
