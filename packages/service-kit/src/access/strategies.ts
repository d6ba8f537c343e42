import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { ClientVerifier, type ClientPrincipal } from './client-access.js';
import { CredentialVerifier, type JudgedAccess } from './credential-verifier.js';
import { DistrictVerifier, type DistrictPrincipal } from './district-access.js';
import { OperatorVerifier, type OperatorPrincipal } from './operator-access.js';

// Passport's view of the four verifiers: what authenticates a request, by the name that a guard asks for.

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

/** Somebody who acts for a district, by portal token. */
@Injectable()
export class DistrictStrategy extends PassportStrategy(Strategy, 'district') {
  constructor(private readonly verifier: DistrictVerifier) {
    super();
  }

  validate(request: FastifyRequest): Promise<DistrictPrincipal> {
    return this.verifier.verify(request.headers.authorization, request.ip, new Date());
  }
}

/** A member of staff, by operator token. */
@Injectable()
export class OperatorStrategy extends PassportStrategy(Strategy, 'operator') {
  constructor(private readonly verifier: OperatorVerifier) {
    super();
  }

  validate(request: FastifyRequest): Promise<OperatorPrincipal> {
    return this.verifier.verify(request.headers.authorization, request.ip, new Date());
  }
}
