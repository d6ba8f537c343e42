import { ID_MESSAGE, ID_PATTERN, SharingRequest } from '@hallpass/service-kit';
import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

export class ApproveGrantRequest extends SharingRequest {
  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId!: string;

  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  districtId!: string;
}
