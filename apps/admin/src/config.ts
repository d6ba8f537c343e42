import { SealingServiceConfig } from '@hallpass/service-kit';
import {
  IsBoolean,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateBy,
} from 'class-validator';

/** Where plain http is no danger: a provider on the same machine. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isBare = username === '' && password === '' && search === '' && hash === '';
  return isBare && (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname)));
}

/** A field that counts only where there is an identity provider. */
const WithProvider = () => ValidateIf(({ OIDC_ISSUER }: AdminConfig) => OIDC_ISSUER !== '');

/** What the admin service is configured by, beside what every service is. */
export class AdminConfig extends SealingServiceConfig {
  override PORT: number = 4003;

  /** Folder for uploaded rosters, which are deleted as soon as their import has ended. */
  @IsString()
  HALLPASS_DATA_DIR: string = '.hallpass/uploads';

  /** The largest roster archive that is accepted, in MiB. */
  @IsInt()
  @Min(1)
  @Max(16_384)
  UPLOAD_MAX_MIB: number = 2048;

  /** Whether the token service has SMTP_URL, and so sends the mails that are written here; if not, whoever invites is given the link. */
  @IsBoolean()
  SENDS_MAIL: boolean = false;

  /** The identity provider of staff, by its OpenID Connect issuer; without it staff sign in by password alone. */
  @WithProvider()
  @ValidateBy({
    name: 'isIssuer',
    validator: {
      validate: isIssuer,
      defaultMessage: () =>
        'OIDC_ISSUER is the https address of an OpenID Connect issuer (http on loopback alone)',
    },
  })
  OIDC_ISSUER: string = '';

  /** As which client Hallpass is registered there, with `<ADMIN_URL>/v1/sign-in/oidc/callback` as its redirect URI. */
  @WithProvider()
  @Matches(/^\S+$/, {
    message: 'OIDC_CLIENT_ID is missing: as which client Hallpass is known to OIDC_ISSUER',
  })
  OIDC_CLIENT_ID: string = '';

  /** The secret of that client. */
  @WithProvider()
  @Matches(/^\S+$/, { message: 'OIDC_CLIENT_SECRET is missing: the secret of OIDC_CLIENT_ID' })
  OIDC_CLIENT_SECRET: string = '';

  /** Of which e-mail domains people may sign in through it, with commas; all, when empty. */
  @Matches(/^[A-Za-z0-9.,\s-]*$/, {
    message: 'OIDC_EMAIL_DOMAINS are domains with commas: example.org,example.net',
  })
  OIDC_EMAIL_DOMAINS: string = '';

  /** What its button says behind "Sign in with". */
  @IsString()
  @MaxLength(40)
  OIDC_LABEL: string = 'single sign-on';

  override get sendsMail(): boolean {
    return this.SENDS_MAIL;
  }
}
