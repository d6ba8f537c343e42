import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/** Every fault of the environment at once, so that an operator mends it in one go. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

/**
 * Reads a configuration class from the environment: its field names are the variables' names, its initialisers the
 * defaults. Values are never repeated in an error, for they may be secrets.
 */
export function readConfig<T extends object>(Config: new () => T, env: NodeJS.ProcessEnv): T {
  const names = Object.keys(new Config());
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const text = env[name];
      return text === undefined || text === '' ? [] : [[name, text]];
    }),
  );
  const config = plainToInstance(Config, given, {
    enableImplicitConversion: true,
    exposeDefaultValues: true,
  });
  const faults = validateSync(config, { validationError: { target: false, value: false } }).flatMap((error) =>
    Object.values(error.constraints ?? {}),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}
