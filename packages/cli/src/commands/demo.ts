import { Command } from 'commander';
import { instant, runs } from '../run.js';

export function demo(): Command {
  const command = new Command('demo').description('what only a demo on loopback has');
  runs(
    command
      .command('clock')
      .description('move the clock that the sunset plan, credentials and grants go by')
      .argument('<date>', 'what it shall show now; "now": the time that it is')
      .addHelpText('after', '\nExample:\n  hallpass demo clock 2027-07-01'),
    async (admin, _options, date = '') => {
      const moved = await admin.moveDemoClock(date === 'now' ? new Date().toISOString() : instant(date));
      return { json: moved, text: `The demo's clock shows ${moved.now}.` };
    },
  );
  return command;
}
