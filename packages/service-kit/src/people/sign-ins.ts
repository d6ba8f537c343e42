import {
  beginTotp,
  beginViewing,
  confirmTotp,
  endSessions,
  endTotp,
  endViewing,
  findPerson,
  findPersonLink,
  findStaff,
  hasFreshLink,
  keyOf,
  latestMembership,
  membershipsOf,
  namePerson,
  noteVouched,
  openPersonLink,
  openSession,
  openTotp,
  recordOwn,
  setPassword,
  takeRecoveryCode,
  takeTotpStep,
  viewedMemberships,
  writeMail,
  type InstallationKeys,
  type PersonRow,
} from '@hallpass/database';
import {
  DomainError,
  hashSecret,
  isFreshSignIn,
  normalEmail,
  sessionEnd,
  type PersonId,
} from '@hallpass/domain';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { AuthorityWatch } from '../access/authority-watch.js';
import { FailedSignIns } from '../access/failed-sign-ins.js';
import { Problem } from '../problems/problem.js';
import { INSTALLATION_KEYS } from '../tokens.js';
import { Passwords } from './passwords.js';
import { PersonMails } from './person-mails.js';
import type {
  AcceptLinkRequest,
  PersonLinkResponse,
  SessionResponse,
  SignInRequest,
  TotpBegun,
} from './people.dto.js';
import { requireFresh, Sessions, type PersonPrincipal } from './sessions.js';
import { newTotp, totpStep } from './totp.js';

/** A link of a reset that was asked for less than so long ago is not followed by another one: nobody's mailbox is filled. */
const RESET_SECONDS = 120;

type Caller = Pick<FastifyRequest, 'ip' | 'id' | 'headers'>;
/** A session that has just begun: the secret is for its cookie. */
export interface Begun {
  secret: string;
  session: SessionResponse;
}

