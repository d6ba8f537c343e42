import type { GrantRow } from '@hallpass/database';
import {
  DomainError,
  resolveField,
  type QualifiedField,
  type RecordId,
  type Selection,
} from '@hallpass/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ID_MESSAGE, ID_PATTERN } from '../ids.js';

export class SelectionRequest {
  @ApiProperty({ enum: ['everything', 'schools'] })
  @IsIn(['everything', 'schools'])
  type!: Selection['type'];

  @ApiPropertyOptional({ type: [String], description: 'The chosen schools, where the type is `schools`' })
  @ValidateIf((request: SelectionRequest) => request.type === 'schools' || request.schoolIds !== undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10_000)
  @Matches(ID_PATTERN, { each: true, message: ID_MESSAGE })
  schoolIds?: string[];
}

export class SharingRequest {
  @ApiPropertyOptional({ description: 'Which records' })
  @IsOptional()
  @ValidateNested()
  @Type(() => SelectionRequest)
  selection?: SelectionRequest;

  @ApiPropertyOptional({
    type: [String],
    example: ['student.dob', 'user.email'],
    description: 'Fields to hide, as kind.field',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  hideFields?: string[];
}

export class ChangeGrantRequest extends SharingRequest {
  @ApiPropertyOptional({
    type: [String],
    example: ['student.dob'],
    description: 'Hidden fields to show again, as kind.field, of those that the app asked for',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  showFields?: string[];
}

export class ApproveGrantRequest extends SharingRequest {
  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId!: string;

  @ApiProperty()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  districtId!: string;
}

export function toSelection(request: SelectionRequest): Selection {
  if (request.type === 'everything') return { type: 'everything' };
  return { type: 'schools', schoolIds: [...new Set(request.schoolIds)] as RecordId[] };
}

/** The fields that people named, or the error that names those that nobody knows. */
export function toFields(texts: readonly string[]): QualifiedField[] {
  const resolved = texts.map((text) => ({ text, fields: resolveField(text) }));
  const unknown = resolved.filter(({ fields }) => fields.length === 0).map(({ text }) => text);
  if (unknown.length > 0)
    throw new DomainError(
      'unknown-field',
      `No kind has the field ${unknown.join(', ')}. A field is written kind.field: student.dob, user.email, school.phone.`,
    );
  return resolved.flatMap(({ fields }) => fields);
}

export function toGrantResponse(grant: GrantRow) {
  const { fingerprint: _name, narrowingTo, ...shown } = grant;
  return { ...shown, isNarrowing: narrowingTo !== null };
}
