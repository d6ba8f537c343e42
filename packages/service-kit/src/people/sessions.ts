import {
  findSession,
  firstRow,
  keyOf,
  touchSession,
  type Audience,
  type InstallationKeys,
  type ServiceName,
  type SessionRecord,
  type Sql,
} from '@hallpass/database';
import {
  equalHashes,
  hashSecret,
  isFreshSignIn,
  isLiveSession,
  isWellFormedSecret,
  mayWhileViewing,
  memberMay,
  parseId,
  SESSION_LIFE,
  type AppId,
  type DistrictId,
  type DistrictRole,
  type PartnerId,
  type PartnerRole,
  type PeopleScope,
  type PersonId,
  type SessionIntent,
  type SessionKind,
  type ViewingPlace,
  viewingShows,
} from '@hallpass/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { orUnavailable } from '../access/authority-unavailable.js';
import { AuthorityWatch } from '../access/authority-watch.js';
import { CredentialCache, cacheKeyOf } from '../access/credential-cache.js';
import { FailedSignIns } from '../access/failed-sign-ins.js';
import { SealingServiceConfig, type ServiceConfig } from '../config/service-config.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS, SERVICE_CONFIG, SERVICE_NAME } from '../tokens.js';

/** Who has signed in, where a request is let in by the session of a person. */
export interface ActingPerson {
  id: PersonId;
  role: PartnerRole | DistrictRole;
  /** Whether the password was given a short while ago. */
  isFresh: boolean;
}

/** A member of a partner or a district who has signed in. */
export interface MemberPrincipal {
  scope: Extract<PeopleScope, { id: string }>;
  person: ActingPerson;
  /** What is looked at by staff, who are shown nothing beside it; null: the person is a member. */
  viewing: ViewingPlace | null;
}

