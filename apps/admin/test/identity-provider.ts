import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type KoaContextWithOIDC } from 'oidc-provider';

/** What the provider says of whoever signs in there. */
export interface Claims {
  email?: string;
  email_verified?: boolean;
}

/** A real OpenID provider on loopback, at which whoever comes is `claims` without being asked. */
export class IdentityProvider {
  claims: Claims = {};
  /** Refuses whoever comes, as a person does who presses Cancel. */
  isDenying = false;
  #server: Server | undefined;
  #port = 0;

  readonly client = { id: 'hallpass', secret: 'a-secret-of-a-test' };

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(redirectUri: string): Promise<void> {
    const server = createServer().listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    const provider = new Provider(this.issuer, {
      clients: [
        { client_id: this.client.id, client_secret: this.client.secret, redirect_uris: [redirectUri] },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      cookies: { keys: ['a key of a test'] },
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_: KoaContextWithOIDC, { uid }) => `/interaction/${uid}` },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...this.claims }) }),
      async loadExistingGrant(context) {
        const { client, session } = context.oidc;
        const grant = new context.oidc.provider.Grant({
          clientId: client?.clientId as string,
          accountId: session?.accountId as string,
        });
        grant.addOIDCScope('openid email');
        await grant.save();
        return grant;
      },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => {
      if (!request.url?.startsWith('/interaction/')) {
        void answer(request, response);
        return;
      }
      const result = this.isDenying
        ? { error: 'access_denied' }
        : { login: { accountId: `account ${(accounts += 1)}`, remember: false } };
      void provider.interactionFinished(request, response, result);
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    await once(server.close(), 'close');
  }

  /** Goes where the sign-in page sends a browser, until the provider sends it back; the address it is sent back to. */
  async visit(url: string): Promise<URL> {
    const cookies = new Map<string, string>();
    for (let next = url; ;) {
      if (!next.startsWith(this.issuer)) return new URL(next);
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(next, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (!location) throw new Error(`the provider answered ${response.status} ${await response.text()}`);
      next = new URL(location, next).href;
    }
  }
}

let accounts = 0;
