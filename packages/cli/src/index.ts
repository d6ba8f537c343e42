export { AdminClient, type AdminClientOptions } from './admin-client.js';
export { AdminError } from './admin-error.js';
export { type DemoFile, findConnection } from './connection.js';
export { type RosterFile, openRoster, zipFiles } from './roster-zip.js';
export { untilFinished } from './wait.js';
export type * from './wire.js';
