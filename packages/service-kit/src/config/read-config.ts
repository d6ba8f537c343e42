import 'reflect-metadata';
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
  const config = new Config();
  for (const name of Object.keys(config)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const type: unknown = Reflect.getMetadata('design:type', Config.prototype as object, name);
    Object.assign(config, { [name]: typed(text, type) });
  }
  const faults = validateSync(config, { validationError: { target: false, value: false } }).flatMap((error) =>
    Object.values(error.constraints ?? {}),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** The text as a value of the field's type, or as it is, for the field's own rules to refuse. */
function typed(text: string, type: unknown): unknown {
  if (type === Number) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  // Not Boolean(text), to which 'false' is true.
  if (type === Boolean)
    return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()] ?? text;
  return text;
}
