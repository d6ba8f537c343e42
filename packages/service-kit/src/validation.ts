import type { Fault } from '@hallpass/domain';
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem } from './problems/problem.js';

/** Checks that a body is well formed and names every fault of it; what a DTO does not know is refused. */
export function bodyValidation(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      new Problem('request-invalid', {
        detail: 'Some fields are not as they should be; `faults` lists them.',
        faults: errors.flatMap((error) => faultsOf(error, '')),
      }),
  });
}

function faultsOf(error: ValidationError, path: string): Fault[] {
  const field = path === '' ? error.property : `${path}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, field))];
}
