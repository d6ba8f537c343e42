import { Inject, Injectable } from '@nestjs/common';
import { AuthorityWatch } from './access/authority-watch.js';
import { ConfigError } from './config/read-config.js';
import type { ServiceConfig } from './config/service-config.js';
import { SERVICE_CONFIG } from './tokens.js';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/**
 * What time it is for the sunset plan, for credentials and for grants. In a demo it can be moved, so that a plan of months is
 * walked through in minutes; limits, caches and logs go by the time that it really is.
 */
@Injectable()
export class Clock {
  readonly #isMovable: boolean;

  constructor(
    private readonly watch: AuthorityWatch,
    @Inject(SERVICE_CONFIG) { MOVABLE_CLOCK, HOST }: Pick<ServiceConfig, 'MOVABLE_CLOCK' | 'HOST'>,
  ) {
    if (MOVABLE_CLOCK && !LOOPBACK.includes(HOST))
      throw new ConfigError(['MOVABLE_CLOCK is for a demo: HOST has to be a loopback address']);
    this.#isMovable = MOVABLE_CLOCK;
  }

  now(): Date {
    return this.at(new Date());
  }

  /** What the clock shows at an instant. */
  at(instant: Date): Date {
    return this.#isMovable ? new Date(instant.getTime() + this.watch.rules.clockOffsetMs) : instant;
  }
}
