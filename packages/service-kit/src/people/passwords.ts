import { passwordFault } from '@hallpass/domain';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { Problem } from '../problems/problem.js';

/** OWASP's least for argon2id: 19 MiB, two passes. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes a core for a few hundredths of a second: beyond so many at once sign-ins wait, and beyond a line of so many are refused. */
const AT_ONCE = 2;
const LINE_MAX = 100;

/** Hashes and checks passwords, a few at a time, so that no rush of sign-ins keeps a process from its other work. */
@Injectable()
export class Passwords implements OnModuleInit {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #common: Promise<ReadonlySet<string>> | undefined;
  #nobodys = '';

  async onModuleInit(): Promise<void> {
    this.#nobodys = await this.hash('nobody has this password');
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, ARGON2));
  }

  /** Whether it is the password; without a hash to compare with it takes as long to say no. */
  async isRight(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    const against = passwordHash ?? this.#nobodys;
    const isEqual = await this.#inTurn(() => verify(against, password));
    return isEqual && Boolean(passwordHash);
  }

  /** Refuses a new password that others have had, or that is too short. */
  async requireStrong(password: string, email: string): Promise<void> {
    const common = await (this.#common ??= commonPasswords());
    const fault = passwordFault(password, email, (text) => common.has(text));
    if (fault) throw new Problem('password-weak', { detail: fault });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= LINE_MAX)
        throw new Problem('rate-limited', {
          detail: 'Too many people are signing in at once. Try again in a few seconds.',
          headers: { 'retry-after': '5' },
        });
      // Whoever leaves hands its place on.
      await new Promise<void>((go) => this.#waiting.push(go));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** The list is large and seldom needed: it is read when the first password is set. */
async function commonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'] as readonly string[]);
}
