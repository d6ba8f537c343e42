/** Injection tokens. */
export const INSTALLATION_KEYS = Symbol('installation keys');
export const SERVICE_CONFIG = Symbol('service configuration');
export const SERVICE_NAME = Symbol('service name');
