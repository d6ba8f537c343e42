import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { stringify } from 'csv-stringify/sync';
import type { FastifyReply } from 'fastify';
import { ListQuery } from './list-page.js';

const FORMATS = ['json', 'csv'] as const;
const FORMAT = {
  enum: FORMATS,
  default: 'json',
  description: 'csv: the same as a sheet',
} as const;

/** In which form an answer is wanted. */
export class FormatQuery {
  @ApiPropertyOptional(FORMAT)
  @IsOptional()
  @IsIn(FORMATS)
  format: (typeof FORMATS)[number] = 'json';
}

/** The same of a list. */
export class SheetQuery extends ListQuery {
  @ApiPropertyOptional(FORMAT)
  @IsOptional()
  @IsIn(FORMATS)
  format: (typeof FORMATS)[number] = 'json';
}

/** Answers with a sheet, under a file name for those who save it. */
export function sendCsv(reply: FastifyReply, name: string, text: string): string {
  reply.header('content-type', 'text/csv; charset=utf-8; header=present');
  reply.header('content-disposition', `attachment; filename="${name}.csv"`);
  return text;
}

const OPTIONS = {
  record_delimiter: 'windows',
  escape_formulas: true,
  cast: { date: (date: Date) => date.toISOString(), boolean: String },
} as const;

/** Lines of CSV (RFC 4180). What a spreadsheet would take for a formula is kept from being one. */
export function csvLines(lines: readonly (readonly unknown[])[]): string {
  return stringify(lines as unknown[][], OPTIONS);
}

/** Rows as CSV under these headings. */
export function csvOf<Row>(
  columns: Readonly<Record<string, (row: Row) => unknown>>,
  rows: readonly Row[],
): string {
  const values = Object.values(columns);
  return csvLines([Object.keys(columns), ...rows.map((row) => values.map((value) => value(row)))]);
}
