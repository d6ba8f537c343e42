import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  subject: string;
  text: string;
}

export interface MailServer {
  port: number;
  received: ReceivedMail[];
  /** What it says from now on to a mail. */
  answer(code: number): void;
  close(): Promise<void>;
}

/** A real SMTP server on loopback. */
export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  let code = 250;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    async onData(stream, { envelope }, callback) {
      const whole = await text(stream);
      if (code !== 250) return callback(Object.assign(new Error('not now'), { responseCode: code }));
      received.push({
        from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
        to: envelope.rcptTo.map(({ address }) => address),
        subject: /^Subject: (.*)$/m.exec(whole)?.[1]?.trim() ?? '',
        text: whole,
      });
      return callback();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    answer: (next) => (code = next),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
