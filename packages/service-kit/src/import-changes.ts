import type { ImportChangesQuery } from '@hallpass/database';
import { CHANGE_TYPES, LISTED_KINDS, type ChangeType, type ListedKind } from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, NotContains } from 'class-validator';

/** Which changes of an import are looked at. In a body, for a name is nothing for an address. */
export class ImportChangesRequest {
  @ApiProperty({ enum: LISTED_KINDS, description: 'A kind of record, or the people of a role' })
  @IsIn(LISTED_KINDS)
  kind!: ListedKind;

  @ApiPropertyOptional({ enum: CHANGE_TYPES, description: 'What became of a record; absent: anything' })
  @IsOptional()
  @IsIn(CHANGE_TYPES)
  type?: ChangeType;

  @ApiPropertyOptional({ maxLength: 100, description: 'A part of the name' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  @NotContains('\0')
  search?: string;

  @ApiPropertyOptional({ maxLength: 1000, description: 'The `next` of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  @NotContains('\0')
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}

class ImportChangeResponse {
  @ApiProperty() id!: string;
  @ApiProperty({ description: 'Its name' }) title!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'created, updated with the previous attributes (null: not there before), or deleted',
  })
  change!: object;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'The whole record as it was; null of one that was not there',
  })
  before!: object | null;
}

export class ImportChangesResponse {
  @ApiProperty({ type: [ImportChangeResponse] }) data!: ImportChangeResponse[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

/** What is asked, as the command takes it. */
export function toChangesQuery(
  place: Pick<ImportChangesQuery, 'districtId' | 'importId'>,
  { kind, type, search, after, limit }: ImportChangesRequest,
): ImportChangesQuery {
  return { ...place, kind, type: type ?? null, search: search ?? '', after: after ?? '', limit };
}
