import type { components } from './api/data-api.js';
import { Listing, type ListOptions } from './listing.js';
import type { CallOptions, Query, Transport } from './transport.js';

type Schemas = components['schemas'];
export type District = Schemas['District'];
export type School = Schemas['School'];
export type Term = Schemas['Term'];
export type Course = Schemas['Course'];
export type Section = Schemas['Section'];
export type User = Schemas['User'];
/** Teaching material. */
export type Resource = Schemas['Resource'];

/** A hat of a user. */
export type Role = 'student' | 'teacher' | 'staff' | 'contact' | 'district_admin';

/** The kinds of record, by their collections, in the order in which each refers to those before it. */
export const KINDS = ['schools', 'terms', 'courses', 'users', 'sections', 'resources'] as const;
export type Kind = (typeof KINDS)[number];

/** What the records of each kind are. */
export interface RecordOf {
  schools: School;
  terms: Term;
  courses: Course;
  users: User;
  sections: Section;
  resources: Resource;
}

/** A record, and what kind it is of. */
export type RosterRecord = { [K in Kind]: { kind: K; id: string; data: RecordOf[K] } }[Kind];

export interface FieldOptions extends CallOptions {
  /** Shows these fields alone, by path, as `roles.student.grade`. */
  fields?: readonly string[] | undefined;
}

export interface RecordsOptions extends ListOptions, FieldOptions {}

export interface UsersOptions extends RecordsOptions {
  /** Those with this hat alone. */
  role?: Role | undefined;
}

export interface PlacesOptions {
  /** Only where it is the user's first school. */
  primary?: boolean | undefined;
}

/** A collection of the data API. */
class Collection<T> {
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  /** One record. Throws NotFoundError where there is none, or it is not shared. */
  async get(id: string, { fields, signal }: FieldOptions = {}): Promise<T> {
    return this.one<T>(id, undefined, fields, signal);
  }

  protected async one<Other>(
    id: string,
    child?: string,
    fields?: readonly string[],
    signal?: AbortSignal,
  ): Promise<Other> {
    const path = this.pathOf(id, child);
    const { data } = await this.#transport.json<{ data: Other }>({ path, query: { fields }, signal });
    return data;
  }

  protected listing<Other>(
    path: string,
    query: Query,
    { fields, ...options }: RecordsOptions,
  ): Listing<Other> {
    return new Listing<Other>(this.#transport, path, { ...query, fields }, options);
  }

  protected children<Other>(id: string, child: string, options: RecordsOptions, query: Query = {}) {
    return this.listing<Other>(this.pathOf(id, child), query, options);
  }

  protected pathOf(id?: string, child?: string): string {
    return [this.#path, id, child]
      .filter((part) => part !== undefined)
      .map((part, i) => (i === 1 ? encodeURIComponent(part) : part))
      .join('/');
  }
}

/** A collection that is listed as a whole, and of which each record leads to its district. */
class Records<T> extends Collection<T> {
  /** All of them, page by page. */
  list(options: RecordsOptions = {}): Listing<T> {
    return this.listing<T>(this.pathOf(), {}, options);
  }

  district(id: string, options: CallOptions = {}): Promise<District> {
    return this.one<District>(id, 'district', undefined, options.signal);
  }
}

export class Schools extends Records<School> {
  courses(id: string, options: RecordsOptions = {}): Listing<Course> {
    return this.children(id, 'courses', options);
  }

  sections(id: string, options: RecordsOptions = {}): Listing<Section> {
    return this.children(id, 'sections', options);
  }

  terms(id: string, options: RecordsOptions = {}): Listing<Term> {
    return this.children(id, 'terms', options);
  }

  users(id: string, { role, primary, ...options }: UsersOptions & PlacesOptions = {}): Listing<User> {
    return this.children(id, 'users', options, { role, primary });
  }
}

export class Terms extends Records<Term> {
  schools(id: string, options: RecordsOptions = {}): Listing<School> {
    return this.children(id, 'schools', options);
  }

  sections(id: string, options: RecordsOptions = {}): Listing<Section> {
    return this.children(id, 'sections', options);
  }
}

export class Courses extends Records<Course> {
  resources(id: string, options: RecordsOptions = {}): Listing<Resource> {
    return this.children(id, 'resources', options);
  }

  schools(id: string, options: RecordsOptions = {}): Listing<School> {
    return this.children(id, 'schools', options);
  }

  sections(id: string, options: RecordsOptions = {}): Listing<Section> {
    return this.children(id, 'sections', options);
  }
}

export class Sections extends Records<Section> {
  course(id: string, options: CallOptions = {}): Promise<Course> {
    return this.one(id, 'course', undefined, options.signal);
  }

  school(id: string, options: CallOptions = {}): Promise<School> {
    return this.one(id, 'school', undefined, options.signal);
  }

  term(id: string, options: CallOptions = {}): Promise<Term> {
    return this.one(id, 'term', undefined, options.signal);
  }

  resources(id: string, options: RecordsOptions = {}): Listing<Resource> {
    return this.children(id, 'resources', options);
  }

  users(id: string, { role, ...options }: UsersOptions = {}): Listing<User> {
    return this.children(id, 'users', options, { role });
  }
}

export class Users extends Records<User> {
  /** All of them, or those with one hat, page by page. */
  override list({ role, ...options }: UsersOptions = {}): Listing<User> {
    return this.listing<User>(this.pathOf(), { role }, options);
  }

  contacts(id: string, options: RecordsOptions = {}): Listing<User> {
    return this.children(id, 'mycontacts', options);
  }

  students(id: string, options: RecordsOptions = {}): Listing<User> {
    return this.children(id, 'mystudents', options);
  }

  teachers(id: string, options: RecordsOptions = {}): Listing<User> {
    return this.children(id, 'myteachers', options);
  }

  resources(id: string, options: RecordsOptions = {}): Listing<Resource> {
    return this.children(id, 'resources', options);
  }

  schools(id: string, { primary, ...options }: RecordsOptions & PlacesOptions = {}): Listing<School> {
    return this.children(id, 'schools', options, { primary });
  }

  sections(id: string, options: RecordsOptions = {}): Listing<Section> {
    return this.children(id, 'sections', options);
  }
}

export class Resources extends Collection<Resource> {
  list(options: RecordsOptions = {}): Listing<Resource> {
    return this.listing<Resource>(this.pathOf(), {}, options);
  }

  courses(id: string, options: RecordsOptions = {}): Listing<Course> {
    return this.children(id, 'courses', options);
  }

  sections(id: string, options: RecordsOptions = {}): Listing<Section> {
    return this.children(id, 'sections', options);
  }

  users(id: string, { role, ...options }: UsersOptions = {}): Listing<User> {
    return this.children(id, 'users', options, { role });
  }
}

export class Districts extends Collection<District> {
  list(options: ListOptions = {}): Listing<District> {
    return this.listing<District>(this.pathOf(), {}, options);
  }
}
