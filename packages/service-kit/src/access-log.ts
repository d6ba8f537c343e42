import { Readable } from 'node:stream';
import { accessLog, type AccessLogEntry, type AccessLogRange, type Sql } from '@hallpass/database';
import { RECORD_KINDS, type AppId, type DistrictId, type RecordKind } from '@hallpass/domain';
import { StreamableFile } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsISO8601, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvLines } from './csv.js';
import { ID_MESSAGE, ID_PATTERN } from './ids.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const CSV_PAGE = 1000;

/** What of an access log is asked for, and as what. */
export class AccessLogQuery {
  @ApiPropertyOptional({
    format: 'date',
    description: 'The first day (UTC); all that is kept, when left out',
  })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'from is a day: 2026-09-30' })
  @Matches(DAY, { message: 'from is a day: 2026-09-30' })
  from?: string;

  @ApiPropertyOptional({ format: 'date', description: 'The last day (UTC)' })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'to is a day: 2026-09-30' })
  @Matches(DAY, { message: 'to is a day: 2026-09-30' })
  to?: string;

  @ApiPropertyOptional({ description: 'Only what this app was served' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: ID_MESSAGE })
  appId?: string;

  @ApiPropertyOptional({
    enum: ['json', 'csv'],
    description: 'csv gives all of it as one file, as `Accept: text/csv` does',
  })
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';

  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 100;

  @ApiPropertyOptional({ description: 'The `next` of the page before' })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}\.[0-9a-f]{24}\.(token|api-key)\.[a-z]+$/, {
    message: 'startingAfter is taken from `next`',
  })
  startingAfter?: string;

  /** The day that it names, which has to be one. */
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'startingAfter is taken from `next`' })
  get startingDay(): string | undefined {
    return this.startingAfter?.slice(0, 10);
  }
}

class AccessLogApp {
  @ApiProperty()
  id!: AppId;

  @ApiProperty()
  name!: string;
}

export class AccessLogLine {
  @ApiProperty({ format: 'date', description: 'In UTC' })
  day!: string;

  @ApiProperty()
  app!: AccessLogApp;

  @ApiProperty({ enum: ['token', 'api-key'], description: 'With which kind of credential' })
  credentialType!: 'token' | 'api-key';

  @ApiProperty({ enum: RECORD_KINDS })
  kind!: RecordKind;

  @ApiProperty({ description: 'The answers that held any records of the kind' })
  calls!: number;

  @ApiProperty({ description: 'The records in them; one that was sent twice counts twice' })
  records!: number;
}

export class AccessLogPage {
  @ApiProperty({ type: [AccessLogLine], description: 'The newest day first' })
  data!: AccessLogLine[];

  @ApiProperty({ type: String, nullable: true })
  next!: string | null;
}

/** Answers with a district's access log: a page of it, or all of it as CSV. */
export async function answerAccessLog(
  sql: Sql,
  districtId: DistrictId,
  { limit, startingAfter, format, from, to, appId }: AccessLogQuery,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<AccessLogPage | StreamableFile> {
  const range = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(appId === undefined ? {} : { appId: appId as AppId }),
  };
  reply.header('vary', 'accept');
  const wantsCsv = format === 'csv' || (format === undefined && isCsv(request.headers.accept));
  if (wantsCsv) {
    reply.headers({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="access-log-${districtId}.csv"`,
    });
    // The first page is read before anything is sent, so that a fault can still be told.
    const lines = logLines(sql, districtId, range);
    const { value: begin = '' } = await lines.next();
    return new StreamableFile(Readable.from(joined(begin, lines)));
  }
  const page = {
    ...range,
    limit: limit + 1,
    ...(startingAfter === undefined ? {} : { after: placeOf(startingAfter) }),
  };
  const found = await accessLog(sql, districtId, page);
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return { data, next: found.length > limit && last ? cursorOf(last) : null };
}

async function* logLines(
  sql: Sql,
  districtId: DistrictId,
  range: Omit<AccessLogRange, 'limit'>,
): AsyncGenerator<string, undefined> {
  let text = csvLines([['day', 'app id', 'app', 'credential', 'kind', 'answers', 'records']]);
  let after: AccessLogRange['after'];
  for (;;) {
    const page = { ...range, limit: CSV_PAGE, ...(after ? { after } : {}) };
    const found = await accessLog(sql, districtId, page);
    text += csvLines(
      found.map(({ day, app, credentialType, kind, calls, records }) => [
        day,
        app.id,
        app.name,
        credentialType,
        kind,
        calls,
        records,
      ]),
    );
    yield text;
    const last = found.at(-1);
    if (!last || found.length < CSV_PAGE) return undefined;
    after = { ...last, appId: last.app.id };
    text = '';
  }
}

async function* joined(begin: string, rest: AsyncGenerator<string, undefined>): AsyncGenerator<string> {
  yield begin;
  yield* rest;
}

function isCsv(accept = ''): boolean {
  return /(^|,)\s*text\/csv\s*(;|,|$)/i.test(accept);
}

function cursorOf({ day, app, credentialType, kind }: AccessLogEntry): string {
  return [day, app.id, credentialType, kind].join('.');
}

function placeOf(cursor: string): NonNullable<AccessLogRange['after']> {
  const [day = '', appId = '', credentialType = '', kind = ''] = cursor.split('.');
  return { day, appId, credentialType, kind };
}
