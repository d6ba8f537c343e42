import type { Command } from 'commander';
import { UsageError } from './run.js';
import type { Rotation } from './wire.js';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time as people write it, in seconds: `0`, `90s`, `30m`, `12h`, `7d`. */
export function secondsOf(text: string, option: string): number {
  const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`${option} is a time: 0, 90s, 30m, 12h or 7d.`);
  return Number(count) * (SECONDS[unit] ?? 1);
}

/** A number of days, or `none`. */
export function daysOrNone(text: string): number | null {
  return text === 'none' ? null : wholeNumber(text, 'the age in days');
}

export function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} is a whole number.`);
  return Number(text);
}

/** The options of every command that rotates a secret. */
export function withRotation(command: Command): Command {
  return command
    .option('--grace <time>', 'how long the present one goes on: 0, 30m, 12h, 7d; a day when left out')
    .option('--on-first-use', 'count that from the first use of the new one');
}

export function toRotation(options: { grace?: string; onFirstUse?: boolean }): Rotation {
  return {
    ...(options.grace === undefined ? {} : { graceSeconds: secondsOf(options.grace, '--grace') }),
    ...(options.onFirstUse ? { start: 'on-first-use' as const } : {}),
  };
}
