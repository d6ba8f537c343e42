import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { ClientVerifier, type ClientPrincipal } from './client-access.js';
import { CredentialVerifier, type JudgedAccess } from './credential-verifier.js';
import { DistrictVerifier, type DistrictPrincipal } from './district-access.js';
import { Sessions, type MemberPrincipal, type PersonPrincipal } from '../people/sessions.js';
import { OperatorVerifier, type OperatorPrincipal } from './operator-access.js';

// Passport's view of the four verifiers: what authenticates a request, by the name that a guard asks for. An Authorization
// header is looked at first; a session counts where there is none.

/** A district's token, or a legacy API key. */
@Injectable()
export class RosterStrategy extends PassportStrategy(Strategy, 'roster') {
  constructor(private readonly verifier: CredentialVerifier) {
    super();
  }

  validate(request: FastifyRequest): JudgedAccess | Promise<JudgedAccess> {
    return this.verifier.judge(request.headers.authorization, request.ip, new Date());
  }
}

/** An app, by client id and secret or by an assertion that it has signed. */
@Injectable()
export class ClientStrategy extends PassportStrategy(Strategy, 'client') {
  constructor(private readonly verifier: ClientVerifier) {
    super();
  }

  validate(request: FastifyRequest): ClientPrincipal | Promise<ClientPrincipal> {
    return this.verifier.verify(request, new Date());
  }
}

/** An app, by its own credentials or by the session of a member of its partner. */
@Injectable()
export class AppStrategy extends PassportStrategy(Strategy, 'app') {
  constructor(
    private readonly verifier: ClientVerifier,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  validate(request: FastifyRequest): ClientPrincipal | Promise<ClientPrincipal> {
    return isBySession(this.sessions, request)
      ? this.sessions.app(request, new Date())
      : this.verifier.verify(request, new Date());
  }
}

/** A person who has signed in. */
@Injectable()
export class PersonStrategy extends PassportStrategy(Strategy, 'person') {
  constructor(private readonly sessions: Sessions) {
    super();
  }

  validate(request: FastifyRequest): Promise<PersonPrincipal> {
    return this.sessions.require(request, new Date());
  }
}

/** A member of a partner or a district who has signed in. */
@Injectable()
export class MemberStrategy extends PassportStrategy(Strategy, 'member') {
  constructor(private readonly sessions: Sessions) {
    super();
  }

  validate(request: FastifyRequest): Promise<MemberPrincipal> {
    return this.sessions.member(request, new Date());
  }
}

function isBySession(sessions: Sessions, request: FastifyRequest): boolean {
  return request.headers.authorization === undefined && sessions.secretOf(request) !== undefined;
}

/** Somebody who acts for a district, by portal token or by session. */
@Injectable()
export class DistrictStrategy extends PassportStrategy(Strategy, 'district') {
  constructor(
    private readonly verifier: DistrictVerifier,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  validate(request: FastifyRequest): Promise<DistrictPrincipal> {
    if (isBySession(this.sessions, request)) return this.sessions.district(request, new Date());
    return this.verifier.verify(request.headers.authorization, request.ip, new Date());
  }
}

/** A member of staff, by operator token or by session. */
@Injectable()
export class OperatorStrategy extends PassportStrategy(Strategy, 'operator') {
  constructor(
    private readonly verifier: OperatorVerifier,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  validate(request: FastifyRequest): Promise<OperatorPrincipal> {
    if (isBySession(this.sessions, request)) return this.sessions.operator(request, new Date());
    return this.verifier.verify(request.headers.authorization, request.ip, new Date());
  }
}
