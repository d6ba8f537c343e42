import { Events } from './events.js';
import {
  Courses,
  Districts,
  KINDS,
  Resources,
  Schools,
  Sections,
  Terms,
  Users,
  type District,
  type Kind,
  type RecordOf,
} from './resources.js';
import { Export, type ExportOptions } from './export.js';
import { Listing } from './listing.js';
import { type SyncOptions, type SyncStep, sync } from './sync.js';
import { type CallOptions, type ClientOptions, Transport, basic, urlFrom } from './transport.js';

/** Gives a token; when it is told of one that was refused, another one if there is one. */
export type TokenSource = (refused?: string) => string | Promise<string>;

export interface HallpassOptions extends ClientOptions {
  /** The token of one district, or what finds it. */
  token?: string | TokenSource | undefined;
  /**
   * The key of older days, which reads all districts of the app.
   * @deprecated Keys end on a published day: use a token for each district, which `HallpassApp` finds.
   */
  apiKey?: string | undefined;
  /** The data API's address; HALLPASS_DATA_API_URL or that of `npm start` when left out. */
  url?: string | undefined;
}

/** What a credential opens, as the data API tells it. */
export interface Access {
  credential: { type: string; id: string; expiresAt: string | null };
  app: { id: string; name: string };
  limits: {
    name: string;
    requests: number;
    perSeconds: number | null;
    burst: number;
    isEnforced: boolean;
  }[];
  /** Of API keys: since when they are deprecated and when they stop. */
  sunset: Record<string, unknown> | null;
  districts: { id: string; name?: string; grantId: string; lastSync: string | null; endsAt: string | null }[];
}

export interface Me {
  id: string;
  district: string;
  type: string;
}

const URL_OF_START = 'http://127.0.0.1:4002';

/** Reads the roster of one district, with its token. */
export class Hallpass {
  readonly schools: Schools;
  readonly terms: Terms;
  readonly courses: Courses;
  readonly users: Users;
  readonly sections: Sections;
  readonly resources: Resources;
  readonly districts: Districts;
  readonly events: Events;
  readonly #transport: Transport;

  constructor(options: HallpassOptions) {
    const { token, apiKey, url = urlFrom('HALLPASS_DATA_API_URL', URL_OF_START) } = options;
    if ((token === undefined) === (apiKey === undefined)) throw new TypeError('give either token or apiKey');
    const source: TokenSource = typeof token === 'function' ? token : () => token as string;
    const transport = new Transport(
      url,
      {
        authorization: async (refused) =>
          apiKey === undefined ? `Bearer ${await source(refused?.slice(7))}` : basic(apiKey, ''),
      },
      options,
    );
    if (apiKey !== undefined)
      transport.warn(
        'Hallpass: apiKey is deprecated. Use a token for each district; HallpassApp finds them.',
      );
    this.#transport = transport;
    this.schools = new Schools(transport, '/v3.1/schools');
    this.terms = new Terms(transport, '/v3.1/terms');
    this.courses = new Courses(transport, '/v3.1/courses');
    this.users = new Users(transport, '/v3.1/users');
    this.sections = new Sections(transport, '/v3.1/sections');
    this.resources = new Resources(transport, '/v3.1/resources');
    this.districts = new Districts(transport, '/v3.1/districts');
    this.events = new Events(transport);
  }

  /** The district whose token this is. With a key of several, the first. */
  async district(options: CallOptions = {}): Promise<District> {
    const { records } = (await this.districts.list(options).pages().next()).value as { records: District[] };
    return records[0] as District;
  }

  /** Whose credential it is: of a token, its district. */
  async me({ signal }: CallOptions = {}): Promise<Me> {
    return (await this.#transport.json<{ data: Me }>({ path: '/v3.1/me', signal })).data;
  }

  /** What the credential opens now: districts, fields, limits, until when. */
  async access({ signal }: CallOptions = {}): Promise<Access> {
    return (await this.#transport.json<{ data: Access }>({ path: '/access', signal })).data;
  }

  /** The records of a kind that is known by name only when the program runs. */
  list<K extends Kind>(
    kind: K,
    options: ConstructorParameters<typeof Listing>[3] = {},
  ): Listing<RecordOf[K]> {
    if (!KINDS.includes(kind)) throw new TypeError(`kind is one of ${KINDS.join(', ')}`);
    return new Listing<RecordOf[K]>(this.#transport, `/v3.1/${kind}`, {}, options);
  }

  /** Everything that is shared, or the kinds that are wanted, in one answer that is read as it comes. */
  export(options: ExportOptions = {}): Export {
    return new Export(this.#transport, options);
  }

  /**
   * Brings a copy of the roster up to date, step by step: a full pull first, what changed since then later. Keep the `checkpoint`
   * of each step with what it changed; a sync that broke off goes on from it, and begins anew by itself where that is too old.
   */
  sync(options: SyncOptions = {}): AsyncGenerator<SyncStep, void, void> {
    return sync(this.#transport, options);
  }
}
