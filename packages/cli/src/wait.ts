import { setTimeout as pause } from 'node:timers/promises';
import type { AdminClient } from './admin-client.js';
import type { Import } from './wire.js';

const POLL_FIRST_MS = 100;
const POLL_LAST_MS = 1000;

/** The import once it runs no longer; at a terminal, a line on stderr shows that time passes. */
export async function untilFinished(admin: AdminClient, started: Import): Promise<Import> {
  const began = Date.now();
  let latest = started;
  for (
    let pollMs = POLL_FIRST_MS;
    latest.status === 'running';
    pollMs = Math.min(pollMs * 1.5, POLL_LAST_MS)
  ) {
    tell(`Importing… ${Math.round((Date.now() - began) / 1000)} s`);
    await pause(pollMs);
    latest = await admin.getImport(latest.districtId, latest.id);
  }
  tell('');
  return latest;
}

function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}
