import { rows } from '@hallpass/database';
import { Public } from '@hallpass/service-kit';
import { Controller, Get, Header } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface ShownMail {
  id: string;
  recipients: string[];
  subject: string;
  body: string;
  createdAt: Date;
}

/** The demo's mail page: what would be sent, the newest first; with MOVABLE_CLOCK alone, and so on loopback alone. */
@Controller('v1/demo/mails')
export class DemoMailsController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Public()
  @Header('cache-control', 'no-store')
  async list(): Promise<{ data: ShownMail[] }> {
    const text = `select id, recipients, subject, body, created_at "createdAt" from mails order by number desc limit 100`;
    return { data: await rows<ShownMail>(this.dataSource, text) };
  }
}
