import { PREVIEW_KINDS, type PreviewKind } from '@hallpass/domain';
import { ChangeGrantRequest, ID_MESSAGE, ID_PATTERN, SearchedPage } from '@hallpass/service-kit';
import { ApiProperty, ApiPropertyOptional, IntersectionType, PickType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';

/** A choice to be looked at before it is made: for an app, for the app of an invitation, or as a change of a grant. */
export class PreviewRequestBody extends IntersectionType(ChangeGrantRequest, SearchedPage) {
  @ApiPropertyOptional({ description: 'The app to share with; one of appId, code and grantId' })
  @ValidateIf(({ code, grantId }: PreviewRequestBody) => code === undefined && grantId === undefined)
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId?: string;

  @ApiPropertyOptional({ description: 'The code of an invitation’s link' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  code?: string;

  @ApiPropertyOptional({ description: 'The grant to change' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  grantId?: string;

  @ApiPropertyOptional({
    enum: PREVIEW_KINDS,
    description: 'Of which kind records are wanted; absent: counts alone',
  })
  @IsOptional()
  @IsIn(PREVIEW_KINDS)
  kind?: PreviewKind;

  @ApiPropertyOptional({ description: 'Records that the app sees now and would see no more', default: false })
  @IsOptional()
  @IsBoolean()
  vanishing?: boolean;
}

/** Which of the district's own records are looked at. */
export class RecordsRequest extends PickType(PreviewRequestBody, ['selection', 'search', 'after', 'limit']) {
  @ApiProperty({ enum: PREVIEW_KINDS })
  @IsIn(PREVIEW_KINDS)
  kind!: PreviewKind;
}

export class PreviewCountResponse {
  @ApiProperty({ enum: PREVIEW_KINDS }) kind!: PreviewKind;
  @ApiProperty({ description: 'What the app would see' }) shown!: number;
  @ApiProperty({ description: 'What the district has' }) of!: number;
  @ApiProperty({ description: 'What the app sees now and would see no more' }) vanishing!: number;
}

export class PreviewRecordResponse {
  @ApiProperty() id!: string;
  @ApiProperty({ description: 'Its name, as far as the app may see it' }) title!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Exactly what the app would be served',
  })
  document!: object;
}

export class PreviewPageResponse {
  @ApiProperty({ type: [PreviewRecordResponse] }) records!: PreviewRecordResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

export class PreviewResponse {
  @ApiProperty({ type: [PreviewCountResponse] }) counts!: readonly PreviewCountResponse[];
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The fields that would be shared, by kind',
  })
  fields!: object;
  @ApiProperty({ type: PreviewPageResponse, nullable: true }) page!: PreviewPageResponse | null;
}