/** Signing in and out, and what people do about their own password and authenticator app. */
@Injectable()
export class SignIns implements OnModuleDestroy {
  readonly #logger = new Logger('people');
  readonly #later = new Set<Promise<unknown>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: Sessions,
    private readonly passwords: Passwords,
    private readonly mails: PersonMails,
    private readonly failures: FailedSignIns,
    private readonly watch: AuthorityWatch,
    @Inject(INSTALLATION_KEYS) private readonly keys: InstallationKeys,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#later);
  }

  /** Who is unknown, disabled or without a password is refused as one with a wrong password is, and as slowly. */
  async signIn(caller: Caller, { email, password, totp }: SignInRequest, now: Date): Promise<Begun> {
    this.sessions.requireOwnOrigin(caller);
    const found = await findPerson(this.dataSource, { email });
    const isStaff = this.sessions.audience === 'staff';
    const staff = found && isStaff ? await findStaff(this.dataSource, found.id) : null;
    const person = found && !found.disabledAt && (!isStaff || staff) ? found : undefined;
    await this.#requirePassword(caller, person, email, password, now, found?.id);
    await this.#requireSecond(caller, person as PersonRow, totp, now);
    return this.#begin(caller, person as PersonRow, 'person.signed-in');
  }

  /**
   * Signs in whom an identity provider vouches for, at the pages of staff. It finds a person whom we know by the address and makes
   * none; the second factor is the provider's to ask for.
   */
  async signInVouched(caller: Caller, email: string, now: Date): Promise<Begun> {
    this.failures.requireFew(caller.ip, now);
    const found = await findPerson(this.dataSource, { email });
    const staff = found && !found.disabledAt ? await findStaff(this.dataSource, found.id) : null;
    if (!found || !staff) {
      if (found) await recordOwn(this.dataSource, found.id, caller.id, 'person.sign-in-failed');
      throw new Problem('staff-unknown', {
        detail: 'Nobody of the staff has this address, or the account is disabled. Ask an administrator.',
      });
    }
    return this.#begin(caller, found, 'person.signed-in', undefined, true);
  }

  /** Begins a session of a member of staff who looks at the pages of a partner's app or a district, by the code that hands it over. */
  async beginViewing(caller: Caller, code: string, now: Date): Promise<Begun> {
    this.sessions.requireOwnOrigin(caller);
    this.failures.requireFew(caller.ip, now);
    const old = this.sessions.secretOf(caller);
    const secret = await this.dataSource
      .transaction(async (tx) => {
        const { id: viewingId, personId } = await beginViewing(tx, this.keys, code, caller.id);
        if (old !== undefined) await this.#endBySecret(tx, old);
        return openSession(tx, this.keys, { personId, audience: this.sessions.audience, viewingId });
      })
      .catch((error: unknown) => {
        if (error instanceof DomainError) this.failures.count(caller.ip, now);
        throw error;
      });
    return this.#begun(secret, old !== undefined);
  }

  /** Gives the password again: what demands that it was given just now is open for a while. The session goes on under a new id. */
  async reauthenticate(
    caller: Caller,
    { session, secret }: PersonPrincipal,
    { password, totp }: { password: string; totp?: string | undefined },
    now: Date,
  ): Promise<Begun> {
    const person = await this.#own(session.personId);
    await this.#requirePassword(caller, person, person.email, password, now);
    await this.#requireSecond(caller, person, totp, now);
    const { createdAt } = session;
    return this.#begin(caller, person, 'person.reauthenticated', { secret, createdAt });
  }

  async describe({ session, secret }: PersonPrincipal): Promise<SessionResponse> {
    const { personId, staff, viewing } = session;
    const person = await this.#own(personId);
    const { partners, districts } = viewing
      ? await viewedMemberships(this.dataSource, viewing.place)
      : await membershipsOf(this.dataSource, personId);
    const expiresAt = sessionEnd(session, this.sessions.kindOf(session)).toISOString();
    return {
      person: {
        id: personId,
        name: person.name,
        email: person.email,
        hasTotp: person.totpSealed !== null,
      },
      csrfToken: this.sessions.csrfToken(secret),
      authenticatedAt: session.authenticatedAt.toISOString(),
      expiresAt,
      memberships: {
        partners,
        districts,
        staff: staff && { operatorId: staff.operatorId, role: staff.role },
      },
      actingAs: viewing && {
        staffName: viewing.operatorName,
        reason: viewing.reason,
        until: expiresAt,
        place: viewing.place.type,
        id: viewing.place.id,
      },
    };
  }

  /** Ends this session, or all that the person has anywhere; nothing of it is let in once this has answered. */
  async signOut(caller: Caller, { session }: PersonPrincipal, isEverywhere: boolean): Promise<void> {
    const { id, personId, viewing } = session;
    await this.dataSource.transaction(async (tx) => {
      if (viewing) await endViewing(tx, viewing, caller.id);
      await endSessions(tx, personId, isEverywhere ? undefined : id);
      await recordOwn(
        tx,
        personId,
        caller.id,
        isEverywhere ? 'person.signed-out-everywhere' : 'person.signed-out',
      );
    });
    await this.watch.look();
  }

  /** Every session ends, the caller's own goes on under a new id. */
  async changePassword(
    caller: Caller,
    { session }: PersonPrincipal,
    { password, newPassword }: { password: string; newPassword: string },
    now: Date,
  ): Promise<string> {
    const person = await this.#own(session.personId);
    await this.#requirePassword(caller, person, person.email, password, now);
    await this.passwords.requireStrong(newPassword, person.email);
    const passwordHash = await this.passwords.hash(newPassword);
    const secret = await this.dataSource.transaction(async (tx) => {
      await setPassword(tx, person.id, passwordHash);
      await recordOwn(tx, person.id, caller.id, 'person.password-changed');
      const { audience } = this.sessions;
      const mail = this.mails.passwordChanged();
      if (this.mails.isWritten) await writeMail(tx, { recipients: [person.email], ...mail });
      return openSession(tx, this.keys, { personId: person.id, audience });
    });
    await this.watch.look();
    return secret;
  }

  async beginTotp({ session }: PersonPrincipal, now: Date): Promise<TotpBegun> {
    requireFresh(isFreshSignIn(session, now));
    const person = await this.#own(session.personId);
    const made = newTotp(person.email);
    await this.dataSource.transaction((tx) => beginTotp(tx, this.keys, person.id, made.secret));
    return made;
  }

  async confirmTotp(
    caller: Caller,
    { session }: PersonPrincipal,
    code: string,
    now: Date,
  ): Promise<string[]> {
    requireFresh(isFreshSignIn(session, now));
    const { id, totpPending } = await this.#own(session.personId);
    return this.dataSource.transaction(async (tx) => {
      const secret = totpPending && (await openTotp(tx, this.keys, id, totpPending));
      const step = secret ? totpStep(secret, code, now) : undefined;
      if (step === undefined)
        throw new DomainError('totp-code-wrong', 'This is not the code that the app shows now.');
      await recordOwn(tx, id, caller.id, 'person.totp-set-up');
      return confirmTotp(tx, this.keys, id, step);
    });
  }

  async endTotp(
    caller: Caller,
    { session }: PersonPrincipal,
    { password, code }: { password: string; code: string },
    now: Date,
  ): Promise<void> {
    const person = await this.#own(session.personId);
    await this.#requirePassword(caller, person, person.email, password, now);
    await this.#requireSecond(caller, person, code, now);
    await this.dataSource.transaction(async (tx) => {
      await endTotp(tx, person.id);
      await recordOwn(tx, person.id, caller.id, 'person.totp-ended');
    });
  }

  /** Whether anybody has the address is told neither by the answer nor by how long it takes. */
  requestReset(caller: Caller, email: string, now: Date): void {
    this.sessions.requireOwnOrigin(caller);
    this.failures.requireFew(caller.ip, now);
    this.failures.count(caller.ip, now);
    this.#afterwards(() => this.#sendReset(caller, email));
  }

  async lookUp(caller: Caller, code: string, now: Date): Promise<PersonLinkResponse> {
    this.failures.requireFew(caller.ip, now);
    const { personId, purpose } = await this.#link(caller, code, now);
    const { email } = await this.#own(personId);
    if (purpose === 'reset') return { purpose, email };
    const invitedTo = await latestMembership(this.dataSource, personId);
    return { purpose, email, ...(invitedTo === undefined ? {} : { invitedTo }) };
  }

  /** Sets the password that a link is for, and signs its person in. The mail alone is no second factor: who has one gives it. */
  async accept(caller: Caller, request: AcceptLinkRequest, now: Date): Promise<Begun> {
    this.sessions.requireOwnOrigin(caller);
    this.failures.requireFew(caller.ip, now);
    const { code, name, password, totp } = request;
    const person = await this.#own((await this.#link(caller, code, now)).personId);
    const isStaff = this.sessions.audience === 'staff';
    if (isStaff && !(await findStaff(this.dataSource, person.id)))
      throw new DomainError('not-found', 'The link is not for the pages of staff.');
    await this.passwords.requireStrong(password, person.email);
    await this.#requireSecond(caller, person, totp, now);
    const passwordHash = await this.passwords.hash(password);
    await this.dataSource.transaction(async (tx) => {
      // Held now: of two who follow the link one alone does.
      const { purpose } = await findPersonLink(tx, this.keys, code);
      await setPassword(tx, person.id, passwordHash);
      if (name !== undefined) await namePerson(tx, person.id, name);
      const action = purpose === 'reset' ? 'person.password-reset' : 'person.invitation-accepted';
      await recordOwn(tx, person.id, caller.id, action);
    });
    await this.watch.look();
    return this.#begin(caller, { ...person, name: name ?? person.name }, 'person.signed-in');
  }

  async #begin(
    caller: Caller,
    person: PersonRow,
    action: string,
    renewed?: { secret: string; createdAt: Date },
    isVouched = false,
  ): Promise<Begun> {
    const { audience } = this.sessions;
    // Whatever session the browser had ends: an id that somebody else may have planted opens nothing.
    const old = renewed?.secret ?? this.sessions.secretOf(caller);
    const secret = await this.dataSource.transaction(async (tx) => {
      if (old !== undefined) await this.#endBySecret(tx, old);
      await recordOwn(tx, person.id, caller.id, action, {
        audience,
        ...(isVouched ? { by: 'identity provider' } : {}),
      });
      if (isVouched) await noteVouched(tx, person.id);
      return openSession(tx, this.keys, {
        personId: person.id,
        audience,
        ...(renewed ? { createdAt: renewed.createdAt } : {}),
      });
    });
    return this.#begun(secret, old !== undefined);
  }

  async #begun(secret: string, hasEnded: boolean): Promise<Begun> {
    if (hasEnded) await this.watch.look();
    const session = await this.sessions.read(this.dataSource, secret);
    if (!session) throw new Error('a session that has just begun is gone');
    return { secret, session: await this.describe({ session, secret }) };
  }

  async #endBySecret(tx: Parameters<typeof endSessions>[0], secret: string): Promise<void> {
    const session = await this.sessions.read(tx, secret);
    if (session) await endSessions(tx, session.personId, session.id);
  }

  async #requirePassword(
    caller: Caller,
    person: PersonRow | undefined,
    email: string,
    password: string,
    now: Date,
    knownAs = person?.id,
  ): Promise<void> {
    const account = this.#account(email);
    this.failures.requireFew(caller.ip, now, account);
    if (await this.passwords.isRight(person?.passwordHash, password)) return;
    this.#refuse(caller, account, knownAs, now);
    throw new Problem('sign-in-failed', {
      detail: 'The e-mail address and the password do not belong together.',
    });
  }

  /** The code of the authenticator app, or a recovery code, of whoever has set one up. */
  async #requireSecond(
    caller: Caller,
    { id, email, totpSealed }: PersonRow,
    code: string | undefined,
    now: Date,
  ): Promise<void> {
    if (!totpSealed) return;
    const account = this.#account(email);
    this.failures.requireFew(caller.ip, now, account);
    if (code !== undefined && (await this.#isSecond(id, totpSealed, code, now))) return;
    if (code !== undefined) this.#refuse(caller, account, id, now);
    throw new Problem('totp-needed', {
      detail: 'Send the code that your authenticator app shows now, or a recovery code, as `totp`.',
    });
  }

  async #isSecond(id: PersonId, sealed: Buffer, code: string, now: Date): Promise<boolean> {
    if (!/^\d{6}$/.test(code)) return takeRecoveryCode(this.dataSource, this.keys, id, code);
    const step = totpStep(await openTotp(this.dataSource, this.keys, id, sealed), code, now);
    return step !== undefined && (await takeTotpStep(this.dataSource, id, step));
  }

  #refuse(caller: Caller, account: string, id: PersonId | undefined, now: Date): void {
    this.failures.count(caller.ip, now, account);
    // Nobody waits for it: an answer that took longer for those who are known would tell who is.
    if (id) this.#afterwards(() => recordOwn(this.dataSource, id, caller.id, 'person.sign-in-failed'));
  }

  async #sendReset(caller: Caller, email: string): Promise<void> {
    if (!this.mails.isWritten) return;
    await this.dataSource.transaction(async (tx) => {
      const person = await findPerson(tx, { email });
      if (!person || person.disabledAt) return;
      const isStaff = this.sessions.audience === 'staff';
      if (isStaff && !(await findStaff(tx, person.id))) return;
      // Who has never been here is sent the invitation again.
      const purpose = person.passwordHash === null ? 'invitation' : 'reset';
      if (await hasFreshLink(tx, person.id, purpose, RESET_SECONDS)) return;
      const code = await openPersonLink(tx, this.keys, person.id, purpose);
      const mail = this.mails.reset(this.mails.linkOf(this.sessions.audience, code));
      await writeMail(tx, { recipients: [person.email], ...mail });
      await recordOwn(tx, person.id, caller.id, 'person.reset-asked');
    });
  }

  async #link(caller: Caller, code: string, now: Date) {
    try {
      return await findPersonLink(this.dataSource, this.keys, code);
    } catch (error) {
      if (error instanceof DomainError) this.failures.count(caller.ip, now);
      throw error;
    }
  }

  async #own(id: PersonId): Promise<PersonRow> {
    const person = await findPerson(this.dataSource, { id });
    if (!person) throw new Error('a person who has signed in is gone');
    return person;
  }

  /** Names an account to the counters of limits, which are kept elsewhere, without its address. */
  #account(email: string): string {
    const { peppers } = this.keys;
    return hashSecret(keyOf(peppers, peppers.primary), `account|${normalEmail(email)}`)
      .toString('hex')
      .slice(0, 32);
  }

  #afterwards(work: () => Promise<unknown>): void {
    const done = work()
      .catch((error: unknown) => this.#logger.error({ stack: (error as Error).stack }))
      .finally(() => this.#later.delete(done));
    this.#later.add(done);
  }
}