/** A person who has signed in, with the secret of the cookie. */
export interface PersonPrincipal {
  session: SessionRecord;
  secret: string;
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const TOUCH_MS = 60_000;

/** The route that ends a session: the one thing that whoever only looks may do beside looking. */
const SIGN_OUT = { method: 'DELETE', url: '/v1/session' } as const;

function intentOf({ method, url }: Pick<FastifyRequest, 'method' | 'url'>): SessionIntent {
  if (isSafe({ method })) return 'read';
  return method === SIGN_OUT.method && url === SIGN_OUT.url ? 'sign-out' : 'change';
}

export function isSafe({ method }: Pick<FastifyRequest, 'method'>): boolean {
  return SAFE_METHODS.includes(method);
}

/**
 * Sessions of people, by a cookie that only the server reads. Sent by cookie, what changes anything has to carry the session's CSRF
 * token, and comes from the service's own pages.
 */
@Injectable()
export class Sessions {
  readonly audience: Audience;
  /** Where the pages are that people sign in at. */
  readonly pagesUrl: string;
  readonly #isHttps: boolean;
  readonly #cookie: string;
  readonly #cache = new CredentialCache<SessionRecord>(({ id, personId }) => [
    `session:${id}`,
    `person:${personId}`,
  ]);

  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: AuthorityWatch,
    private readonly failures: FailedSignIns,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
    @Inject(SERVICE_NAME) service: ServiceName,
    @Inject(SERVICE_CONFIG) config: ServiceConfig,
  ) {
    this.audience = service === 'admin' ? 'staff' : 'portal';
    this.pagesUrl = config instanceof SealingServiceConfig ? config.pagesUrl(this.audience) : '';
    this.#isHttps = this.pagesUrl.startsWith('https:');
    // Cookies know no ports: on loopback the two services' must not be one.
    const name = this.audience === 'staff' ? 'hallpass-staff' : 'hallpass';
    this.#cookie = this.#isHttps ? `__Host-${name}` : name;
    watch.onChange((change) => this.#cache.forget(change));
  }

  /** The secret that a request's cookie holds. Sent twice, it is as none: which one counts would be anybody's guess. */
  secretOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
    const found = (headers.cookie ?? '')
      .split(';')
      .map((each) => each.trim())
      .filter((each) => each.startsWith(`${this.#cookie}=`))
      .map((each) => each.slice(this.#cookie.length + 1));
    return found.length === 1 ? found[0] : undefined;
  }

  /** The Set-Cookie that begins a session, or, without a secret, ends it. */
  cookieOf(secret: string | undefined, kind: SessionKind = this.#ownKind): string {
    const age = secret === undefined ? 0 : SESSION_LIFE[kind].wholeMs / 1000;
    return `${this.#cookie}=${secret ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${this.#isHttps ? '; Secure' : ''}`;
  }

  get #ownKind(): SessionKind {
    return this.audience === 'staff' ? 'staff' : 'member';
  }

  /** Which of the lives of sessions it has. */
  kindOf({ viewing }: Pick<SessionRecord, 'viewing'>): SessionKind {
    return viewing ? 'viewing' : this.#ownKind;
  }

  /** What a page sends along with what changes anything; it follows from the cookie, and nothing follows from it. */
  csrfToken(secret: string): string {
    return this.#csrf(keyOf(this.keys.peppers, this.keys.peppers.primary), secret).toString('base64url');
  }

  /** Refuses a call that a browser makes for a page of somebody else. */
  requireOwnOrigin({ headers }: Pick<FastifyRequest, 'headers'>): void {
    const { origin } = headers;
    if (origin === undefined || origin === new URL(this.pagesUrl).origin) return;
    throw new Problem('csrf-refused', { detail: 'This is called from the pages of this service alone.' });
  }

  /** Whoever has signed in; refuses a session that has ended, and a change that was not made by the session's own page. */
  async require(request: FastifyRequest, now: Date): Promise<PersonPrincipal> {
    const secret = this.secretOf(request);
    const session = secret === undefined ? undefined : await this.#find(secret, request.ip, now);
    if (secret === undefined || !session || !isLiveSession(session, this.kindOf(session), now))
      throw new Problem('credentials-missing', { detail: 'Sign in: there is no session, or it has ended.' });
    // The one place in which staff who look in the place of others are kept from everything else: all sessions pass through it.
    if (session.viewing && !mayWhileViewing(intentOf(request)))
      throw new Problem('viewing-only', {
        detail: 'You look on as staff: nothing can be changed here, and no secret is shown.',
      });
    if (!isSafe(request)) this.#requireOwnPage(request, secret);
    if (now.getTime() - session.seenAt.getTime() > TOUCH_MS) {
      session.seenAt = now;
      await orUnavailable(touchSession(this.dataSource, session.id, now));
    }
    return { session, secret };
  }

  /** The session of a secret as the database has it now. */
  read(sql: Sql, secret: string): Promise<SessionRecord | undefined> {
    return findSession(sql, this.keys, secret, this.audience);
  }

  /** The app that a member of its partner names by Hallpass-App; of a disabled one all may look only. */
  async app(request: FastifyRequest, now: Date) {
    const { session } = await this.require(request, now);
    const appId = headerId<AppId>(request, 'hallpass-app');
    const app = await this.#app(appId);
    const member = session.partners.find(({ id }) => id === app?.partnerId);
    if (!app || !member || !isShown(session, appId)) throw absent('app');
    const person = acting(session, app.isEnabled ? member.role : 'viewer', now);
    return { appId, clientId: app.clientId, clientSecretId: null, givenFor: '', person };
  }

  /** The partner or the district that a member names, the partner also by one of its apps. */
  async member(request: FastifyRequest, now: Date): Promise<MemberPrincipal> {
    const { headers } = request;
    if (headers['hallpass-district'] !== undefined) {
      const { districtId, person } = await this.district(request, now);
      return { scope: { type: 'district', id: districtId }, person, viewing: null };
    }
    const { session } = await this.require(request, now);
    const partnerId =
      headers['hallpass-app'] === undefined
        ? headerId<PartnerId>(request, 'hallpass-partner')
        : await this.#partnerOf(session, headerId<AppId>(request, 'hallpass-app'));
    const member = session.partners.find(({ id }) => id === partnerId);
    if (!member) throw absent('partner');
    return {
      scope: { type: 'partner', id: member.id },
      person: acting(session, member.role, now),
      viewing: session.viewing?.place ?? null,
    };
  }

  /** The district that a member names by Hallpass-District. */
  async district(request: FastifyRequest, now: Date) {
    const { session } = await this.require(request, now);
    const districtId = headerId<DistrictId>(request, 'hallpass-district');
    const member = session.districts.find(({ id }) => id === districtId);
    if (!member) throw absent('district');
    return { districtId, portalTokenId: null, person: acting(session, member.role, now) };
  }

  /** The operator that a person of the staff is. */
  async operator(request: FastifyRequest, now: Date) {
    const { staff } = (await this.require(request, now)).session;
    if (!staff)
      throw new Problem('permission-missing', { detail: 'This is for the platform’s staff alone.' });
    return { id: staff.operatorId, name: staff.name, role: staff.role };
  }

  async #partnerOf(session: SessionRecord, appId: AppId): Promise<PartnerId | undefined> {
    return isShown(session, appId) ? (await this.#app(appId))?.partnerId : undefined;
  }

  #app(id: AppId): Promise<{ clientId: string; partnerId: PartnerId; isEnabled: boolean } | undefined> {
    return orUnavailable(
      firstRow(
        this.dataSource,
        'select client_id "clientId", partner_id "partnerId", is_enabled "isEnabled" from apps where id = $1',
        [id],
      ),
    );
  }

  async #find(secret: string, address: string, now: Date): Promise<SessionRecord | undefined> {
    if (!isWellFormedSecret('session', secret)) return undefined;
    const load = async () => {
      this.failures.requireFew(address, now);
      const found = await findSession(this.dataSource, this.keys, secret, this.audience);
      if (!found) this.failures.count(address, now);
      return found;
    };
    const { isCurrent } = this.watch;
    return orUnavailable(isCurrent ? this.#cache.get(cacheKeyOf(secret), load, now.getTime()) : load());
  }

  #requireOwnPage(request: FastifyRequest, secret: string): void {
    this.requireOwnOrigin(request);
    const sent = request.headers['hallpass-csrf'];
    const bytes = Buffer.from(typeof sent === 'string' ? sent : '', 'base64url');
    const peppers = [...this.keys.peppers.versions.values()];
    if (peppers.some((pepper) => equalHashes(bytes, this.#csrf(pepper, secret)))) return;
    throw new Problem('csrf-refused', {
      detail: 'What changes anything carries the `csrfToken` of GET /v1/session as `Hallpass-CSRF`.',
    });
  }

  #csrf(pepper: Buffer, secret: string): Buffer {
    return hashSecret(pepper, `csrf|${secret}`);
  }
}

