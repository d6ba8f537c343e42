import { writeMail, type Mail, type Sql } from '@hallpass/database';
import { nextTry } from '@hallpass/domain';
import { SERVICE_CONFIG } from '@hallpass/service-kit';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { DataSource } from 'typeorm';
import type { TokenServiceConfig } from '../config.js';
import { MailsRepository, type ClaimedMail } from './mails.repository.js';

const POLL_MS = 5000;
const AT_ONCE = 10;
const PATIENCE_MS = 20_000;

/**
 * Sends mail by SMTP, where it is configured: from an outbox, so that nothing that was told is lost to a mail server that is
 * away. Without SMTP nothing is written either, but in a demo,
 * whose mail page shows it.
 */
@Injectable()
export class Mailer implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('mail');
  readonly #transport: Transporter | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly mails: MailsRepository,
    @Inject(SERVICE_CONFIG)
    private readonly config: Pick<TokenServiceConfig, 'SMTP_URL' | 'MAIL_FROM'> &
      Partial<Pick<TokenServiceConfig, 'MOVABLE_CLOCK'>>,
  ) {
    if (config.SMTP_URL === '') return;
    const times = {
      connectionTimeout: PATIENCE_MS,
      greetingTimeout: PATIENCE_MS,
      socketTimeout: PATIENCE_MS,
    };
    this.#transport = createTransport({ url: config.SMTP_URL, ...times }, { from: config.MAIL_FROM });
  }

  onApplicationBootstrap(): void {
    if (!this.#transport) return;
    this.#timer = setInterval(() => {
      this.#sending = this.#sending.then(() => this.#tick());
    }, POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    this.#transport?.close();
  }

  /** Writes a mail down, in the transaction of what it tells; nothing when nobody is to be told or nothing can be sent. */
  async write(tx: Sql, mail: Mail): Promise<void> {
    const isWritten = this.#transport !== undefined || this.config.MOVABLE_CLOCK === true;
    if (isWritten && mail.recipients.length > 0) await writeMail(tx, mail);
  }

  /** Sends what is due; how many that were. */
  async sendDue(): Promise<number> {
    let sent = 0;
    for (;;) {
      const claimed = await this.mails.claim(this.dataSource, AT_ONCE);
      if (claimed.length === 0) return sent;
      for (const mail of claimed) {
        const result = await this.#send(mail);
        const again = result === 'failed' ? nextTry(mail.attempt, new Date(), Math.random()) : undefined;
        await this.mails.settle(this.dataSource, mail, again ?? (result === 'sent' ? 'sent' : 'dead'));
        sent += 1;
      }
    }
  }

  async #tick(): Promise<void> {
    try {
      await this.sendDue();
      await this.mails.prune(this.dataSource, new Date());
    } catch (error) {
      this.#logger.error({ stack: (error as Error).stack });
    }
  }

  async #send({ id, recipients, subject, body }: ClaimedMail): Promise<'sent' | 'refused' | 'failed'> {
    try {
      await this.#transport?.sendMail({
        to: [...recipients],
        subject,
        text: body,
        messageId: `<${id}@hallpass>`,
      });
      return 'sent';
    } catch (error) {
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      // What a mail server says may hold addresses: its codes alone are written down.
      this.#logger.warn({ mailId: id, code, responseCode });
      return responseCode !== undefined && responseCode >= 500 ? 'refused' : 'failed';
    }
  }
}
