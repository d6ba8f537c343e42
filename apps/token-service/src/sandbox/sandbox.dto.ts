import { ApiProperty } from '@nestjs/swagger';

export class SandboxResponse {
  @ApiProperty() districtId!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null while it is being made' })
  grantId!: string | null;
}
