import { AdminError } from '@hallpass/cli';
import { EmbeddedPostgresError } from '@hallpass/database/embedded';
import { readConfig } from './config.js';
import { Hallpass } from './hallpass.js';
import { LaunchError } from './launch-error.js';
import { onceNpmIsGone } from './npm-parents.js';

const hallpass = new Hallpass((line) => void process.stdout.write(`${line}\n`));

let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    signals += 1;
    if (signals === 1) hallpass.stop();
    else hallpass.kill();
  });
}
onceNpmIsGone(() => hallpass.stop());

try {
  await hallpass.run(readConfig(process.env, process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  process.stderr.write(`\n${wordsOf(error)}\n`);
  process.exit(1);
}

/** A fault with a name is told in a sentence; anything else is a defect, and whoever mends it needs the stack. */
function wordsOf(error: unknown): string {
  if (error instanceof AdminError)
    return [error.problem.title, error.message, error.next ?? ''].join('\n').trim();
  if (error instanceof LaunchError || error instanceof EmbeddedPostgresError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
