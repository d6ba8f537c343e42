import { Body, Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser, PersonAccess, Public } from '../access/access.decorator.js';
import {
  AcceptLinkRequest,
  ChangePasswordRequest,
  EmailRequest,
  EndTotpRequest,
  LinkCodeRequest,
  PasswordRequest,
  PersonLinkResponse,
  RecoveryCodesResponse,
  SessionResponse,
  SignInRequest,
  TotpBegun,
  TotpCodeRequest,
} from './people.dto.js';
import { Sessions, type PersonPrincipal } from './sessions.js';
import { SignIns, type Begun } from './sign-ins.js';

const Malformed = () => ApiResponse({ status: 400, description: 'The request is not as it should be.' });
const Failed = () =>
  ApiResponse({
    status: 401,
    description: 'The password is wrong, or the second factor is missing or wrong.',
  });
const Slow = () => ApiResponse({ status: 429, description: 'Too many tries have failed.' });
const Weak = () => ApiResponse({ status: 422, description: 'The password is weak.' });

/** Signing in and out, by people; the session is a cookie. */
@ApiTags('session')
@Controller('v1')
export class SessionController {
  constructor(
    private readonly signIns: SignIns,
    private readonly sessions: Sessions,
  ) {}

  @Post('session')
  @HttpCode(200)
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Signs a person in' })
  @ApiOkResponse({ type: SessionResponse })
  @Malformed()
  @Failed()
  @Slow()
  async signIn(
    @Body() body: SignInRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionResponse> {
    return this.#answer(reply, await this.signIns.signIn(request, body, new Date()));
  }

  @Get('session')
  @PersonAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Says who has signed in, and of what they are a member' })
  @ApiOkResponse({ type: SessionResponse })
  show(@CurrentUser() person: PersonPrincipal): Promise<SessionResponse> {
    return this.signIns.describe(person);
  }

  @Delete('session')
  @HttpCode(204)
  @PersonAccess()
  @ApiOperation({ summary: 'Signs out' })
  signOut(
    @CurrentUser() person: PersonPrincipal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    return this.#signOut(person, request, reply, false);
  }

  @Delete('session/all')
  @HttpCode(204)
  @PersonAccess()
  @ApiOperation({ summary: 'Signs out everywhere' })
  signOutEverywhere(
    @CurrentUser() person: PersonPrincipal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    return this.#signOut(person, request, reply, true);
  }

  @Post('session/reauthenticate')
  @HttpCode(200)
  @PersonAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Gives the password again, as what shows secrets demands' })
  @ApiOkResponse({ type: SessionResponse })
  @Malformed()
  @Failed()
  async reauthenticate(
    @CurrentUser() person: PersonPrincipal,
    @Body() body: PasswordRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionResponse> {
    return this.#answer(reply, await this.signIns.reauthenticate(request, person, body, new Date()));
  }

  @Post('session/password')
  @HttpCode(204)
  @PersonAccess()
  @ApiOperation({
    summary: 'Changes the password; every other session ends, and this one has another CSRF token',
  })
  @Malformed()
  @Failed()
  @Weak()
  async changePassword(
    @CurrentUser() person: PersonPrincipal,
    @Body() body: ChangePasswordRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const secret = await this.signIns.changePassword(request, person, body, new Date());
    reply.header('set-cookie', this.sessions.cookieOf(secret));
  }

  @Post('session/totp')
  @HttpCode(200)
  @PersonAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Begins to set up an authenticator app' })
  @ApiOkResponse({ type: TotpBegun })
  @ApiResponse({ status: 403, description: 'The password has to be given again.' })
  beginTotp(@CurrentUser() person: PersonPrincipal): Promise<TotpBegun> {
    return this.signIns.beginTotp(person, new Date());
  }

  @Post('session/totp/confirm')
  @HttpCode(200)
  @PersonAccess()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Ends the set-up with a code that the app shows; gives the recovery codes' })
  @ApiOkResponse({ type: RecoveryCodesResponse })
  @Malformed()
  @ApiResponse({ status: 403, description: 'The password has to be given again.' })
  @ApiResponse({ status: 422, description: 'The code is wrong.' })
  async confirmTotp(
    @CurrentUser() person: PersonPrincipal,
    @Body() { code }: TotpCodeRequest,
    @Req() request: FastifyRequest,
  ): Promise<RecoveryCodesResponse> {
    return { recoveryCodes: await this.signIns.confirmTotp(request, person, code, new Date()) };
  }

  @Delete('session/totp')
  @HttpCode(204)
  @PersonAccess()
  @ApiOperation({ summary: 'Does without the authenticator app from now on' })
  @Malformed()
  @Failed()
  endTotp(
    @CurrentUser() person: PersonPrincipal,
    @Body() body: EndTotpRequest,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.signIns.endTotp(request, person, body, new Date());
  }

  @Post('password-resets')
  @HttpCode(202)
  @Public()
  @ApiOperation({ summary: 'Sends a link by which to set another password, if somebody has the address' })
  @Malformed()
  @Slow()
  requestReset(@Body() { email }: EmailRequest, @Req() request: FastifyRequest): void {
    this.signIns.requestReset(request, email, new Date());
  }

  @Post('person-links/look-up')
  @HttpCode(200)
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Says what a link from a mail is for' })
  @ApiOkResponse({ type: PersonLinkResponse })
  @Malformed()
  @ApiResponse({ status: 404, description: 'The link has run out or has been used.' })
  @Slow()
  lookUp(@Body() { code }: LinkCodeRequest, @Req() request: FastifyRequest): Promise<PersonLinkResponse> {
    return this.signIns.lookUp(request, code, new Date());
  }

  @Post('person-links/accept')
  @HttpCode(200)
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Sets the password that a link is for, and signs in' })
  @ApiOkResponse({ type: SessionResponse })
  @Malformed()
  @Failed()
  @ApiResponse({ status: 404, description: 'The link has run out or has been used.' })
  @Weak()
  @Slow()
  async accept(
    @Body() body: AcceptLinkRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionResponse> {
    return this.#answer(reply, await this.signIns.accept(request, body, new Date()));
  }

  #answer(reply: FastifyReply, { secret, session }: Begun): SessionResponse {
    reply.header('set-cookie', this.sessions.cookieOf(secret));
    return session;
  }

  async #signOut(
    person: PersonPrincipal,
    request: FastifyRequest,
    reply: FastifyReply,
    isEverywhere: boolean,
  ): Promise<void> {
    await this.signIns.signOut(request, person, isEverywhere);
    reply.header('set-cookie', this.sessions.cookieOf(undefined));
  }
}
