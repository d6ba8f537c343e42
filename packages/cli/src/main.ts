import { type Command, CommanderError } from 'commander';
import { program } from './program.js';
import { UsageError, report } from './run.js';

const asJson = process.argv.includes('--json');

/** Commander's own complaints become ours: exit 2, and JSON when asked for. Help and its exit code stay commander's. */
function tame(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  for (const each of command.commands) tame(each);
}

// Whoever reads what is printed may have enough of it, as `head` does: that is an end like any other.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const root = program();
tame(root);
try {
  await root.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) report(error, asJson);
  else if (error.code === 'commander.help') process.exitCode = 2;
  else if (error.exitCode !== 0) report(new UsageError(error.message.replace(/^error: /, '')), asJson);
}
