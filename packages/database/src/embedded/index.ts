export { EmbeddedPostgresError } from './embedded-postgres-error.js';
export { LockHeldError, type ProcessLock, holdLock } from './process-lock.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  freePort,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from './start-embedded-postgres.js';
