import type { ImportChangesQuery } from '@hallpass/database';
import { CHANGE_TYPES, LISTED_KINDS, type ChangeType, type ListedKind } from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { SearchedPage } from './searched-page.js';

/** Which changes of an import are looked at. */
export class ImportChangesRequest extends SearchedPage {
  @ApiProperty({ enum: LISTED_KINDS, description: 'A kind of record, or the people of a role' })
  @IsIn(LISTED_KINDS)
  kind!: ListedKind;

  @ApiPropertyOptional({ enum: CHANGE_TYPES, description: 'What became of a record; absent: anything' })
  @IsOptional()
  @IsIn(CHANGE_TYPES)
  type?: ChangeType;
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
