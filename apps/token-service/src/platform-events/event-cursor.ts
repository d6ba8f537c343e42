import { Problem } from '@hallpass/service-kit';
import type { EventPlace } from './platform-events.repository.js';

const XID_MAX = 2n ** 64n - 1n;
const NUMBER_MAX = 2n ** 63n - 1n;

/** A place in the list as it is handed out; callers do not look inside. */
export function writeCursor({ xid, number }: EventPlace): string {
  return `${BigInt(xid).toString(36)}.${BigInt(number).toString(36)}`;
}

export function readCursor(text: string): EventPlace {
  const [xid, number] = text.split('.').map(fromBase36);
  if (/^[0-9a-z]{1,13}\.[0-9a-z]{1,13}$/.test(text) && xid !== undefined && number !== undefined) {
    if (xid <= XID_MAX && number <= NUMBER_MAX) return { xid: String(xid), number: String(number) };
  }
  throw new Problem('cursor-invalid', { detail: '`after` is taken from the `next` of an answer, as it is.' });
}

function fromBase36(text: string): bigint {
  let value = 0n;
  for (const digit of text.slice(0, 13)) value = value * 36n + BigInt(Math.max(0, parseInt(digit, 36) || 0));
  return value;
}
