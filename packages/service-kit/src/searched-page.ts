import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, NotContains } from 'class-validator';

/** A page of records by a part of their name. In a body, for a name is nothing for an address. */
export class SearchedPage {
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
