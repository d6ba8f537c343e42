import { ApiError, HallpassError } from '@hallpass/client';
import type { Command } from 'commander';
import { AdminClient } from './admin-client.js';
import { AdminError } from './admin-error.js';
import { findConnection } from './connection.js';
import { NoRosterError } from './roster-zip.js';
import { cell } from './text.js';
import type { Problem } from './wire.js';

export interface Outcome {
  /** What --json prints. */
  json: unknown;
  /** What a person reads. */
  text: string;
  exitCode?: number;
}

/** The command line asks for something that cannot be meant: exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Action<Options> = (admin: AdminClient, options: Options, ...args: string[]) => Promise<Outcome>;

/**
 * Gives a command its --json and its action. The action says what to print and never prints; positional arguments follow
 * the options.
 */
export function runs<Options extends object>(command: Command, action: Action<Options>): Command {
  return command.option('--json', 'print JSON only').action(async (...given: unknown[]) => {
    const self = given.pop() as Command;
    const args = given.slice(0, -1).filter((each): each is string => typeof each === 'string');
    const options = self.optsWithGlobals<Options & { json?: boolean }>();
    try {
      const admin = new AdminClient(findConnection(process.env, process.cwd()));
      const { json, text, exitCode = 0 } = await action(admin, options, ...args);
      process.stdout.write(`${options.json ? JSON.stringify(json, null, 2) : text}\n`);
      process.exitCode = exitCode;
    } catch (error) {
      report(error, options.json ?? false);
    }
  });
}

/** Says what went wrong and what to do, on stderr, and sets the exit code. A defect of ours is thrown on. */
export function report(error: unknown, asJson: boolean): void {
  const { problem, next, exitCode } = explain(error);
  process.exitCode = exitCode;
  process.stderr.write(
    `${asJson ? JSON.stringify({ error: next ? { ...problem, next } : problem }) : sentences(problem, next)}\n`,
  );
}

function explain(error: unknown): { problem: Problem; next?: string | undefined; exitCode: number } {
  if (error instanceof AdminError) return { problem: error.problem, next: error.next, exitCode: 1 };
  if (error instanceof ApiError) {
    const { status, code, requestId, problem } = error;
    const title = problem.title ?? error.message;
    return {
      problem: { ...problem, title, status, code, ...(requestId && { requestId }) },
      next: nextFor(error),
      exitCode: 1,
    };
  }
  if (error instanceof HallpassError)
    return { problem: { title: 'No answer', detail: error.message, code: 'unreachable' }, exitCode: 1 };
  if (error instanceof UsageError) {
    return {
      problem: { title: 'Usage', detail: error.message, code: 'usage' },
      next: 'Add --help to see how.',
      exitCode: 2,
    };
  }
  if (error instanceof NoRosterError) {
    const next = 'Give a folder that holds the CSV files of a roster, or a .zip of them.';
    return { problem: { title: 'No roster', detail: error.message, code: 'no-roster' }, next, exitCode: 1 };
  }
  throw error;
}

/** What an app's engineer can do about a refusal, where the refusal itself does not say it. */
function nextFor({ status, code }: ApiError): string | undefined {
  if (code === 'credentials-unknown' || code === 'credentials-missing' || code === 'credentials-malformed')
    return 'Set HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET, or HALLPASS_TOKEN, to those of an app of this Hallpass.';
  if (status === 410) return 'Pull everything again: hallpass pull.';
  return undefined;
}

function sentences({ title, detail, faults = [], requestId }: Problem, next?: string): string {
  return [
    `error: ${cell(title)}`,
    ...(detail && detail !== title ? [cell(detail)] : []),
    ...faults.map(({ field, message }) => `  ${cell(field)}: ${cell(message)}`),
    ...(next ? [`What to do: ${next}`] : []),
    ...(requestId ? [`Request id: ${cell(requestId)}`] : []),
  ].join('\n');
}

/** A comma-separated list, or undefined when the option was not given. */
export function commaList(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A whole number above zero, for commander to read an option with. */
export function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`"${text}" is not a whole number above zero.`);
  return number;
}

/** A day or an instant as the API writes instants. A day alone begins at midnight UTC. */
export function instant(text: string): string {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new UsageError(`"${text}" is not a date. Write 2027-01-31 or 2027-01-31T08:00:00Z.`);
  }
  return date.toISOString();
}
