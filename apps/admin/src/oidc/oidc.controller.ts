import { FailedSignIns, Problem, Public, Sessions, SignIns, toProblem } from '@hallpass/service-kit';
import { Body, Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ATTEMPT_SECONDS, OidcSignIn } from './oidc-sign-in.service.js';

class BeginSignInRequest {
  @ApiPropertyOptional({ maxLength: 500, description: 'The path of the page to go on to; our own alone' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  returnTo?: string;
}

class BegunSignInResponse {
  @ApiProperty({ description: 'Where the browser goes next' }) url!: string;
}

class SignInMethodsResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the identity provider is called; null: there is none',
  })
  provider!: string | null;
}

const COOKIE = 'hallpass-sign-in';

/** Signing in through an identity provider; by password, see the session. */
@ApiTags('session')
@Controller('v1/sign-in')
export class OidcController {
  constructor(
    private readonly oidc: OidcSignIn,
    private readonly signIns: SignIns,
    private readonly sessions: Sessions,
    private readonly failures: FailedSignIns,
  ) {}

  @Get('methods')
  @Public()
  @ApiOperation({ summary: 'Says how staff may sign in beside by password' })
  @ApiOkResponse({ type: SignInMethodsResponse })
  methods(): SignInMethodsResponse {
    return { provider: this.oidc.label };
  }

  @Post('oidc')
  @HttpCode(200)
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Begins to sign in through the identity provider' })
  @ApiOkResponse({ type: BegunSignInResponse })
  @ApiResponse({ status: 400, description: 'The request is not as it should be.' })
  @ApiResponse({ status: 404, description: 'No identity provider is set up.' })
  @ApiResponse({ status: 429, description: 'Too many tries have failed.' })
  @ApiResponse({ status: 503, description: 'The identity provider does not answer.' })
  async begin(
    @Body() { returnTo }: BeginSignInRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BegunSignInResponse> {
    const now = new Date();
    this.sessions.requireOwnOrigin(request);
    this.failures.requireFew(request.ip, now);
    const { url, attempt } = await this.oidc.begin(returnTo, now);
    reply.header('set-cookie', this.#cookieOf(attempt));
    return { url };
  }

  @Get('oidc/callback')
  @Public()
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @ApiOperation({
    summary:
      'Where the identity provider sends the browser back; goes on to the page, or to one that says what is wrong',
  })
  @ApiResponse({
    status: 303,
    description: 'Signed in, or refused; refused, the address names the problem’s code.',
  })
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const now = new Date();
    const cookies = [this.#cookieOf(undefined)];
    let path: string;
    try {
      this.failures.requireFew(request.ip, now);
      const query = request.url.slice(request.url.indexOf('?') + 1);
      const { email, returnTo } = await this.oidc.finish(this.#attemptOf(request), query, now);
      const { secret } = await this.signIns.signInVouched(request, email, now);
      cookies.push(this.sessions.cookieOf(secret));
      path = returnTo;
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'unexpected') throw error;
      if (problem instanceof Problem && problem.status < 500) this.failures.count(request.ip, now);
      path = `/sign-in-problem?code=${problem.code}`;
    }
    await reply
      .header('set-cookie', cookies)
      .redirect(`${this.sessions.pagesUrl.replace(/\/$/, '')}${path}`, 303);
  }

  /** Lax: the browser comes back from another site. It opens nothing by itself, and ends with the sign-in. */
  #cookieOf(attempt: string | undefined): string {
    const age = attempt === undefined ? 0 : ATTEMPT_SECONDS;
    const secure = this.#isHttps ? '; Secure' : '';
    return `${this.#cookie}=${attempt ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure}`;
  }

  #attemptOf({ headers }: FastifyRequest): string | undefined {
    const found = (headers.cookie ?? '')
      .split(';')
      .map((each) => each.trim())
      .filter((each) => each.startsWith(`${this.#cookie}=`));
    return found.length === 1 ? found[0]?.slice(this.#cookie.length + 1) : undefined;
  }

  get #isHttps(): boolean {
    return this.sessions.pagesUrl.startsWith('https:');
  }

  get #cookie(): string {
    return this.#isHttps ? `__Host-${COOKIE}` : COOKIE;
  }
}
