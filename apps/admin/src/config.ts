import { SealingServiceConfig } from '@hallpass/service-kit';
import { IsBoolean, IsInt, IsString, Max, Min } from 'class-validator';

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

  override get sendsMail(): boolean {
    return this.SENDS_MAIL;
  }
}
