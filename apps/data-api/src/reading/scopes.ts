import type { DistrictScope, RecordId, RecordKind } from '@hallpass/domain';
import { Problem, type VerifiedAccess } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';
import { compileRule } from './compiled-rule.js';
import { RosterRepository, type Place } from './roster.repository.js';

/** One district that a request may read. */
export type Scope = Place;

/** What a credential opens, at one picture. */
export interface OpenScopes {
  scopes: Scope[];
  /** What links carry; a token's reading that is not pinned yet has none before it has read. */
  pin: string | undefined;
}

/** Finds the districts that a request may read, each at the picture that its links pin. */
@Injectable()
export class ScopeReader {
  constructor(private readonly repository: RosterRepository) {}

  /**
   * The districts that the credential opens, each at the pinned picture. A token's one is read at its own seq; those of a key
   * at one edition, which is what orders publications across districts.
   */
  open(access: VerifiedAccess, at: string | undefined): OpenScopes | Promise<OpenScopes> {
    const { scopes } = access.decision;
    if (access.credential.type === 'api-key') return this.#openKey(access, at);
    const seq = at === undefined ? null : Number(at);
    if (Number.isNaN(seq)) throw wrongPin();
    return { scopes: scopes.map((scope) => scopeAt(scope, seq)), pin: at };
  }

  async #openKey({ decision: { scopes } }: VerifiedAccess, at: string | undefined): Promise<OpenScopes> {
    if (at !== undefined && !at.startsWith('e')) throw wrongPin();
    const newest = await this.repository.edition();
    const edition = at === undefined ? newest : Number(at.slice(1));
    if (edition > newest) throw wrongPin();
    const places = scopes.map((scope) => scopeAt(scope, null));
    return { scopes: await this.repository.placesAtEdition(places, edition), pin: `e${edition}` };
  }

  /** The one scope in which the record may be shown. */
  async locate(scopes: readonly Scope[], kind: RecordKind, id: RecordId): Promise<Scope | undefined> {
    if (scopes.length <= 1) return scopes[0];
    const index = await this.repository.locate(scopes, kind, id);
    return index === undefined ? undefined : scopes[index];
  }
}

const wrongPin = () =>
  new Problem('cursor-invalid', { detail: 'The link’s `at` was not given out for this credential.' });

function scopeAt({ districtId, grantId, rule }: DistrictScope, at: number | null): Scope {
  return { districtId, grantId, rule: compileRule(rule), at };
}
