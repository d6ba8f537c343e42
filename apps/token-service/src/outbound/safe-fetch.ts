import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { webhookUrlFaults, type AttemptError } from '@hallpass/domain';
import { SERVICE_CONFIG } from '@hallpass/service-kit';
import { Inject, Injectable, Optional, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request, type Dispatcher } from 'undici';
import type { TokenServiceConfig } from '../config.js';
import { isPublicAddress } from './public-address.js';

/** No answer's body is read further. */
const BODY_BYTES_MAX = 65_536;
const CONNECT_MS = 5000;

/** All addresses of a host name. */
export type ResolveHost = (host: string) => Promise<{ address: string; family: number }[]>;
/** Injection token of a ResolveHost in place of the system's. */
export const RESOLVE_HOST = Symbol('resolve host');

export interface OutboundCall {
  method?: Dispatcher.HttpMethod;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Ends the call early. */
  signal?: AbortSignal;
  /** How long it may take in all; what a webhook may, unless told otherwise. */
  timeoutMs?: number;
}

export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** At the most its first 64 KiB. */
  body: Buffer;
}

/** A call that brought no answer, by its class alone: what exactly lies behind an address is not the caller's to know. */
export class OutboundError extends Error {
  constructor(
    readonly reason: AttemptError,
    options?: ErrorOptions,
  ) {
    super(`the call failed: ${reason}`, options);
    this.name = 'OutboundError';
  }
}

/**
 * Calls addresses that strangers have named. A name is looked up once for each connection, every address that it has must be
 * a public one, and the connection goes to what was looked up and to nothing else. Redirects are answers like any other, no
 * proxy is asked, and a body is read no further than 64 KiB.
 */
@Injectable()
export class SafeFetch implements OnApplicationShutdown {
  readonly #allowsPrivate: boolean;
  readonly #callMs: number;
  readonly #resolve: ResolveHost;
  readonly #agent: Agent;

  constructor(
    @Inject(SERVICE_CONFIG) config: TokenServiceConfig,
    @Optional() @Inject(RESOLVE_HOST) resolve?: ResolveHost,
  ) {
    this.#allowsPrivate = config.WEBHOOKS_ALLOW_PRIVATE;
    this.#callMs = config.WEBHOOKS_TIMEOUT_SECONDS * 1000;
    this.#resolve = resolve ?? ((host) => systemLookup(host, { all: true, order: 'verbatim' }));
    const find = callbackify((host: string) => this.#checkedAddresses(host));
    const lookup: LookupFunction = (host, { all }, done) => {
      find(host, (error, found) => {
        if (error) done(error, '', 0);
        else if (all) done(null, found);
        else done(null, found[0]?.address ?? '', found[0]?.family);
      });
    };
    this.#agent = new Agent({
      connect: { lookup, timeout: CONNECT_MS },
      connections: 32,
      pipelining: 1,
      keepAliveTimeout: 4000,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Throws an OutboundError unless the address is one that this installation calls. */
  async check(url: string): Promise<void> {
    await this.#checkedAddresses(this.#hostOf(url));
  }

  async fetch(url: string, call: OutboundCall = {}): Promise<OutboundAnswer> {
    const host = this.#hostOf(url);
    // Of an address in figures nobody looks up a name, so nobody would check it.
    if (isIP(host)) await this.#checkedAddresses(host);
    const { method = 'GET', headers = {}, body = null, signal, timeoutMs = this.#callMs } = call;
    const deadline = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, deadline]) : deadline;
    try {
      const answer = await request(url, {
        method,
        headers,
        body,
        dispatcher: this.#agent,
        signal: ends,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      return { status: answer.statusCode, headers: answer.headers, body: await beginningOf(answer.body) };
    } catch (error) {
      throw new OutboundError(deadline.aborted ? 'timeout' : reasonOf(error), { cause: error });
    }
  }

  /** The host of an address that may be called as far as it says itself, without the brackets of IPv6. */
  #hostOf(url: string): string {
    if (webhookUrlFaults(url, this.#allowsPrivate).length > 0) throw new OutboundError('address-refused');
    // Node's URL writes an IPv4 address in four decimal parts, however it was spelt.
    return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  }

  async #checkedAddresses(host: string): Promise<{ address: string; family: number }[]> {
    const family = isIP(host);
    const found = family ? [{ address: host, family }] : await this.#lookUp(host);
    if (!this.#allowsPrivate && !found.every(({ address }) => isPublicAddress(address)))
      throw new OutboundError('address-refused');
    return found;
  }

  async #lookUp(host: string): Promise<{ address: string; family: number }[]> {
    try {
      const found = await this.#resolve(host);
      if (found.length > 0) return found;
    } catch (error) {
      throw new OutboundError('dns', { cause: error });
    }
    throw new OutboundError('dns');
  }
}

async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part.subarray(0, BODY_BYTES_MAX - length));
    length += part.length;
    // Leaving the loop ends the connection as well.
    if (length >= BODY_BYTES_MAX) break;
  }
  return Buffer.concat(parts);
}

function reasonOf(error: unknown): AttemptError {
  if (error instanceof OutboundError) return error.reason;
  const { code = '', cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (cause instanceof OutboundError) return cause.reason;
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'timeout';
  if (
    /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_OSSL|EPROTO|HOSTNAME_MISMATCH)/.test(code)
  )
    return 'tls';
  return 'connection';
}