/** Whoever looks at one app of a partner is not shown the others. */
function isShown({ viewing }: SessionRecord, appId: AppId): boolean {
  return !viewing || viewingShows(viewing.place, appId);
}

/** Refuses what the role of a person does not permit; a server is permitted all. */
export function requireMay(
  person: ActingPerson | undefined,
  permission: 'read' | 'change' | 'manage-people',
) {
  if (!person || memberMay(person.role, permission)) return;
  throw new Problem('permission-missing', {
    detail: `The role ${person.role} does not permit this. Ask an owner.`,
  });
}

/** Refuses what demands that the password was given a short while ago. */
export function requireFresh(isFresh: boolean): void {
  if (isFresh) return;
  throw new Problem('reauthentication-needed', { detail: 'Give your password again, then try once more.' });
}

function acting(session: SessionRecord, role: ActingPerson['role'], now: Date): ActingPerson {
  return { id: session.personId, role, isFresh: isFreshSignIn(session, now) };
}

function headerId<T extends AppId | PartnerId | DistrictId>({ headers }: FastifyRequest, name: string): T {
  const text = headers[name];
  if (typeof text !== 'string')
    throw new Problem('request-invalid', {
      detail: 'Say for whom you act: Hallpass-App, Hallpass-Partner or Hallpass-District.',
    });
  const id = parseId<T>(text);
  if (!id) throw absent(name.slice(9));
  return id;
}

/** What somebody is no member of is as what is not there. */
function absent(what: string): Problem {
  return new Problem('not-found', { detail: `There is no such ${what}, or you are no member of it.` });
}
