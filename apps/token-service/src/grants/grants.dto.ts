import { GRANT_STATUSES, GRANT_WAITS, type GrantStatus, type GrantWait } from '@hallpass/domain';
import { ApiProperty } from '@nestjs/swagger';

/** A grant as its app and its district see it. */
export class GrantResponse {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  appId!: string;

  @ApiProperty()
  districtId!: string;

  @ApiProperty({ enum: GRANT_STATUSES })
  status!: GrantStatus;

  @ApiProperty({
    type: String,
    enum: GRANT_WAITS,
    nullable: true,
    description: 'app: its consent; publication: what was chosen is being made ready, which ends by itself',
  })
  awaits!: GrantWait | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Which records' })
  selection!: object;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Which fields, by kind' })
  fields!: object;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  startsAt!: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  endsAt!: Date | null;

  @ApiProperty({ description: 'While it is changed the grant answers 503' })
  isNarrowing!: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  changedAt!: Date;
}

export class GrantsPage {
  @ApiProperty({ type: [GrantResponse] })
  data!: GrantResponse[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;
}
