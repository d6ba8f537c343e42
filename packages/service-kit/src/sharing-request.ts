import type { GrantRow } from '@hallpass/database';
import {
  CHOSEN_KINDS,
  DomainError,
  OPERATORS,
  attributesOf,
  parseSelection,
  resolveField,
  type GrantTerm,
  type QualifiedField,
  type Selection,
  type SharingChange,
} from '@hallpass/domain';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsObject, IsOptional, IsString, ValidateBy } from 'class-validator';

const RULES = CHOSEN_KINDS.map((kind) => `${kind}: ${attributesOf(kind).join(', ')}`).join('; ');

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A day, which begins at midnight UTC, or an instant of RFC 3339; or null. */
function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) =>
        value === null ||
        (typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(new Date(value).getTime())),
      defaultMessage: (args) =>
        `${args?.property} is a day (2026-08-01) or an instant with its offset (2026-08-01T06:00:00Z)`,
    },
  });
}

/** What a district chooses to share, as requests say it. */
export class SharingRequest {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: [
      'Which records: {"type": "everything"}, {"type": "schools", "schoolIds": […]}, {"type": "sections", "sectionIds": […]},',
      'or {"type": "rules", "rules": [{"kind", "conditions": [{"attribute", "operator", "values": […]}]}]}: what any rule',
      `chooses is shared. Operators: ${OPERATORS.join(', ')}. Attributes: ${RULES}.`,
    ].join(' '),
    example: {
      type: 'rules',
      rules: [{ kind: 'section', conditions: [{ attribute: 'subject', operator: 'is', values: ['math'] }] }],
    },
  })
  @IsOptional()
  @IsObject()
  selection?: Record<string, unknown>;

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

  @ApiPropertyOptional({ description: 'From this instant on; at once by default' })
  @IsOptional()
  @IsInstant()
  startsAt?: string | null;

  @ApiPropertyOptional({ description: 'Until this instant; without end by default' })
  @IsOptional()
  @IsInstant()
  endsAt?: string | null;
}

/** How it changes its mind; what is left out stays as it is. */
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

/** The term that a request names; what it leaves out is left out. */
export function toTerm({ startsAt, endsAt }: SharingRequest): GrantTerm {
  const instant = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...(startsAt === undefined ? {} : { startsAt: instant(startsAt) }),
    ...(endsAt === undefined ? {} : { endsAt: instant(endsAt) }),
  };
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

/** The selection that a request names. */
export function toSelection({ selection }: SharingRequest): Selection | undefined {
  return selection && parseSelection(selection);
}

/** A change of a grant as the domain has it. */
export function toSharingChange(request: ChangeGrantRequest): SharingChange & GrantTerm {
  const selection = toSelection(request);
  return {
    ...(selection ? { selection } : {}),
    ...toTerm(request),
    hidden: toFields(request.hideFields ?? []),
    shown: toFields(request.showFields ?? []),
  };
}

/** A grant as staff, its app and its district may see it. */
export function toGrantResponse(grant: GrantRow) {
  const { fingerprint: _name, narrowingTo, ...shown } = grant;
  return { ...shown, isNarrowing: narrowingTo !== null };
}
