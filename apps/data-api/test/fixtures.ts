import 'reflect-metadata';
import { TestDirectory } from '@hallpass/database/testing';
import { AuthorityWatch, createService, readConfig } from '@hallpass/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataApiConfig } from '../src/config.js';
import { dataApi } from '../src/data-api.js';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  // Bodies are checked field by field where it matters.
  body: any; // oxlint-disable-line typescript/no-explicit-any -- a test reads bodies of every shape
}

/** The real data API on a database of its own. */
export class TestDataApi {
  private constructor(
    readonly directory: TestDirectory,
    readonly app: NestFastifyApplication,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<TestDataApi> {
    const directory = await TestDirectory.open();
    const config = readConfig(DataApiConfig, { ...directory.environment, ...env });
    const app = await createService(dataApi(config, true));
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new TestDataApi(directory, app);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.directory.close();
  }

  /** Lets the service look for changes of authority now, rather than within half a second. */
  heed(): Promise<void> {
    return this.app.get(AuthorityWatch).look();
  }

  get(url: string, authorization?: string, address = '127.0.0.1'): Promise<Answer> {
    return this.ask('GET', url, authorization, address);
  }

  /** Where the service listens, for clients that are not told what they may ask. */
  async listen(): Promise<string> {
    await this.app.listen(0, '127.0.0.1');
    return this.app.getUrl();
  }

  /** Limits every token and key to so many requests a day. */
  async limitRequests(requestsMax: number): Promise<void> {
    const { dataSource } = this.directory;
    await dataSource.query('delete from rate_policies');
    await dataSource.query(
      `insert into rate_policies values ('token', 'token', $1, 86400, 'enforce'), ('api-key', 'api-key', $1, 86400, 'enforce')`,
      [requestsMax],
    );
    await dataSource.query(
      `insert into authority_changes (subject_type, subject_id) values ('rules', 'test')`,
    );
    await this.heed();
  }

  async ask(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'HEAD',
    url: string,
    authorization?: string,
    address = '127.0.0.1',
  ): Promise<Answer> {
    const response = await this.app.inject({
      method,
      url,
      remoteAddress: address,
      headers: authorization === undefined ? {} : { authorization },
    });
    const text = response.body;
    const isJson = /[/+]json/.test(String(response.headers['content-type']));
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  /** Every record of a list, by following its links, and how many pages it took. */
  async pull(url: string, authorization: string, between?: (page: number) => Promise<void>) {
    const data: any[] = []; // oxlint-disable-line typescript/no-explicit-any -- records of every kind
    let next: string | undefined = url;
    let pages = 0;
    while (next) {
      const { status, body } = await this.get(next, authorization);
      if (status !== 200) throw new Error(`${next} answered ${status}`);
      data.push(...body.data.map((each: { data: unknown }) => each.data));
      next = body.links.find((link: { rel: string }) => link.rel === 'next')?.uri;
      pages += 1;
      await between?.(pages);
    }
    return { data, pages };
  }
}

export const bearer = (token: string) => `Bearer ${token}`;
export const basic = (user: string, password = '') =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
