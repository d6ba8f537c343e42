import type { Audience, Mail } from '@hallpass/database';
import { Inject, Injectable } from '@nestjs/common';
import { SealingServiceConfig, type ServiceConfig } from '../config/service-config.js';
import { SERVICE_CONFIG } from '../tokens.js';

type Letter = Omit<Mail, 'recipients'>;

const IGNORE = 'If you did not expect this, ignore it: nothing happens without the link.';

/** What people are told by mail about their account. */
@Injectable()
export class PersonMails {
  constructor(@Inject(SERVICE_CONFIG) private readonly config: ServiceConfig) {}

  /** Whether mails are sent from here; otherwise whoever invites hands the link on. */
  get isSent(): boolean {
    return this.config instanceof SealingServiceConfig && this.config.sendsMail;
  }

  /** Whether mails are written down: in a demo they are, for its mail page, though nothing sends them. */
  get isWritten(): boolean {
    return this.isSent || this.config.MOVABLE_CLOCK;
  }

  /** The code stands behind `#`, where no server and no log sees it. */
  linkOf(audience: Audience, code: string): string {
    return `${this.#pages(audience)}/link#${code}`;
  }

  /** For somebody who is new, with the link; for others, that they belong to something more. */
  invitation(audience: Audience, invitedTo: string | undefined, code: string | undefined): Letter {
    const to = invitedTo ?? 'the staff of Hallpass';
    const link = code === undefined ? this.#pages(audience) : this.linkOf(audience, code);
    const next =
      code === undefined ? 'Sign in as ever:' : 'Choose a password by this link, within seven days:';
    return {
      subject: `You have been invited to ${to}`,
      body: `You have been invited to ${to} on Hallpass.\n\n${next}\n${link}\n\n${IGNORE}\n`,
      isPrivate: code !== undefined,
    };
  }

  reset(link: string): Letter {
    return {
      subject: 'Your password for Hallpass',
      body: `Somebody, probably you, asked for another password for this address.\n\nChoose it by this link, within an hour:\n${link}\n\n${IGNORE}\n`,
      isPrivate: true,
    };
  }

  passwordChanged(): Letter {
    return {
      subject: 'Your password for Hallpass was changed',
      body: 'Your password was changed, and you were signed out everywhere else.\n\nIf that was not you, ask for another password on the sign-in page at once.\n',
    };
  }

  #pages(audience: Audience): string {
    return this.config instanceof SealingServiceConfig
      ? this.config.pagesUrl(audience).replace(/\/$/, '')
      : '';
  }
}
